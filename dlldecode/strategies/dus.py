"""DUS, dilated unmasking: every step writes positions evenly far apart, the next one those halfway between them.

Luxembourg, Permuter and Nachmani 2025, "Plan for Speed: Dilated Scheduling for Masked Diffusion Language Models",
https://arxiv.org/abs/2506.19037. The schedule is that of the released code. There a position that is not sure enough at
its turn stays a mask for ever; here it is written with the last level. A level without a sure position hands its logits
on to the next one, which gives the same tokens and saves the forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import places
from ..core.shapes import Count, Ids, Mask
from ..core.step import Decision, StepView, Strategy, write

FAR = 63  # no block is as long as 2 to this power


class Schedule(NamedTuple):
    """The level at which each position has its turn, the last one, the one that follows, and the block's length.

    A window may grow; what opens behind the block gets a schedule when the window moves on to it.
    """

    level: Ids
    last: Count
    following: Count
    length: Count


@dataclass(frozen=True)
class Dus(Strategy[Schedule]):
    """Level by level, the sure positions whose offset in the block its stride divides; at the last all that is left.

    The first stride is the block's length over `base` to the power of `base_skip`, rounded down; each one after it is
    the one before over `base`. Positions that no stride reaches form a level of their own, and a last level smaller
    than the one before is joined to that.
    """

    base: Annotated[int, Ge(2), Doc("what a stride is divided by from level to level")] = 2
    base_skip: Annotated[int, Ge(1), Doc("power of `base` that divides the block for the first stride")] = 1
    threshold: Annotated[
        float, Ge(0), Le(1), Doc("positions less confident at their turn wait for the last level; 0 is off")
    ] = 0.3

    def init(self, masked: Mask, vocabulary: int) -> Schedule:
        """The levels follow from the block's length alone."""
        place = places(masked)
        length = torch.where(masked, place + 1, 0).amax(dim=1, keepdim=True)
        level = torch.full_like(place, -1)
        rounds, divisor = 0, self.base ** min(self.base_skip, FAR)
        strides = torch.zeros_like(length)
        while divisor <= masked.shape[1]:
            stride = length // divisor
            turn = (stride > 0) & (place % stride.clamp(min=1) == 0)
            level = torch.where(turn & (level < 0), rounds, level)
            strides = strides + (stride > 0)
            rounds, divisor = rounds + 1, divisor * self.base
        return joined(torch.where(level < 0, strides, level), length.squeeze(1))

    def step(self, view: StepView, state: Schedule) -> tuple[Decision, Schedule]:
        """The first level from here on that has something to write."""
        is_last = state.level == state.last.unsqueeze(1)
        masked = view.masked & (places(view.masked) < state.length.unsqueeze(1))
        sure = masked & (view.confidence >= self.threshold) if self.threshold > 0 else masked
        ready = (sure | (masked & is_last)) & (state.level >= state.following.unsqueeze(1))
        level = torch.where(ready, state.level, state.last.unsqueeze(1)).amin(dim=1)
        turn = ready & (state.level == level.unsqueeze(1))
        chosen = torch.where((level == state.last).unsqueeze(1), masked, turn)
        return write(view, chosen), state._replace(following=level + 1)


def joined(level: Ids, length: Count) -> Schedule:
    """The schedule of blocks of that length; a last level smaller than the one before goes with it."""
    inside = places(level) < length.unsqueeze(1)
    last = torch.where(inside, level, 0).amax(dim=1, keepdim=True)
    size, before = ((inside & (level == each)).sum(dim=1, keepdim=True) for each in (last, last - 1))
    last = torch.where(size < before, last - 1, last)
    level = torch.minimum(level, last)
    return Schedule(level, last.squeeze(1), torch.zeros_like(length), length)
