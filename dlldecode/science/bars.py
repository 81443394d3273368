"""What `dlldecode bench --export FILE.json` found, as a table whose columns can be drawn against one another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..bench.report import ALL
from ..errors import UsageError
from .table import Table

FIGURES = ("tpf", "tps", "forwards", "full", "window", "steps", "remasked", "positions")
ABOUT = ("model", "dtype", "device", "date", "command")


def table(file: Path, task: str | None = None) -> Table:
    """Rows of one task; without one, of the mean over all of them. Raises UsageError for a file of another kind."""
    content = _content(file)
    rows: list[dict[str, Any]] = content["rows"]
    wanted = task or (ALL if any(row["task"] == ALL for row in rows) else rows[0]["task"])
    kept = [row for row in rows if row["task"] == wanted]
    if not kept:
        raise UsageError(f"{file} has no task {wanted!r}; it has {', '.join(sorted({row['task'] for row in rows}))}.")
    axes = tuple(dict.fromkeys(axis for row in kept for axis in row["axes"]))
    columns = ("setting", "preset", *axes, "score", "low", "high", *FIGURES)
    about = {key: content["about"][key] for key in ABOUT if key in content["about"]}
    title = f"{kept[0]['items']} items of {'all tasks' if wanted == ALL else wanted}"
    return Table(title, columns, tuple(_row(row, axes) for row in kept), about=about)


def _row(row: dict[str, Any], axes: tuple[str, ...]) -> tuple[Any, ...]:
    score = [round(100 * row["score"][key], 2) for key in ("value", "low", "high")]
    return (row["label"], row["preset"], *(row["axes"].get(axis) for axis in axes), *score, *(row[k] for k in FIGURES))


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror or error}).") from None
    except ValueError:
        raise UsageError(f"{file} is no JSON; give what dlldecode bench --export FILE.json wrote.") from None
    if not isinstance(content, dict) or not content.get("rows") or "about" not in content:
        raise UsageError(f"{file} holds no comparison; give what dlldecode bench --export FILE.json wrote.")
    return content
