"""A table of figures, how it is drawn, and the files that it is written to."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..bench.export import markdown
from ..bench.export.columns import said
from ..bench.export.files import check_place
from ..errors import UsageError

SUFFIXES = (".md", ".csv", ".json", ".svg", ".png")


class Lines(NamedTuple):
    """Which columns make a picture: what runs across and up, whose points are joined, and what each panel is of.

    With `doubling` every step to the right doubles.
    """

    across: str
    up: str
    by: str
    doubling: bool = False
    panel: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows of figures under named columns; `title` says what they are of, `about` where they come from."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    lines: Lines | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> list[Any]:
        """The figures of a column. Raises UsageError for one that is not there."""
        if name not in self.columns:
            raise UsageError(f"there is no column {name!r}; there are {', '.join(self.columns)}.")
        return [row[self.columns.index(name)] for row in self.rows]

    def caption(self) -> str:
        """What the figures are of, and where they come from, in one line."""
        where = ", ".join(f"{key.replace('_', ' ')} {said(value)}" for key, value in self.about.items())
        return f"{self.title}; {where}" if where else self.title


def written(table: Table, suffix: str) -> bytes:
    """A table as a file of that suffix holds it. Raises UsageError for a picture of a table that has none."""
    if suffix == ".csv":
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([table.columns, *table.rows])
        return stream.getvalue().encode()
    if suffix == ".json":
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        values = {"schema": 1, "title": table.title, "about": dict(table.about), "rows": rows}
        return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()
    if suffix == ".md":
        return text(table).encode()
    from .chart import picture

    return picture(table, suffix[1:])


def text(table: Table) -> str:
    """The caption and the table in Markdown."""
    are_text = [any(isinstance(cell, str) for cell in table.column(name)) for name in table.columns]
    cells = [[said(cell) for cell in row] for row in table.rows]
    return markdown.document(table.caption(), markdown.table(table.columns, are_text, cells))


def check(files: Sequence[Path], has_picture: bool) -> None:
    """Raise UsageError for a file that nothing can be written to, before anything is decoded."""
    for file in files:
        if file.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{file} has a suffix that stands for nothing; choose {', '.join(SUFFIXES)}.")
        if file.suffix.lower() in (".svg", ".png") and not has_picture:
            raise UsageError(f"{file}: this table has no picture; choose .md, .csv or .json.")
        check_place(file)
