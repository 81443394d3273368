"""Tables and figures as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

DOCS = Path(__file__).parent.parent
ENDS = ("value", "low", "high")


def table(rows: list[list[str]]) -> str:
    """Rows as a Markdown table, the first one its head."""
    cells = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    rule = " | ".join("---" for _ in rows[0])
    return "\n".join(f"| {line} |" for line in [cells[0], rule, *cells[1:]])


def percent(score: Mapping[str, float]) -> str:
    """A score with half of its interval's width."""
    return f"{100 * score['value']:.1f} ±{50 * (score['high'] - score['low']):.1f}"


def points(difference: Mapping[str, float]) -> str:
    """A difference in points with its interval."""
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * difference[key] for key in ENDS))
