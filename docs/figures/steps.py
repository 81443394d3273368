"""What a step of every strategy costs: benchmarks/h200-llada-*.json."""

from __future__ import annotations

import json
from typing import Any

from .markdown import DOCS, table

FILES = [DOCS / f"benchmarks/h200-llada-{name}.json" for name in ("strategies", "wino")]
PARTS = (("total", 2), ("forward", 2), ("scoring", 3), ("strategy", 3))


def beside_table() -> str:
    """What every strategy costs beside the forward."""
    head = ["strategy", "window step", "model", "scoring", "strategy, guard, write", "beside %", "full step"]
    found = [case for file in FILES for case in json.loads(file.read_text(encoding="utf-8"))["cases"]]
    return table([head, *(beside_row(case) for case in sorted(found, key=lambda case: case["name"]))])


def beside_row(case: dict[str, Any]) -> list[str]:
    """A strategy's milliseconds."""
    full, window = ({each["kind"]: each for each in case["steps"]}[kind] for kind in ("full", "window"))
    parts = [f"{window[key]:.{digits}f}" for key, digits in PARTS]
    return [f"`{case['name']}`", *parts, f"{100 * window['beside']:.1f}", f"{full['total']:.2f}"]
