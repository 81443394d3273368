"""Successive halving: all trials run on a few items, the better half of them on more, and few on all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil

from .evaluate import Evaluator, forwards
from .halves import Question
from .trial import Trial

PARTS = (1 / 4, 1 / 2, 1)  # of the items, round by round
SHARE = 0.46  # of what all trials on all items would take: less than half, since it is an estimate


def rungs(count: int, is_halving: bool = True) -> list[int]:
    """How many of the first items each round takes; the last one takes all."""
    return sorted({ceil(part * count) for part in PARTS}) if is_halving else [count]


def planned(trials: int, sizes: Sequence[int]) -> int:
    """The results that so many trials still ask for between these rounds, of which the first is done."""
    total = 0
    for size, following in pairwise(sizes):
        trials = ceil(trials / 2)
        total += trials * (following - size)
    return total


def race(trials: Sequence[Trial], evaluator: Evaluator, questions: Sequence[Question], is_halving: bool) -> None:
    """Run trials round by round and drop some after each, by comparison on the same items.

    The first one, the reference, runs on all items first: it is never dropped, and tells what items cost.
    """
    reference, *others = trials
    sizes = rungs(len(questions), is_halving)
    evaluator.rows([reference], questions, later=len(others) * sizes[0] + planned(len(others), sizes))
    costs = Costs(evaluator, reference, questions)
    for place, size in enumerate(sizes):
        rows = evaluator.rows(others, questions[:size], later=planned(len(others), sizes[place:]))
        if size < sizes[-1]:
            room = costs.room(trials) / (len(sizes) - 1 - place)
            prices = {trial.number: costs.ahead(trial, size, sizes[place + 1]) for trial in others}
            best = evaluator.goal.order([rows[trial.number] for trial in others])[: ceil(len(others) / 2)]
            others = affordable([others[each] for each in best], prices, room)


def affordable(best: Sequence[Trial], prices: Mapping[int, float], room: float) -> list[Trial]:
    """The first of the best as far as there is room for their prices, one at least, in the order of their numbers."""
    spent = accumulate(prices[trial.number] for trial in best)
    kept = [trial for place, (trial, total) in enumerate(zip(best, spent, strict=True)) if total <= room or not place]
    return sorted(kept, key=lambda trial: trial.number)


@dataclass(frozen=True)
class Costs:
    """Forwards that trials take, as if each took the same multiple of the reference's on every item."""

    evaluator: Evaluator
    reference: Trial
    questions: Sequence[Question]

    def ahead(self, trial: Trial, first: int, last: int) -> float:
        """Forwards of a trial between two numbers of items."""
        own = self._on(trial, 0, self.evaluator.reached[trial.number])
        same = self._on(self.reference, 0, self.evaluator.reached[trial.number])
        return own / max(1, same) * self._on(self.reference, first, last)

    def full(self, trials: Sequence[Trial]) -> float:
        """Forwards of all trials on all items."""
        return sum(self.ahead(trial, 0, len(self.questions)) for trial in trials)

    def spent(self, trials: Sequence[Trial]) -> int:
        """Forwards that trials have taken on the items that they ran on."""
        return sum(self._on(trial, 0, self.evaluator.reached[trial.number]) for trial in trials)

    def room(self, trials: Sequence[Trial]) -> float:
        """Forwards that may still be spent."""
        return SHARE * self.full(trials) - self.spent(trials)

    def _on(self, trial: Trial, first: int, last: int) -> int:
        return forwards(self.evaluator.results(trial, self.questions[first:last]))
