"""An outcome as a table, as one JSON object, or as a JSON object for every trial."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ..bench.export import table
from ..bench.export.json import plain
from ..bench.report import Row
from .outcome import Entry, Outcome

SCHEMA = 1


def text(outcome: Outcome, format: str, width: int = 80, colored: bool = False) -> str:
    """The outcome in a format: table, json or jsonl."""
    if format == "json":
        return _dumped(whole(outcome), indent=1)
    if format == "jsonl":
        return "".join(_dumped(entry(outcome, each)) for each in outcome.entries)
    return "\n".join(_tables(outcome, width, colored))


def _dumped(values: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def whole(outcome: Outcome) -> dict[str, Any]:
    """Everything there is to tell."""
    verdict = outcome.verdict
    heldout = verdict and {
        "outcome": verdict.outcome,
        "sentence": verdict.sentence,
        "tpf": verdict.tpf and verdict.tpf._asdict(),
        "rows": [plain(row) for row in verdict.report.rows],
    }
    return {
        "schema": SCHEMA,
        "about": dict(outcome.about),
        "reference": 0,
        "pick": None if outcome.pick is None else entry(outcome, outcome.entry(outcome.pick)),
        "front": list(outcome.front),
        "heldout": heldout,
        "importance": outcome.importance,
        "trials": [entry(outcome, each) for each in outcome.entries],
    }


def entry(outcome: Outcome, found: Entry) -> dict[str, Any]:
    """A trial: its figures on the search items that it ran on, and what became of it."""
    number = found.number
    became = {"on_front": number in outcome.front, "is_pick": number == outcome.pick, "is_reference": number == 0}
    return {"trial": number, **became, **plain(found.row), "items": found.items}


def _tables(outcome: Outcome, width: int, colored: bool) -> Iterator[str]:
    """The front on the items of the search, the pick on those held out, the conclusion, and what it took."""
    last = outcome.verdict.report if outcome.verdict and outcome.verdict.report.rows else None
    yield f"The front on the search half, {outcome.items} items, the reference first\n"
    yield table.text(outcome.search, width, colored, with_notes=last is None)
    if last:
        yield "Held-out half, which the search did not see\n"
        yield table.text(last, width, colored)
    yield from (textwrap.fill(line, width, break_on_hyphens=False) for line in _sentences(outcome))
    yield ""


def _sentences(outcome: Outcome) -> Iterator[str]:
    for key, axes in outcome.importance.items():
        found = ", ".join(
            f"{axis} {100 * share:.0f} %" for axis, share in sorted(axes.items(), key=lambda each: -each[1])
        )
        yield f"Importance for {key}: {found}."
    yield from _cost(outcome.about)
    if outcome.pick is not None:
        yield f"Pick: trial {outcome.pick}, {outcome.entry(outcome.pick).row.label}."
    if outcome.verdict:
        yield outcome.verdict.sentence


def _cost(about: Mapping[str, Any]) -> Iterator[str]:
    spent = about["forwards"]
    refused = f"; {about['refused']} points were refused by the strategy" if about["refused"] else ""
    yield (
        f"{about['trials']} trials in {spent['search']} forwards, {100 * spent['share']:.0f} % of the"
        f" {spent['full']:.0f} that all of them on all {about['search_items']} search items would take"
        f" (estimated){refused}."
    )


def figures(row: Row) -> str:
    """Score and TPF of a row in one line."""
    value, low, high = (100 * figure for figure in row.score)
    return f"score {value:.1f} % [{low:.1f}, {high:.1f}], TPF {row.tpf:.2f}, {row.items} items"
