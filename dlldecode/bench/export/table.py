"""A table for a terminal: as many columns as fit, the least important ones left out first."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..report import Report, Row
from .columns import Column, columns, names, pairs, scores
from .words import caption, notes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# Left out in this order until the table fits; what has a shorter cell is shortened when its turn comes first.
# A cache that all settings have is no news; where it tells settings apart, it stays.
ORDER = (
    "joules", "remasked", "steps", "memory", "forwards", "tps", "cache", "forwards", "difference", "speedup",
    "difference",
)  # fmt: skip
LONG, SHORTEST = 20, 10  # cells of a preset's name: cut to the first rather than leaving out columns, never below


def text(report: Report, width: int = 80, colored: bool = False, with_notes: bool = True) -> str:
    """The whole: what was measured, the table, the scores of every task, notes."""
    console = _console(width, colored)
    console.print(_wrapped(caption(report), width), end="\n\n", style="dim")
    console.print(_fitting(console, columns(report), report.overall))
    for part in (*_parts(console, report, tuple(scores(report))), *_parts(console, report, tuple(pairs(report)))):
        console.print()
        console.print(_cut(console, part, report.overall))
    console.print()
    for note in notes(report) if with_notes else ():
        console.print(_wrapped(note, width))
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines())


def _console(width: int, colored: bool) -> Console:
    from rich.console import Console

    return Console(
        file=io.StringIO(), width=width, force_terminal=colored, color_system="standard" if colored else None,
        highlight=False, markup=False, emoji=False, soft_wrap=False, legacy_windows=False,
    )  # fmt: skip


def _fitting(console: Console, wanted: Sequence[Column], rows: Sequence[Row]) -> Table:
    """The table with as much as the width takes."""
    for key in ORDER:
        if _width(console, _named(wanted, LONG), rows) <= console.width:
            break
        wanted = tuple(_degraded(wanted, key, rows))
    return _cut(console, wanted, rows)


def _cut(console: Console, wanted: Sequence[Column], rows: Sequence[Row]) -> Table:
    """The table, the presets' names cut where it is too wide: never a figure."""
    longest = max((len(column.cell(row)) for column in wanted[:1] for row in rows), default=0)
    excess = max(0, _width(console, wanted, rows) - console.width)
    return _table(_named(wanted, max(SHORTEST, longest - excess)), rows)


def _named(wanted: Sequence[Column], most: int) -> list[Column]:
    """The columns with names of so many cells, as their ends tell more apart than their middles."""
    first, *others = wanted
    return [replace(first, cell=lambda row: _middled(first.cell(row), most)), *others]


def _middled(name: str, most: int) -> str:
    """A name without its middle where it is too long."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[len(name) - (most - 1) // 2 :]}"


def _degraded(wanted: Sequence[Column], key: str, rows: Sequence[Row]) -> Iterator[Column]:
    """The columns with one of them shortened, or left out where it cannot be."""
    for column in wanted:
        if column.key != key or (key == "cache" and not _is_constant(column, rows)):
            yield column
        elif column.short:
            yield replace(column, cell=column.short, short=None)


def _width(console: Console, wanted: Sequence[Column], rows: Sequence[Row]) -> int:
    return console.measure(_table(wanted, rows), options=console.options.update(width=10_000)).maximum


def _parts(console: Console, report: Report, waiting: Sequence[Column]) -> Iterator[tuple[Column, ...]]:
    """Further columns, on as many tables as the width asks for."""
    who = tuple(each for each in names(report) if not _is_constant(each, report.overall))
    while waiting:
        count = len(waiting)
        while count > 1 and _width(console, (*who, *waiting[:count]), report.overall) > console.width:
            count -= 1
        yield (*who, *waiting[:count])
        waiting = waiting[count:]


def _is_constant(column: Column, rows: Sequence[Row]) -> bool:
    """Whether a cache is no news, as all settings have it."""
    return column.key == "cache" and len({column.cell(row) for row in rows}) == 1


def _table(wanted: Sequence[Column], rows: Sequence[Row]) -> Table:
    """A table of all columns."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in wanted:
        table.add_column(Text(column.head), justify="left" if column.is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(column.cell(row), style=_style(column, row)) for column in wanted))
    return table


def _style(column: Column, row: Row) -> str:
    """Green and red for differences that the interval keeps off 0."""
    if column.key == "preset":
        return "bold"
    if column.key != "difference" or row.difference is None:
        return ""
    return "green" if row.difference.low > 0 else "red" if row.difference.high < 0 else ""


def _wrapped(sentence: str, width: int) -> str:
    return textwrap.fill(sentence, width, break_on_hyphens=False)
