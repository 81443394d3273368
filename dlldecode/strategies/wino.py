"""WINO: write wide, and take back at once what a shadow of the block, seen without it, does not confirm.

Hong et al. 2025, "Wide-In, Narrow-Out", https://arxiv.org/abs/2507.18578
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge, Gt, Le
from typing_extensions import Doc

from ..core.select import best, top
from ..core.shapes import Count, Mask
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes

FIRST = 30  # what the released code takes for the acceptances before a block's first step


class Accepted(NamedTuple):
    """How many positions the step before wrote, per row."""

    last: Count


@dataclass(frozen=True)
class Wino(Strategy[Accepted]):
    """All positions surer than `threshold`, at most a share of the masks, else the best one.

    Then, if it wrote more than one, it takes back tokens of earlier steps that the shadow gives less than
    `threshold_back`: fewer than the step before wrote, the most doubted ones. The shadow is a second copy of the block
    in the same forward, all masks, each of which sees everything but what stands at its own position.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"shadow"})

    threshold: Annotated[float, Ge(0), Le(1), Doc("a position is written above this confidence")] = 0.6
    threshold_back: Annotated[float, Ge(0), Le(1), Doc("a written token below this is taken back; 0 is never")] = 0.9
    share: Annotated[float, Gt(0), Le(1), Doc("share of the masks that one step writes at most")] = 0.7
    least: Annotated[int, Ge(1), Doc("lower bound of that most")] = 5
    most: Annotated[int, Ge(1), Doc("upper bound of that most")] = 20

    def init(self, masked: Mask, vocabulary: int) -> Accepted:
        """As if the step before a block had written many."""
        return Accepted(torch.full_like(masked.sum(dim=1), FIRST))

    def step(self, view: StepView, state: Accepted) -> tuple[Decision, Accepted]:
        """Write wide, take back narrow."""
        masks = view.masked.sum(dim=1)
        cap = (masks.double() * self.share).to(torch.int64).clamp(min=self.least).clamp(max=self.most)
        sure = view.masked & (view.confidence > self.threshold)
        commit = top(view.confidence, sure, cap)
        commit = commit | (best(view.confidence, view.masked) & ~sure.any(dim=1, keepdim=True))
        accepted = commit.sum(dim=1)
        revoke = self._doubted(view, torch.where(accepted > 1, state.last - 1, 0))
        kind = torch.where(sure, int(Kind.SURE), int(Kind.BEST))
        score = torch.where(revoke, self._trust(view), view.confidence)
        decision = Decision(commit, revoke, view.proposal, score, plain_notes(view)._replace(kind=kind))
        return decision, Accepted(accepted)

    def _doubted(self, view: StepView, room: Count) -> Mask:
        """The most doubted of what earlier steps wrote, at most `room` of them."""
        trust = self._trust(view)
        doubted = view.valid & ~view.masked & (trust < self.threshold_back)
        return top(-trust, doubted, room)

    def _trust(self, view: StepView) -> torch.Tensor:
        assert view.extra.shadow is not None
        return view.extra.shadow
