"""One line a row, flat columns: for spreadsheets, data frames and databases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..report import Report, Row

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
            yield [field.name, f"{field.name}_low", f"{field.name}_high"]
        elif field.name in SPREAD:
            yield [key for row in report.rows for key in dict(_spread(field.name, getattr(row, field.name)))]
        else:
            yield [field.name]


def _cells(row: Row) -> Iterator[tuple[str, Any]]:
    for field in fields(Row):
        name, value = field.name, getattr(row, field.name)
        if name in SPLIT and value is not None:
            yield from zip((name, f"{name}_low", f"{name}_high"), value, strict=True)
        elif name in SPREAD:
            yield from _spread(name, value)
        elif name not in SPLIT:
            yield name, value


def _spread(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """`axis_threshold`, `metric_accuracy`, `beside_factor_difference`, `beside_factor_tpf_low`."""
    if name != "beside":
        yield from ((f"{'axis' if name == 'axes' else 'metric'}_{key}", each) for key, each in value.items())
        return
    for pair in value:
        for kind, found in (("difference", pair.difference), ("tpf", pair.tpf)):
            for end, figure in (
                ("", found and found.value),
                ("_low", found and found.low),
                ("_high", found and found.high),
            ):
                yield f"beside_{pair.name}_{kind}{end}", figure
