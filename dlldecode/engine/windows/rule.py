"""Windows as device tensors, and what a rule that moves them has to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from ...core.shapes import CanvasIds, CanvasMask, Count, Ids, Mask
from ...core.step import StepView


class Spell(NamedTuple):
    """How a model spells: a text's token ids, and how many ids there are."""

    ids: Callable[[str], Sequence[int]]
    vocabulary: int


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


class Extent(NamedTuple):
    """What windows are laid over: the positions of the canvas, and the length of a block as the settings have it."""

    canvas: int
    block: int


@dataclass(frozen=True)
class WindowRule:
    """Moves windows, each row's on its own; the fields are its options. By itself: blocks of one length.

    A window whose start moves is a new one: it is opened by a forward of its own, and what a strategy remembers of the
    former one is gone. One that only grows at its end stays the same. With `settles` a new window's end is found when
    its first forward was read, and `settle` draws it in. `has_schedule` tells that the blocks are known beforehand,
    so that steps can be shared out among them.
    """

    settles: ClassVar[bool] = False
    has_schedule: ClassVar[bool] = False

    def width(self, extent: Extent) -> int:
        """Positions of the widest window that is ever open: how many a view shows."""
        return min(extent.block, extent.canvas)

    def total(self, extent: Extent) -> int:
        """Positions of all windows that are ever open; one that a later window holds again is counted again."""
        return extent.canvas

    def leading(self, extent: Extent) -> int:
        """Positions, from a window's start, of its earliest block, which is still unfinished."""
        return self.width(extent)

    def open(self, start: Count, extent: Extent) -> Window:
        """The windows that begin at `start`."""
        return Window(start, (start + self.width(extent)).clamp(max=extent.canvas))

    def settle(self, view: StepView, window: Window, extent: Extent) -> Window:
        """New windows drawn in by what their first forward says."""
        return window

    def move(self, window: Window, pending: CanvasMask, extent: Extent) -> Window:
        """On to the next block once nothing is pending; an empty window at the end of the canvas after the last."""
        stay = (pending & window.covers(pending)).any(dim=1)
        following = self.open(torch.where(pending.any(dim=1), window.end, extent.canvas), extent)
        return Window(*(torch.where(stay, old, new) for old, new in zip(window, following, strict=True)))

    def spelled(self, spell: Spell) -> WindowRule:
        """The rule with its texts as ids of a model's tokens. Raises UsageError for a text that is not one token."""
        return self
