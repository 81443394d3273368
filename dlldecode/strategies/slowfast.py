"""SlowFast sampling: explore slowly until it is clear how far the model sees, then write fast up to there.

Wei et al. 2025, "Accelerating Diffusion Large Language Models with SlowFast Sampling", https://arxiv.org/abs/2506.10848.
Paper and release differ, see `conventions`; how many positions the paper's slow phase writes is known from the release
only, and so is what happens when its records never agree. Two things of the release are not repeated: it goes on
exploring when a block is full, which writes nothing, and from the second forward of a fast phase it leaves out all
columns behind the cycle, which changes what the model sees; here every forward computes what the cache says. Meant for
the canvas as one block; with more, cycles begin anew in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import torch
from annotated_types import Ge, Gt, Le
from typing_extensions import Doc

from ..core.select import best, places, top
from ..core.shapes import Count, Flag, Mask
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes, write


class Cycle(NamedTuple):
    """Where a row stands in its block, in positions of the window.

    The cycle begins at `start` and goes up to `end`, 0 as long as that is not known. `explored` counts its forwards so
    far, `record` is how far the last one saw, 0 before the first.
    """

    start: Count
    end: Count
    explored: Count
    record: Count
    is_fast: Flag


@dataclass(frozen=True)
class Slowfast(Strategy[Cycle]):
    """Cycles of two phases: the slow one finds the cycle's end, the fast one writes everything confident before it."""

    explore: Annotated[int, Ge(1), Doc("forwards of a slow phase at most")] = 8
    k: Annotated[int, Ge(1), Doc("positions written in each of them")] = 1
    tau_min: Annotated[
        float, Ge(0), Le(1), Doc("confidence above which a position is seen; the furthest is recorded")
    ] = 0.1
    tau_high: Annotated[float, Ge(0), Le(1), Doc("confidence above which the fast phase writes")] = 0.85
    variance: Annotated[float, Gt(0), Doc("of the last two records, below which the cycle's end is settled")] = 1.0
    conventions: Annotated[
        Literal["paper", "released"],
        Doc("released: explore to the last step, write all confident ones there too if several, equal bars pass"),
    ] = "paper"

    def init(self, masked: Mask, vocabulary: int) -> Cycle:
        """A slow phase at the block's start."""
        zero = torch.zeros(masked.shape[0], dtype=torch.int64, device=masked.device)
        return Cycle(zero, zero, zero, zero, zero > 0)

    def step(self, view: StepView, state: Cycle) -> tuple[Decision, Cycle]:
        """Write what the row's phase asks for, then see where its cycle stands."""
        fast, sure = state.is_fast.unsqueeze(1), self.passes(view, self.tau_high)
        ahead = view.masked & (places(view.masked) >= state.start.unsqueeze(1))
        inside = ahead & (places(view.masked) < state.end.unsqueeze(1))
        quick = inside & (sure | best(view.confidence, inside))
        commit = torch.where(fast, quick, self.slow_picks(view, ahead, sure))
        record = self.seen(view, ahead, state)
        following = finish(self.explored(record, state), view.masked & ~commit)
        kind = torch.where(sure & (fast | self.is_released), int(Kind.SURE), int(Kind.PLAIN))
        return write(view, commit, notes=plain_notes(view)._replace(kind=kind)), following

    @property
    def is_released(self) -> bool:
        """Whether the conventions are the release's."""
        return self.conventions == "released"

    def passes(self, view: StepView, bar: float) -> Mask:
        """Positions whose confidence is above a bar, or on it as released."""
        return view.confidence >= bar if self.is_released else view.confidence > bar

    def slow_picks(self, view: StepView, ahead: Mask, sure: Mask) -> Mask:
        """The best positions from the cycle's start on, wherever they are."""
        few = top(view.confidence, ahead, torch.full_like(view.step, self.k))
        several = (ahead & sure).sum(dim=1, keepdim=True) > 1
        return torch.where(several, ahead & sure, few) if self.is_released else few

    def seen(self, view: StepView, ahead: Mask, state: Cycle) -> Count:
        """How far the model sees: behind the furthest position that is likely enough, at least one further than now."""
        likely = ahead & self.passes(view, self.tau_min)
        furthest = torch.where(likely, places(likely) + 1, 0).amax(dim=1)
        return torch.maximum(furthest, (state.start + 1).clamp(max=view.masked.shape[1]))

    def explored(self, record: Count, state: Cycle) -> Cycle:
        """After a forward of a slow phase: the end where two records agree, or their mean after the last one."""
        slow, count = ~state.is_fast, state.explored + 1
        known = state.record > 0
        stable = known & (((record - state.record).double() / 2) ** 2 < self.variance)
        mean = torch.where(known, (record + state.record) // 2, record)
        last = count >= self.explore
        end = torch.where(stable, record, torch.where(last, mean, 0))
        end = torch.where(slow & (state.end == 0), end, state.end)
        over = last if self.is_released else end > 0
        return Cycle(state.start, end, count, record, state.is_fast | over)


def finish(cycle: Cycle, left: Mask) -> Cycle:
    """The cycle, or the next one where a fast phase has nothing left to write."""
    place = places(left)
    open_ = (left & (place >= cycle.start.unsqueeze(1)) & (place < cycle.end.unsqueeze(1))).any(dim=1)
    over = cycle.is_fast & ~open_
    none = torch.zeros_like(cycle.start)
    following = Cycle(cycle.end, none, none, none, over & ~over)
    return Cycle(*(torch.where(over, new, old) for new, old in zip(following, cycle, strict=True)))
