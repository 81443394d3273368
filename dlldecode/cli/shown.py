"""Settings as TOML text, and tables as aligned columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def toml_value(value: Any) -> str:
    """A value as TOML spells it; the word none, in quotes, where there is none."""
    if value is None:
        return '"none"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    """In quotes where dots would make it a table of tables."""
    return json.dumps(name) if "." in name else name


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text, columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)
