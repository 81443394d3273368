"""A table for a document, with what was measured above it and what the figures mean below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..report import Report
from .columns import columns
from .words import caption, notes


def text(report: Report) -> str:
    """The caption, the table with a column for every task, and the notes as a list."""
    wanted = columns(report, with_tasks=True)
    heads, are_text = [column.head for column in wanted], [column.is_text for column in wanted]
    rows = ([column.cell(row) for column in wanted] for row in report.overall)
    return document(caption(report), table(heads, are_text, rows), notes(report))


def document(caption: str, table: str, notes: Sequence[str] = ()) -> str:
    """A line above a table, and a list below it where there is something to say."""
    listed = "\n".join(f"- {_escaped(note)}" for note in notes)
    return "\n".join([_escaped(caption), "", table, "", *([listed, ""] if notes else [])])


def table(heads: Sequence[str], are_text: Sequence[bool], rows: Iterable[Sequence[str]]) -> str:
    """The table alone; columns of figures stand at the right."""
    rule = ["---" if is_text else "---:" for is_text in are_text]
    return "\n".join(map(_line, [heads, rule, *rows]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    """A text that no renderer takes for markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_<>|" else letter for letter in text)
