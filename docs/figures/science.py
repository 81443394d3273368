"""What the questions of docs/science.md found: science/NAME.json, as `make science` writes them."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from .markdown import DOCS, table


def answer(question: str, *columns: str) -> str:
    """What a question of docs/science.md found, from the file that `make science` wrote; some columns, or all."""
    found = _science(question)
    head = columns or tuple(found["rows"][0])
    rows = [[_short(row[name]) for name in head] for row in found["rows"]]
    return f"{_origin(found)}\n\n{table([list(head), *rows])}"


def crossed(question: str, down: str, across: str, *figures: str) -> str:
    """The same with a column for every value of `across`; a cell holds some figures."""
    found = _science(question)
    cells = {(row[down], row[across]): ", ".join(_short(row[name]) for name in figures) for row in found["rows"]}
    heads, downs = (list(dict.fromkeys(row[key] for row in found["rows"])) for key in (across, down))
    named = [f"{across} {head}" if isinstance(head, int) else f"`{head}`" for head in heads]
    rows = [[str(each), *(cells.get((each, head), "–") for head in heads)] for each in downs]
    return f"{_origin(found)}\n\n{table([[down, *named], *rows])}"


def trajectory_table() -> str:
    """By distance and by how much is written: mean confidence, masks above 0.9 and right ones in per cent."""
    found = _science("trajectory")
    rows = [row for row in found["rows"] if row["setting"].endswith("block_length=32")]
    parts, starts = (list(dict.fromkeys(row[key] for row in rows)) for key in ("written", "distance"))
    cells = {(row["distance"], row["written"]): _confidence(row) for row in rows}
    names = [f"{low} to {high - 1}" if high - low > 1 else str(low) for low, high in pairwise(starts)]
    named = dict(zip(starts, [*names, f"{starts[-1]} and more"], strict=True))
    lines = [[name, *(cells[start, part] for part in parts)] for start, name in named.items()]
    return f"{_origin(found)}\n\n{table([['distance', *(f'{part} written' for part in parts)], *lines])}"


def _confidence(row: dict[str, Any]) -> str:
    return f"{row['confidence']:.2f}, {row['above 0.9 %']:.0f}, {row['right in the end %']:.0f}"


def _short(value: Any) -> str:
    """A figure with two decimals."""
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _science(question: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / f"science/{question}.json").read_text(encoding="utf-8"))
    return found


def _origin(found: dict[str, Any]) -> str:
    """What the figures are of."""
    where = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found["about"].items() if key != "command")
    return f"{found['title']}; {where}."
