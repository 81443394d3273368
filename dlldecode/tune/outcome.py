"""What a study found: every trial with its figures, the front, the pick and the verdict on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..bench.report import Report, Row
from .evaluate import Evaluator
from .halves import Question
from .heldout import Verdict
from .importance import explained
from .trial import Trial

TRIAL = "trial"  # the column of a table that names a trial by its number


@dataclass(frozen=True)
class Entry:
    """A trial, on how many of the search items it ran, its figures there, and those levelled to stand beside others."""

    number: int
    items: int
    row: Row
    level: Row


@dataclass(frozen=True)
class Outcome:
    """`entries` are all trials; `front` and `pick` are numbers of those that ran on `items`, all unless cut off.

    `search` compares the front with the reference on those items. There is no verdict where the search was cut off.
    """

    about: Mapping[str, Any]
    entries: tuple[Entry, ...]
    items: int
    front: tuple[int, ...]
    pick: int | None
    search: Report
    objectives: tuple[str, ...]
    verdict: Verdict | None = None
    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def compared(self) -> tuple[Entry, ...]:
        """The trials that ran on all items that the front was made of."""
        return tuple(entry for entry in self.entries if entry.items >= self.items)

    def entry(self, number: int) -> Entry:
        """A trial by its number."""
        return next(entry for entry in self.entries if entry.number == number)


def outcome(
    evaluator: Evaluator, trials: Sequence[Trial], questions: Sequence[Question], sizes: Sequence[int]
) -> Outcome:
    """What is known so far; `sizes` are numbers of items at which trials are compared."""
    reached = {trial.number: size for trial in trials if (size := _reached(evaluator, trial, questions, sizes))}
    evaluator.reached.update(reached)
    known = {trial.number: trial for trial in trials if trial.number in reached}
    others = [size for number, size in reached.items() if number != evaluator.reference.number]
    items = max(others, default=0) or max(reached.values(), default=0)
    entries = [_entry(evaluator, known[number], questions[:size]) for number, size in reached.items()]
    rows = {number: evaluator.row(known[number], questions[:items]) for number in reached if reached[number] >= items}
    goal = evaluator.goal
    best = [[*rows][place] for place in goal.front([*rows.values()])]
    pick = goal.picked(rows) if rows else None
    shown = dict.fromkeys([evaluator.reference.number, *sorted(best, key=lambda number: rows[number].tpf)])
    compared = [
        known[number]
        for number in [*shown, *([pick] if pick is not None and pick not in shown else [])]
        if number in known
    ]
    search = numbered(evaluator.report(compared, questions[:items], reference=evaluator.reference.label), compared)
    return Outcome({}, tuple(entries), items, tuple(best), pick, search, goal.objectives)


def _entry(evaluator: Evaluator, trial: Trial, questions: Sequence[Question]) -> Entry:
    level = evaluator.level(trial, questions)
    return Entry(trial.number, len(questions), evaluator.row(trial, questions), level)


def _reached(evaluator: Evaluator, trial: Trial, questions: Sequence[Question], sizes: Sequence[int]) -> int:
    """On how many items a trial ran; of one that was cut off, as many as there is a comparison of."""
    if trial.number in evaluator.reached:
        return evaluator.reached[trial.number]
    return max((size for size in sizes if evaluator.is_whole(trial, questions[:size])), default=0)


def numbered(report: Report, trials: Sequence[Trial]) -> Report:
    """A report whose rows say which trial they are."""
    numbers = {trial.label: trial.number for trial in trials}
    rows = tuple(replace(row, axes={TRIAL: numbers[row.label], **row.axes}) for row in report.rows)
    return replace(report, rows=rows)


def shares(evaluator: Evaluator, trials: Sequence[Trial], questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    """How much each axis explains of each objective, over trials that all ran on these items."""
    rows = [evaluator.row(trial, questions) for trial in trials]
    vectors = list(map(evaluator.goal.vector, rows))
    points = [trial.setting.axes for trial in trials]
    return {
        key: explained([vector[place] for vector in vectors], points)
        for place, key in enumerate(evaluator.goal.objectives)
    }
