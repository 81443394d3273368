"""Ctrl-C twice: the first one asks for an end that leaves nothing half done, the second one does not ask."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

CODE = 128 + signal.SIGINT
NOTICE = b"\nstopping after this item; press Ctrl-C again to stop at once\n"


class Stopped(Exception):
    """The end that was asked for."""


@contextmanager
def patient() -> Iterator[Callable[[], bool]]:
    """Whether an end was asked for. From then on, and after the block, Ctrl-C does what it did before it."""
    before = signal.getsignal(signal.SIGINT)
    told: list[int] = []

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        signal.signal(signal.SIGINT, before)
        os.write(2, NOTICE)  # a handler may interrupt a print, which must not be entered twice

    is_ours = threading.current_thread() is threading.main_thread() and before is not signal.SIG_IGN
    if is_ours:
        signal.signal(signal.SIGINT, tell)
    try:
        yield lambda: bool(told)
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, before)
