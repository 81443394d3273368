"""Which positions are open: windows as device tensors, and the rule that moves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch

from ..core.shapes import CanvasIds, CanvasMask, Count, Ids, Mask
from ..core.step import StepView


class Window(NamedTuple):
    """The open canvas positions of each row, `start` up to and without `end`; a finished row's window is empty."""

    start: Count
    end: Count

    def places(self, width: int, canvas: int) -> Ids:
        """Canvas places of the window's `width` positions, kept inside the canvas."""
        return (self.start.unsqueeze(1) + torch.arange(width, device=self.start.device)).clamp(max=canvas - 1)

    def inside(self, width: int) -> Mask:
        """Which of the `width` positions belong to the row's window."""
        offset = torch.arange(width, device=self.start.device)
        return offset < (self.end - self.start).unsqueeze(1)

    def covers(self, canvas: CanvasIds | CanvasMask) -> CanvasMask:
        """Which places of the canvas are open."""
        place = torch.arange(canvas.shape[1], device=canvas.device)
        return (place >= self.start.unsqueeze(1)) & (place < self.end.unsqueeze(1))


class WindowRule(Protocol):
    """Moves windows; `width` is the widest one it ever opens."""

    def width(self, canvas: int) -> int:
        """Static number of positions that a view shows."""
        ...

    def first(self, rows: int, canvas: int, device: str) -> Window:
        """The windows at admission."""
        ...

    def move(self, view: StepView, window: Window, pending: CanvasMask) -> Window:
        """The windows after a step that left `pending` places of the canvas to be written."""
        ...


@dataclass(frozen=True)
class FixedBlocks:
    """Blocks of one length from left to right, the last one shorter; the next opens when one is written."""

    length: int

    def width(self, canvas: int) -> int:
        """The block, or the canvas where that is shorter."""
        return min(self.length, canvas)

    def first(self, rows: int, canvas: int, device: str) -> Window:
        """The leftmost block."""
        start = torch.zeros(rows, dtype=torch.int64, device=device)
        return Window(start, start + self.width(canvas))

    def move(self, view: StepView, window: Window, pending: CanvasMask) -> Window:
        """On to the next block once nothing is pending; an empty window at the end of the canvas after the last."""
        canvas = pending.shape[1]
        stay = (pending & window.covers(pending)).any(dim=1)
        alive = pending.any(dim=1)
        following = torch.where(alive, window.end, canvas)
        start = torch.where(stay, window.start, following)
        end = torch.where(stay, window.end, (following + self.width(canvas)).clamp(max=canvas))
        return Window(start, end)
