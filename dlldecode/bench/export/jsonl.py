"""One JSON object a line, one line a row."""

from __future__ import annotations

import json

from ..report import Report
from .json import plain


def text(report: Report) -> str:
    """Every row of the report, those of single tasks and those over all."""
    return "".join(
        json.dumps(plain(row), ensure_ascii=False, allow_nan=False, default=str) + "\n" for row in report.rows
    )
