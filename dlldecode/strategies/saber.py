"""Saber: the bar is the mean confidence of what was written so far, and the tokens that lost most are taken back.

Dong et al. 2025, "Saber: An Efficient Sampling with Adaptive Acceleration and Backtracking Enhanced Remasking for
Diffusion Language Model", https://arxiv.org/abs/2510.18165. The rule is that of the released code for one block; where
the paper's formulas differ from it the code is followed. Later blocks differ: every block's first step takes back as
the first one's does, where the release could take back tokens of earlier blocks only, which stay as they are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge
from typing_extensions import Doc

from ..core.select import top
from ..core.shapes import Count, Flag, Fraction, Mask, Score
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes

NEVER_WRITTEN = -1.0


class Memory(NamedTuple):
    """Confidences of the open block: at the step before (0 at its first), and where each position was last written.

    `total` and `writes` sum up the latter over the blocks before.
    """

    seen: Score
    given: Score
    total: Fraction
    writes: Count


@dataclass(frozen=True)
class Saber(Strategy[Memory]):
    """All positions above the mean confidence of all writes, at least the `least` best; then some are taken back.

    Of k written, ceil(k / `mu`) are taken back and at least half of `least`, but never all: those whose confidence fell
    most since the step before, whether old or just written. A position just written and taken back stays a mask, but
    counts for the mean. The step that fills the block takes nothing back.
    """

    scope: ClassVar[str] = "canvas"

    least: Annotated[int, Ge(1), Doc("positions that a step writes at least, before it takes any back (n)")] = 2
    mu: Annotated[int, Ge(1), Doc("one in so many of the positions written is taken back")] = 8

    def init(self, masked: Mask, vocabulary: int) -> Memory:
        """Nothing is written."""
        score = torch.zeros_like(masked, dtype=torch.float32)
        zero = torch.zeros_like(masked[:, 0], dtype=torch.float32)
        return Memory(score, torch.full_like(score, NEVER_WRITTEN), zero, zero.to(torch.int64))

    def step(self, view: StepView, state: Memory) -> tuple[Decision, Memory]:
        """Write above the mean, then take back what fell."""
        state = turned(state, view.block_step == 0)
        sure = view.masked & (view.confidence > mean(state).unsqueeze(1))
        best = top(view.confidence, view.masked, torch.full_like(view.step, self.least))
        chosen = torch.where((sure.sum(dim=1) < self.least).unsqueeze(1), best, sure)
        fall = state.seen - view.confidence
        standing = (chosen | (view.valid & ~view.masked)) & torch.isfinite(fall)
        removed = top(fall, standing, self.allowance(view, chosen))
        revoke = removed & ~view.masked
        decision = Decision(
            commit=chosen & ~removed,
            revoke=revoke,
            tokens=view.proposal,
            score=torch.where(revoke, -fall, view.confidence),
            notes=plain_notes(view)._replace(kind=torch.where(sure, int(Kind.SURE), int(Kind.BEST))),
        )
        earned = torch.where(view.confidence >= 0, view.confidence, 0)
        return decision, state._replace(seen=view.confidence, given=torch.where(chosen, earned, state.given))

    def allowance(self, view: StepView, chosen: Mask) -> Count:
        """How many positions are taken back beside `chosen`; fewer than are written, so that every step gains."""
        written = chosen.sum(dim=1)
        share = ((written + self.mu - 1) // self.mu).clamp(min=self.least // 2)
        return torch.where(written == view.masked.sum(dim=1), 0, torch.minimum(share, written - 1))


def turned(state: Memory, fresh: Flag) -> Memory:
    """The memory with the block before summed up, in rows that begin another one."""
    written = (state.given != NEVER_WRITTEN) & fresh.unsqueeze(1)
    total = state.total + torch.where(written, state.given, 0).sum(dim=1)
    given = torch.where(fresh.unsqueeze(1), NEVER_WRITTEN, state.given)
    seen = torch.where(fresh.unsqueeze(1), 0, state.seen)
    return Memory(seen, given, total, state.writes + written.sum(dim=1))


def mean(state: Memory) -> Fraction:
    """Mean confidence of the latest writes; 1 before the first."""
    written = state.given != NEVER_WRITTEN
    count = state.writes + written.sum(dim=1)
    total = state.total + torch.where(written, state.given, 0).sum(dim=1)
    return torch.where(count > 0, total / count.clamp(min=1), 1)
