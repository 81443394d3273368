"""One line a row, flat columns: for spreadsheets, data frames and databases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..report import Estimate, Report, Row

SPLIT = ("score", "difference")  # figures with an interval: three columns
SPREAD = ("axes", "metrics", "beside")  # a column for every key


def text(report: Report) -> str:
    """The table; what is not known is empty."""
    rows = [dict(_cells(row)) for row in report.rows]
    heads = [*dict.fromkeys(head for kind in _heads(report) for head in kind)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _heads(report: Report) -> Iterator[list[str]]:
    """The columns in their order, however few of the spread ones a single row has."""
    for field in fields(Row):
        if field.name in SPLIT:
            yield [head for head, _ in _with_interval(field.name, None)]
        elif field.name in SPREAD:
            yield [key for row in report.rows for key in dict(_spread(field.name, getattr(row, field.name)))]
        else:
            yield [field.name]


def _cells(row: Row) -> Iterator[tuple[str, Any]]:
    for field in fields(Row):
        name, value = field.name, getattr(row, field.name)
        if name in SPLIT:
            yield from _with_interval(name, value)
        elif name in SPREAD:
            yield from _spread(name, value)
        else:
            yield name, value


def _spread(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """`axis_threshold`, `metric_accuracy`, `beside_factor_difference`, `beside_factor_tpf_low`."""
    if name != "beside":
        yield from ((f"{'axis' if name == 'axes' else 'metric'}_{key}", each) for key, each in value.items())
        return
    for pair in value:
        for kind, found in (("difference", pair.difference), ("tpf", pair.tpf)):
            yield from _with_interval(f"beside_{pair.name}_{kind}", found)


def _with_interval(name: str, found: Estimate | None) -> Iterator[tuple[str, float | None]]:
    """A figure in three columns, empty where it is not known."""
    yield from zip((name, f"{name}_low", f"{name}_high"), found or (None, None, None), strict=True)
