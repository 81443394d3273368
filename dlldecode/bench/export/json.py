"""The whole report as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..report import Estimate, Report, Row

SCHEMA = 1


def text(report: Report, records: Sequence[Mapping[str, Any]] = ()) -> str:
    """The report, and the records of single items where they are given."""
    values = {
        "schema": SCHEMA,
        "about": dict(report.about),
        "rows": [plain(row) for row in report.rows],
        "areas": [asdict(area) for area in report.areas],
        **({"records": list(records)} if records else {}),
    }
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def plain(row: Row) -> dict[str, Any]:
    """A row with its estimates as objects."""
    named = {"score": row.score, "difference": row.difference}
    beside = [{key: _plain(value) for key, value in pair._asdict().items()} for pair in row.beside]
    return {**asdict(row), **{key: _plain(found) for key, found in named.items()}, "beside": beside}


def _plain(found: Any) -> Any:
    """An estimate as an object."""
    return found._asdict() if isinstance(found, Estimate) else found
