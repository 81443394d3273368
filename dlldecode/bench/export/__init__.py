"""A report in every format, one a file: as a text, or written to files that are checked before anything runs."""

from __future__ import annotations

from ...errors import UsageError
from ..report import Report
from .files import Exports, open_all

__all__ = ["FORMATS", "Exports", "open_all", "text"]

FORMATS = ("table", "md", "csv", "json", "jsonl")


def text(report: Report, format: str = "table", width: int = 80, colored: bool = False) -> str:
    """The report as a text; `width` in cells and colours are for tables. Raises UsageError for an unknown format."""
    from . import csv, json, jsonl, markdown, table

    if format == "table":
        return table.text(report, width, colored)
    writers = {"md": markdown.text, "csv": csv.text, "json": json.text, "jsonl": jsonl.text}
    if format not in writers:
        raise UsageError(f"there is no format {format!r}; choose {', '.join(FORMATS)}.")
    return writers[format](report)
