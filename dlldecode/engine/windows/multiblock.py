"""Multi-block pipelining: the next block opens while the one before it is still being written.

d3LLM, https://github.com/hao-ai-lab/d3LLM, after D2F, https://arxiv.org/abs/2508.09192. The released loop adds at most
one block a forward, and has two bars of the same height, for opening a block and for counting on its progress; here
they are one. Its delayed cache is not provided: a cache opens the window afresh when its first block is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from typing_extensions import Doc

from ...core.select import next_true
from ...core.shapes import CanvasMask, Count
from .rule import Extent, Window, WindowRule


@dataclass(frozen=True)
class Multiblock(WindowRule):
    """From the earliest unfinished block to the last open one; one more opens when enough of that one is written."""

    opening: Annotated[float, Gt(0), Le(1), Doc("written share of the last open block from which the next opens")] = 0.5
    most: Annotated[
        Annotated[int, Ge(1)] | None, Doc("blocks from the earliest unfinished one to the last open one at most")
    ] = None

    def width(self, extent: Extent) -> int:
        """As many blocks as may be open together, or the canvas."""
        return extent.canvas if self.most is None else min(self.most * extent.block, extent.canvas)

    def total(self, extent: Extent) -> int:
        """A window at every block's start, each as wide as it may be."""
        return sum(min(self.width(extent), extent.canvas - start) for start in range(0, extent.canvas, extent.block))

    def leading(self, extent: Extent) -> int:
        """One block."""
        return min(extent.block, extent.canvas)

    def open(self, start: Count, extent: Extent) -> Window:
        """One block."""
        return Window(start, (start + extent.block).clamp(max=extent.canvas))

    def move(self, window: Window, pending: CanvasMask, extent: Extent) -> Window:
        """Leave finished blocks behind; open the next one if the last is far enough and more is to be written."""
        first = next_true(pending)[:, 0]
        start = torch.where(first < extent.canvas, first // extent.block * extent.block, extent.canvas)
        place = torch.arange(extent.canvas, device=pending.device)
        length = (window.end - 1) % extent.block + 1
        last = (place >= (window.end - length).unsqueeze(1)) & (place < window.end.unsqueeze(1))
        left = (pending & last).sum(dim=1)
        ready = 1 - left.double() / length >= self.opening
        wanted = (pending & (place >= window.end.unsqueeze(1))).any(dim=1)
        room = window.end < start + self.width(extent)
        end = torch.where(ready & wanted & room, window.end + extent.block, window.end)
        return Window(start, torch.maximum(end, start).clamp(max=extent.canvas))
