"""KLASS: writes what is confident and whose whole distribution has stopped changing from step to step.

Kim et al. 2025, "KLASS: KL-Adaptive Stability Sampling", https://arxiv.org/abs/2511.05664. Comparisons and the small
number inside the logarithms are those of the authors' code for LLaDA. That code looks at the whole sequence and so
knows a block's distributions before the block opens; here a window's history begins with the window, which is the
same in the first block, and one step more careful in the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import top
from ..core.shapes import Chances, Mask, Recent, Score
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes, write

SMALL = 1e-12  # keeps logarithms finite; the divergence from nothing (all zeros) becomes more than 10


class Past(NamedTuple):
    """The distributions of the last step, zeros before the first, and the last divergences."""

    chances: Chances
    divergences: Recent


@dataclass(frozen=True)
class Klass(Strategy[Past]):
    """All positions above `threshold` that have been stable for `history` steps; if there is none, the schedule's best.

    A position is stable in a step when its distribution p differs from the one before, q, by a Kullback-Leibler
    divergence KL(p || q) below `divergence`. It remembers a number for every position and entry of the vocabulary.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits"})
    uses_quota: ClassVar[bool] = True

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence above which a stable position is written")] = 0.9
    divergence: Annotated[float, Ge(0), Le(10), Doc("divergence in nats, below which a distribution is stable")] = 0.01
    history: Annotated[int, Ge(1), Le(16), Doc("steps in a row that a distribution must have been stable")] = 2

    def init(self, masked: Mask, vocabulary: int) -> Past:
        """Nothing seen yet, which is stable by no measure."""
        nothing = torch.zeros(*masked.shape, vocabulary, device=masked.device)
        return Past(nothing, torch.full((*masked.shape, self.history), torch.inf, device=masked.device))

    def step(self, view: StepView, state: Past) -> tuple[Decision, Past]:
        """What is ready, else the quota's most confident positions."""
        assert view.extra.logits is not None
        chances = torch.softmax(view.extra.logits.float(), dim=2)
        latest = divergence(chances, state.chances)
        divergences = torch.cat((state.divergences[..., 1:], latest.unsqueeze(2)), dim=2)
        stable = (divergences < self.divergence).all(dim=2)
        ready = view.masked & stable & (view.confidence > self.threshold)
        others = top(view.confidence, view.masked, view.quota) & ~ready.any(dim=1, keepdim=True)
        kind = torch.where(ready, int(Kind.SURE), int(Kind.PLAIN))
        decision = write(view, ready | others, notes=plain_notes(view)._replace(kind=kind))
        return decision, Past(chances, divergences)


def divergence(now: Chances, then: Chances) -> Score:
    """Kullback-Leibler divergence of each position's distribution from that of the step before, in nats."""
    return (now * (torch.log(now + SMALL) - torch.log(then + SMALL))).sum(dim=2)
