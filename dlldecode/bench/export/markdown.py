"""A table for a document, with what was measured above it and what the figures mean below it."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import Report
from .columns import columns
from .words import caption, notes


def text(report: Report) -> str:
    """The caption, the table with a column for every task, and the notes as a list."""
    wanted = columns(report, with_tasks=True)
    lines = [
        _line([column.head for column in wanted]),
        _line(["---" if column.is_text else "---:" for column in wanted]),
        *(_line([column.cell(row) for column in wanted]) for row in report.overall),
    ]
    listed = "\n".join(f"- {_escaped(note)}" for note in notes(report))
    return "\n".join([_escaped(caption(report)), "", *lines, "", listed, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    """A text that no renderer takes for markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_<>|" else letter for letter in text)
