"""Who watches a decoding: a screen, plain lines, a tape. Each is told the header, the steps, the footer."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Protocol

from ..trace.events import Stepped
from ..trace.lines import Footer, Header
from ..trace.read import Recording, recording
from ..trace.record import Recorder, Spell
from .frame import Note
from .live import Screen
from .scene import Scene, after, opening

TENTHS = 10  # plain lines over a canvas
PATIENCE = 10.0  # seconds after which a plain line comes in any case


class Watcher(Protocol):
    """Is told what happens, as it happens."""

    def start(self, header: Header) -> None:
        """A decoding begins."""
        ...

    def step(self, step: Stepped) -> None:
        """It took a step."""
        ...

    def end(self, footer: Footer) -> None:
        """It ended."""
        ...


class Fold:
    """Keeps the scene that the events so far add up to."""

    def __init__(self, spell: Spell) -> None:
        self._spell, self._spelling = spell, dict[int, bytes]()
        self.scene: Scene | None = None

    def start(self, header: Header) -> Scene:
        """The opening."""
        self.scene = opening(header, self._spelling)
        return self.scene

    def step(self, step: Stepped) -> Scene:
        """The scene after a step."""
        assert self.scene is not None
        for commit in step.commits:
            if commit.token not in self._spelling:
                self._spelling[commit.token] = self._spell(commit.token)
        self.scene = after(self.scene, step)
        return self.scene


class LiveView:
    """Draws every scene that is due; with a `pace` (steps a second) it waits, so that each can be seen."""

    def __init__(self, screen: Screen, spell: Spell, pace: float | None = None) -> None:
        self._screen, self._fold, self._pace = screen, Fold(spell), pace
        self._shown = 0.0

    def start(self, header: Header) -> None:
        """Draw the empty canvas."""
        self._screen.show([self._fold.start(header)], Note("decoding"), is_due=True)
        self._shown = time.monotonic()

    def step(self, step: Stepped) -> None:
        """Draw the canvas after a step."""
        scene = self._fold.step(step)
        if self._pace:
            time.sleep(max(0.0, self._shown + 1 / self._pace - time.monotonic()))
            self._shown = time.monotonic()
        self._screen.show([scene], Note("decoding"), is_due=bool(self._pace))

    def end(self, footer: Footer) -> None:
        """Draw the end; a paced picture that came so far stays."""
        is_whole = footer.status == "ok"
        if self._fold.scene is not None and is_whole and self._pace:
            self._screen.show([self._fold.scene], Note("done"), is_due=True)
        self._screen.close(is_kept=is_whole and bool(self._pace))


class PlainView:
    """A line each tenth of the canvas, or each ten seconds; the first one after `patience` seconds."""

    def __init__(self, say: Callable[[str], None], spell: Spell, patience: float = 0.0) -> None:
        self._say, self._fold, self._patience = say, Fold(spell), patience
        self._began = self._said = time.monotonic()
        self._tenth = 0

    def start(self, header: Header) -> None:
        """Say what is decoded."""
        self._fold.start(header)
        self._began = self._said = time.monotonic()
        if not self._patience:
            self._say(f"{header.model}, {header.how[0]}: {header.canvas} tokens to write")

    def step(self, step: Stepped) -> None:
        """Say how far it is, when it is time."""
        scene, now = self._fold.step(step), time.monotonic()
        tenth = TENTHS * scene.written // scene.header.canvas
        is_due = tenth > self._tenth or now - self._said > PATIENCE
        if is_due and now - self._began >= self._patience:
            done = f"{scene.written}/{scene.header.canvas} tokens"
            self._say(f"{done}, {scene.forwards} forwards, TPF {scene.rate:.2f}, {scene.seconds:.1f} s")
            self._said = now
        self._tenth = max(tenth, self._tenth)

    def end(self, footer: Footer) -> None:
        """The summary comes anyway."""


class Tape:
    """Keeps a whole trace in memory, to make files of."""

    def __init__(self, spell: Spell) -> None:
        self._lines: list[str] = []
        self._recorder = Recorder(self._lines.append, spell)
        self.start, self.step, self.end = self._recorder.start, self._recorder.step, self._recorder.end

    def recording(self) -> Recording:
        """The trace so far."""
        return recording("this run", io.BytesIO("".join(self._lines).encode()))
