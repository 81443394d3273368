"""How a comparison goes, on stderr: a bar where something may move, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..bench.session import Tally, WarmedUp
from . import stderr

EVERY_SECONDS = 10.0
Tell = Callable[[Any], None]


@contextmanager
def shown(tally: Tally, total: int) -> Iterator[Tell]:
    """A function to call with everything that comes; `total` are all items, also those of earlier sessions."""
    if stderr.is_animated():
        with _bar(tally, total) as tell:
            yield tell
    else:
        yield Lines(tally, total)


class Lines:
    """One line at most every ten seconds, and none when quiet."""

    def __init__(self, tally: Tally, total: int) -> None:
        self._tally, self._total, self._last = tally, total, time.perf_counter()

    def __call__(self, found: Any) -> None:
        """Say where things stand, if it is time."""
        now = time.perf_counter()
        if isinstance(found, WarmedUp) or now - self._last < EVERY_SECONDS:
            return
        self._last = now
        before = self._total - self._tally.total
        left = (self._tally.total - self._tally.done) * self._tally.seconds / self._tally.done
        stderr.notice(f"{before + self._tally.done} of {self._total} items, about {left:.0f} s left: {where(found)}")


def where(found: Any) -> str:
    """The setting and task that a record belongs to."""
    return found.setting if isinstance(found, WarmedUp) else f"{found['setting']}, {found['task']}"


@contextmanager
def _bar(tally: Tally, total: int) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(file=sys.stderr, no_color=not stderr.is_colored(), highlight=False)
    parts = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    words = TextColumn("{task.description}", markup=False)
    with Progress(
        words,
        *parts,
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        refresh_per_second=4,
    ) as progress:
        bar = progress.add_task("warming up", total=total, completed=total - tally.total)

        def tell(found: Any) -> None:
            text = stderr.harmless(where(found)) + (f", {tally.failed} failed" if tally.failed else "")
            progress.update(bar, description=text, advance=0 if isinstance(found, WarmedUp) else 1)

        yield tell
