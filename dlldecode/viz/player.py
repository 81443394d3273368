"""Replay in a terminal, with keys: one trace, or several of the same prompt on one timeline."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from .frame import Note
from .reel import Reel
from .scene import Scene

FASTEST, SLOWEST = 64.0, 0.5
HELP = "space pause  arrows step  + - speed  r revocation  q quit"
KEYS = {
    "\x1b[C": "right", "\x1bOC": "right", "l": "right",
    "\x1b[D": "left", "\x1bOD": "left", "h": "left",
    "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "g": "home",
    "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end", "G": "end",
    " ": "pause", "+": "faster", "=": "faster", "-": "slower", "r": "revocation", "q": "quit", "\x04": "quit",
}  # fmt: skip


class Position(NamedTuple):
    """Where a replay stands: steps shown, steps a second, whether it moves by itself, whether it goes on at all."""

    at: int = 0
    speed: float = 8.0
    is_paused: bool = False
    is_over: bool = False


class Hand(Protocol):
    """Where keys come from."""

    def key(self, seconds: float) -> str | None:
        """The next key by its name, waited for so long; None where there was none."""
        ...


def pressed(position: Position, key: str | None, reels: Sequence[Reel]) -> Position:
    """Where a replay stands after a key; or after none, when it moves by itself."""
    total = max(map(len, reels))
    at = position.at
    if key is None:
        return position if position.is_paused or at >= total else position._replace(at=at + 1)
    moves: dict[str, Callable[[], Position]] = {
        "pause": lambda: position._replace(is_paused=not position.is_paused, at=0 if at >= total else at),
        "right": lambda: position._replace(is_paused=True, at=min(total, at + 1)),
        "left": lambda: position._replace(is_paused=True, at=max(0, at - 1)),
        "home": lambda: position._replace(is_paused=True, at=0),
        "end": lambda: position._replace(is_paused=True, at=total),
        "faster": lambda: position._replace(speed=min(FASTEST, position.speed * 2)),
        "slower": lambda: position._replace(speed=max(SLOWEST, position.speed / 2)),
        "revocation": lambda: position._replace(is_paused=True, at=next_revocation(at, reels)),
        "quit": lambda: position._replace(is_over=True),
    }
    return moves[key]() if key in moves else position


def next_revocation(at: int, reels: Sequence[Reel]) -> int:
    """The next step of any trace that takes something back; the same step where there is none."""
    found = [step for reel in reels if (step := reel.revocation(at)) is not None]
    return min(found, default=at)


def play(reels: Sequence[Reel], show: Callable[[list[Scene], Note], None], hand: Hand, speed: float) -> None:
    """Show scene after scene until somebody quits."""
    position, total = Position(speed=speed), max(map(len, reels))
    while not position.is_over:
        note = Note(state(position, total), total, hint=HELP)
        show([reel.at(position.at) for reel in reels], note)
        is_still = position.is_paused or position.at >= total
        key = hand.key(3600.0 if is_still else 1 / position.speed)
        position = pressed(position, key, reels)


def state(position: Position, total: int) -> str:
    """What the first line says of the replay."""
    if position.at >= total:
        return "end"
    return "paused" if position.is_paused else f"{position.speed:g}/s"


class Keyboard:
    """Keys of a terminal, read one at a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def key(self, seconds: float) -> str | None:
        """The next key by its name; unknown ones count as nothing pressed, and the wait goes on."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                ready, _, _ = select.select([self._descriptor], [], [], left)
            except InterruptedError:
                continue
            if not ready:
                return None
            raw = os.read(self._descriptor, 16)
            if not raw:
                return "quit"
            if name := KEYS.get(raw.decode(errors="replace")):
                return name
        return None


@contextmanager
def keyboard() -> Iterator[Keyboard | None]:
    """The terminal's keys, unbuffered and unseen for the length of a block; None where there are none."""
    descriptor, is_own = terminal()
    if descriptor is None:
        yield None
        return
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield Keyboard(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        if is_own:
            os.close(descriptor)


def terminal() -> tuple[int | None, bool]:
    """The terminal that sends keys, and whether it was opened here: stdin, else the process's own."""
    if sys.stdin is not None and sys.stdin.isatty():
        return sys.stdin.fileno(), False
    try:
        return os.open("/dev/tty", os.O_RDONLY), True
    except OSError:
        return None, False
