"""How a comparison goes, on stderr: a bar where something may move, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..bench.session import Tally, WarmedUp
from . import stderr

EVERY_SECONDS = 10.0
Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Words:
    """What is said beside the counts: of what came, and above the bar."""

    beside: Callable[[Any], str]
    above: Callable[[], str] = lambda: ""


@contextmanager
def shown(tally: Tally, total: int | None = None, words: Words | None = None) -> Iterator[Tell]:
    """A function to call with everything that comes.

    `total` are all items, also those of earlier sessions; without it, those of the tally, which may change.
    """
    words = words or Words(where)
    if stderr.is_animated():
        with _bar(tally, total, words) as tell:
            yield tell
    else:
        yield Lines(tally, total, words)


class Lines:
    """One line at most every ten seconds, and none when quiet."""

    def __init__(self, tally: Tally, total: int | None, words: Words) -> None:
        self._tally, self._total, self._words, self._last = tally, total, words, time.perf_counter()

    def __call__(self, found: Any) -> None:
        """Say where things stand, if it is time."""
        now = time.perf_counter()
        if isinstance(found, WarmedUp) or now - self._last < EVERY_SECONDS:
            return
        self._last = now
        total = self._tally.total if self._total is None else self._total
        done = total - self._tally.total + self._tally.done
        left = (self._tally.total - self._tally.done) * self._tally.seconds / self._tally.done
        stderr.notice(f"{done} of {total} items, about {left:.0f} s left: {self._words.beside(found)}")


def where(found: Any) -> str:
    """The setting and task that a record belongs to."""
    return found.setting if isinstance(found, WarmedUp) else f"{found['setting']}, {found['task']}"


@contextmanager
def _bar(tally: Tally, total: int | None, words: Words) -> Iterator[Tell]:
    from rich.console import Console, RenderableType
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    console = Console(file=sys.stderr, no_color=not stderr.is_colored(), highlight=False)
    parts = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    description = TextColumn("{task.description}", markup=False)

    class Board(Progress):
        """The bar below what stands above it."""

        def get_renderables(self) -> Iterable[RenderableType]:
            if above := words.above():
                yield Text(above)
            yield from super().get_renderables()

    with Board(
        description,
        *parts,
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        refresh_per_second=4,
    ) as progress:
        before = 0 if total is None else total - tally.total
        bar = progress.add_task("warming up", total=total, completed=before)

        def tell(found: Any) -> None:
            text = stderr.harmless(words.beside(found)) + (f", {tally.failed} failed" if tally.failed else "")
            progress.update(bar, description=text, completed=before + tally.done, total=before + tally.total)

        yield tell
