"""KLASS: writes what is confident and whose whole distribution has stopped changing from step to step.

Kim et al. 2025, "KLASS: KL-Adaptive Stability Sampling", https://arxiv.org/abs/2511.05664. Comparisons and the small
number inside the logarithms are those of the authors' code for LLaDA. That code looks at the whole sequence and so
knows a block's distributions before the block opens; here a window's history begins with the window, which is the
same in the first block, and one step more careful in the others. `inner` brings the released way back: the canvas is
one window, and its blocks are stretches of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import next_true, places, top
from ..core.shapes import Chances, Count, Mask, Recent, Score
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes, write

SMALL = 1e-12  # keeps logarithms finite; the divergence from nothing (all zeros) becomes more than 10


class Past(NamedTuple):
    """The distributions of the last step, zeros before the first, and the last divergences.

    `start` is where the open stretch of the window begins, `turn` counts the steps in it so far, `size` are the
    positions that the window opened with.
    """

    chances: Chances
    divergences: Recent
    start: Count
    turn: Count
    size: Count


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
    inner: Annotated[
        int, Ge(0), Doc("write in stretches of so many positions with one history for the whole block; 0 is off")
    ] = 0

    def init(self, masked: Mask, vocabulary: int) -> Past:
        """Nothing seen yet, which is stable by no measure."""
        nothing, size = torch.zeros(*masked.shape, vocabulary, device=masked.device), masked.sum(dim=1)
        endless = torch.full((*masked.shape, self.history), torch.inf, device=masked.device)
        return Past(nothing, endless, size * 0, size * 0, size)

    def step(self, view: StepView, state: Past) -> tuple[Decision, Past]:
        """What is ready, else the quota's most confident positions."""
        assert view.extra.logits is not None
        chances = torch.softmax(view.extra.logits.float(), dim=2)
        latest = divergence(chances, state.chances)
        divergences = torch.cat((state.divergences[..., 1:], latest.unsqueeze(2)), dim=2)
        start = self._start(view)
        past = state._replace(start=start, turn=torch.where(start == state.start, state.turn, 0))
        area, quota = self._stretch(view, past) if self.inner > 0 else (view.masked, view.quota)
        stable = (divergences < self.divergence).all(dim=2) & (past.turn >= self.history - 1).unsqueeze(1)
        ready = area & stable & (view.confidence > self.threshold)
        others = top(view.confidence, area, quota) & ~ready.any(dim=1, keepdim=True)
        kind = torch.where(ready, int(Kind.SURE), int(Kind.PLAIN))
        decision = write(view, ready | others, notes=plain_notes(view)._replace(kind=kind))
        return decision, past._replace(chances=chances, divergences=divergences, turn=past.turn + 1)

    def _start(self, view: StepView) -> Count:
        """Where the stretch of the leftmost mask begins; the window itself without stretches."""
        leftmost = next_true(view.masked)[:, 0]
        return leftmost // self.inner * self.inner if self.inner > 0 else torch.zeros_like(leftmost)

    def _stretch(self, view: StepView, past: Past) -> tuple[Mask, Count]:
        """The masks of the open stretch, and what its share of the schedule writes now."""
        start, turn, size = past.start, past.turn, past.size
        end = start + self.inner
        place = places(view.masked)
        area = view.masked & (place >= start.unsqueeze(1)) & (place < end.unsqueeze(1))
        each = (view.steps * self.inner // size.clamp(min=1)).clamp(min=1)
        length = torch.minimum(end, size) - start
        return area, length // each + (turn < length % each).to(torch.int64)


def divergence(now: Chances, then: Chances) -> Score:
    """Kullback-Leibler divergence of each position's distribution from that of the step before, in nats."""
    return (now * (torch.log(now + SMALL) - torch.log(then + SMALL))).sum(dim=2)
