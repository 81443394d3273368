"""Frames on a terminal while a decoding runs: at most twelve a second, for at most a twentieth of the time."""

from __future__ import annotations

import os
import time
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live

from .frame import Note, Size
from .look import Look
from .scene import Scene
from .side import together

LONGEST_RATE = 1 / 12  # seconds between two frames, at least
SHARE = 20  # how many times as long as it took to draw a frame nothing is drawn


class Screen:
    """Draws on a terminal's normal screen, below what stands there, and takes it away again."""

    def __init__(self, stream: TextIO, is_colored: bool, look: Look, layout: str = "auto") -> None:
        self._stream, self._is_colored, self.look, self._layout = stream, is_colored, look, layout
        self._live: Live | None = None
        self._size = Size(0, 0)
        self._began = self._drawn = time.perf_counter()
        self._last_cost = self.spent = 0.0

    @property
    def cost(self) -> float:
        """The share of the time so far that went into drawing."""
        return self.spent / max(1e-9, time.perf_counter() - self._began)

    def show(self, scenes: list[Scene], note: Note, is_due: bool = False) -> None:
        """Draw scenes, unless the ones before are too recent and these are not due."""
        now = time.perf_counter()
        if not is_due and self._live and now - self._drawn < max(LONGEST_RATE, SHARE * self._last_cost):
            return
        self._draw(scenes, note._replace(cost=self.cost, layout=self._layout))
        self._drawn = time.perf_counter()
        self._last_cost = self._drawn - now
        self.spent += self._last_cost

    def close(self, is_kept: bool = False) -> None:
        """Take the picture away, unless it is to stay, and give the cursor back."""
        if self._live is not None:
            self._live.transient = not is_kept
            self._live.stop()
            self._live = None

    def _draw(self, scenes: list[Scene], note: Note) -> None:
        size = self._open()
        assert self._live is not None
        lines = together(scenes, size, self.look, note)
        for line in lines:
            line.no_wrap, line.overflow = True, "crop"
        self._live.update(Group(*lines), refresh=True)

    def _open(self) -> Size:
        """The terminal's size; after a change, what stood there has moved and all is drawn anew."""
        size = self._measured()
        if self._live is not None and size != self._size:
            self._live.stop()
            self._live.console.clear()
            self._live = None
        if self._live is None:
            self._live = Live(
                console=self._console(size),
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()
        self._size = size
        return size

    def _measured(self) -> Size:
        """The size now: what the environment says of it may be that of a while ago."""
        try:
            return Size(*os.get_terminal_size(self._stream.fileno()))
        except (OSError, ValueError):
            return Size(*self._console(None).size)

    def _console(self, size: Size | None) -> Console:
        width, height = size or (None, None)
        return Console(
            file=self._stream, width=width, height=height, no_color=not self._is_colored, highlight=False,
            legacy_windows=False, markup=False,
        )  # fmt: skip
