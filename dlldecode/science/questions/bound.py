"""How often tokens written together under the condition (n + 1)(1 - c) < 1 are not what one at a time would write.

DiCo's theorem (https://arxiv.org/abs/2602.23792) and Fast-dLLM's factor rule (https://arxiv.org/abs/2505.22618) bear a
set of n tokens whose least confidence is c. DiCo applies it to each cluster alone, so that what a step writes in all
of them is borne by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import torch

from ..look import filled
from ..source import Decoding, Source, State, gathered
from ..table import Table

PRESETS = ("factor", "dico", "hierarchy")
AXES = ()
LINES = None
SIZES = ((2, "2"), (3, "3 to 4"), (5, "5 to 8"), (9, "9 or more"))  # the least size, and what such sets are called
COLUMNS = (
    "preset", "set", "size", "(n + 1)(1 - c) < 1", "sets", "sets that differ %", "tokens that differ %", "bound %",
)  # fmt: skip
PHASES = ("none", "conquer")  # steps that write by a bar; seeds and what is left over are other rules


class Case(NamedTuple):
    """Sets of one preset: what was taken for a set, its size, and whether the condition holds."""

    preset: str
    unit: str
    size: str
    bears: bool


class Set(NamedTuple):
    """Positions that a step wrote together."""

    case: Case
    canvas: list[int]
    places: list[int]
    tokens: list[int]
    doubt: float  # sum of 1 - c


class Outcome(NamedTuple):
    """How many of a set's tokens differ, how many there are, and how many the confidences let one expect."""

    different: int
    size: int
    doubt: float


def answer(source: Source) -> Table:
    """A line for each preset, unit and size."""
    found = gathered(source, partial(outcomes, source))
    order = [name for _, name in SIZES]
    cases = sorted(found, key=lambda case: (case.preset, case.unit, order.index(case.size), not case.bears))
    return Table(
        "Sets of tokens written together against the same positions written one at a time",
        COLUMNS,
        tuple(_line(case, found[case]) for case in cases),
    )


def _line(case: Case, outcomes: list[Outcome]) -> tuple[object, ...]:
    sets = len(outcomes)
    wrong = sum(outcome.different > 0 for outcome in outcomes) / sets
    tokens = sum(outcome.different for outcome in outcomes) / sum(outcome.size for outcome in outcomes)
    bound = sum(min(1.0, outcome.doubt) for outcome in outcomes) / sets
    shares = (round(100 * share, 1) for share in (wrong, tokens, bound))
    return (case.preset, case.unit, case.size, "yes" if case.bears else "no", sets, *shares)


def outcomes(source: Source, decoding: Decoding) -> Iterator[tuple[Case, Outcome]]:
    """What becomes of each set of one decoding."""
    sets = [one for state in decoding.states() if state.step.phase in PHASES for one in sets_of(decoding, state)]
    if not sets:
        return
    canvases = torch.tensor([one.canvas for one in sets])
    hidden, written = torch.zeros_like(canvases, dtype=torch.bool), canvases.clone()
    for row, one in enumerate(sets):
        hidden[row, one.places] = True
        written[row, one.places] = torch.tensor(one.tokens)
    single, _ = filled(source.model, decoding.prompt, canvases, hidden)
    different = (hidden & (single != written)).sum(dim=1).tolist()
    for one, count in zip(sets, different, strict=True):
        yield one.case, Outcome(count, len(one.places), one.doubt)


def sets_of(decoding: Decoding, state: State) -> Iterator[Set]:
    """All that a step writes into masks, and in a step with clusters what it writes into each of them."""
    fresh = [each for each in state.step.commits if state.canvas[each.position] == decoding.mask_id]
    units = [("step", fresh)]
    for first, last in state.step.clusters:
        units.append(("cluster", [each for each in fresh if first <= each.position <= last]))
    for unit, commits in units:
        if len(commits) >= SIZES[0][0]:
            least = min(each.confidence for each in commits)
            case = Case(decoding.setting.label, unit, size_of(len(commits)), (len(commits) + 1) * (1 - least) < 1)
            places, tokens = [each.position for each in commits], [each.token for each in commits]
            yield Set(case, state.canvas, places, tokens, sum(1 - each.confidence for each in commits))


def size_of(count: int) -> str:
    """What sets of so many are called."""
    return next(name for least, name in reversed(SIZES) if count >= least)
