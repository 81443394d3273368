"""Trials decoded on items, every result kept as it comes, and their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..bench import compare
from ..bench.measure import Group
from ..bench.records import Record, Records
from ..bench.report import Estimate, Report, Row
from ..bench.session import WarmedUp
from .goal import ITSELF, Goal
from .halves import Question
from .trial import Trial

Decode = Callable[[Iterable[Group]], Iterator[Record | WarmedUp]]


@dataclass
class Evaluator:
    """Decodes what is not there yet, of the items of `whole`.

    `reached` says on how many of the first items each trial ran, by number. `seen` is called with a trial's number and
    figures, levelled, as soon as all items asked of it are there, `expect` with the number of results still to come.
    """

    records: Records
    decode: Decode
    goal: Goal
    reference: Trial
    whole: Sequence[Question]
    seen: Callable[[int, Row], None] = lambda number, row: None
    expect: Callable[[int], None] = lambda count: None
    reached: dict[int, int] = field(default_factory=dict)
    _rows: dict[tuple[int, int], Row] = field(default_factory=dict, repr=False)

    def rows(self, trials: Sequence[Trial], questions: Sequence[Question], later: int = 0) -> dict[int, Row]:
        """The figures of every trial on these items, by number; what is not there is decoded, `later` more after it."""
        groups = list(self.left(trials, questions))
        self.expect(sum(len(group.items) for group in groups) + later)
        self._run(trials, questions, groups)
        for trial in trials:
            self.reached[trial.number] = max(len(questions), self.reached.get(trial.number, 0))
        return {trial.number: self.row(trial, questions) for trial in trials}

    def row(self, trial: Trial, questions: Sequence[Question]) -> Row:
        """The figures of a trial that has run on these items, the first ones of `whole`."""
        place = trial.number, len(questions)
        if place not in self._rows:
            self._rows[place] = self._row(trial, questions)
        return self._rows[place]

    def _row(self, trial: Trial, questions: Sequence[Question]) -> Row:
        gate = self.goal.constraint
        beside = gate is not None and gate.key in ITSELF and trial is not self.reference
        compared = [self.reference, trial] if beside else [trial]
        return self.report(compared, questions).overall[-1]

    def level(self, trial: Trial, questions: Sequence[Question]) -> Row:
        """The figures of a trial on some items, moved to where the reference is on all: so as to be shown together.

        The score is moved by as much as the reference's differs, TPF by the quotient; the interval is left out.
        """
        row = self.row(trial, questions)
        if len(questions) == len(self.whole) or not self.is_whole(self.reference, self.whole):
            return row
        there, here = (self.row(self.reference, asked) for asked in (self.whole, questions))
        score = min(1.0, max(0.0, row.score.value + there.score.value - here.score.value))
        return replace(row, score=Estimate(score, score, score), tpf=row.tpf * there.tpf / (here.tpf or 1.0))

    def report(self, trials: Sequence[Trial], questions: Sequence[Question], **about: object) -> Report:
        """A comparison of trials on these items, as far as they are there, the first one the reference."""
        tasks = list(dict.fromkeys(each.task.task for each in questions))
        found = [record for trial in trials for record in self.results(trial, questions)]
        compared = compare.report(found, [trial.label for trial in trials], tasks, about, is_pooled=True)
        return replace(compared, areas=())  # which are about curves, and these are points of many

    def results(self, trial: Trial, questions: Sequence[Question]) -> list[Record]:
        """The results of a trial on these items, as far as they are there."""
        return [self.records.known[key] for key in trial.keys(questions) if key in self.records.known]

    def is_whole(self, trial: Trial, questions: Sequence[Question]) -> bool:
        """Whether a trial has a result for all these items, be it a failure."""
        return all(key in self.records.known for key in trial.keys(questions))

    def _run(self, trials: Sequence[Trial], questions: Sequence[Question], groups: Sequence[Group]) -> None:
        """Decode what is left, and tell of each trial when it is through."""
        by_label = {trial.label: trial for trial in trials}
        waiting: Counter[str] = Counter()
        for group in groups:
            waiting[group.setting.label] += len(group.items)
        for trial in trials:
            if not waiting[trial.label]:
                self.seen(trial.number, self.level(trial, questions))
        for found in self.decode(groups):
            if isinstance(found, WarmedUp):
                continue
            self.records.append(found)
            label = found["setting"]
            waiting[label] -= 1
            if not waiting[label]:
                self.seen(by_label[label].number, self.level(by_label[label], questions))

    def left(self, trials: Sequence[Trial], questions: Sequence[Question]) -> Iterator[Group]:
        """The groups of trials without the items that are done."""
        for trial in trials:
            for group in trial.on(questions):
                keys = ((item, trial.names[group.task.task, item.id]) for item in group.items)
                items = [item for item, key in keys if not self.records.is_done(key)]
                if items:
                    yield group.with_items(items)


def forwards(results: Iterable[Record]) -> int:
    """Calls of the model that results took."""
    return sum(result["forwards"]["total"] for result in results)
