"""Watching a single prompt being answered: the view on stderr, and the trace."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import UsageError
from . import stderr
from .output import Output

if TYPE_CHECKING:
    from ..batch import Job, Result
    from ..trace.events import Started, Stepped
    from ..viz.live import Screen
    from ..viz.look import Look
    from ..viz.watch import Watcher

STDOUT = "-"
PATIENCE = 10.0  # seconds of decoding before a run that nobody asked to watch says how far it is


class View(str, Enum):
    """How a decoding is shown on stderr."""

    AUTO, LIVE, PLAIN, OFF = "auto", "live", "plain", "off"


class Watched:
    """Tells watchers what happens to the one prompt."""

    def __init__(self, job: Job, text: str | None, watchers: Sequence[Watcher]) -> None:
        self._job, self._text, self._watchers = job, text, watchers
        self._is_open = False

    def tell(self, event: Started | Stepped) -> None:
        """A start or a step."""
        from ..batch import header
        from ..trace.events import Stepped

        if isinstance(event, Stepped):
            for watcher in self._watchers:
                watcher.step(event)
            return
        self._is_open = True
        for watcher in self._watchers:
            watcher.start(header(self._job, self._text, event))

    def end(self, status: str, result: Result | None = None) -> None:
        """However it ended, once."""
        from ..trace.lines import Footer

        if self._is_open:
            self._is_open = False
            for watcher in self._watchers:
                watcher.end(Footer(status, result.record() if result else {}))


@contextmanager
def watched(job: Job, text: str | None, watchers: Sequence[Watcher]) -> Iterator[Watched]:
    """Watchers for the length of a block; they learn its end also where it is an interruption or an error."""
    found = Watched(job, text, watchers)
    try:
        yield found
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        found.end("interrupted")
        raise
    except BaseException:
        found.end("error")
        raise


@contextmanager
def trace_writer(target: str | None, output: Output) -> Iterator[Callable[[str], None] | None]:
    """Where trace lines go: a file, gzipped by its suffix, or stdout. Raises UsageError where it cannot be written."""
    if target is None:
        yield None
    elif target == STDOUT:
        yield output.write
    else:
        with opened(Path(target)) as stream:

            def write(line: str) -> None:
                stream.write(line.encode())
                stream.flush()

            yield write


def opened(file: Path) -> Any:
    """A file to write bytes to. Raises UsageError where that is not possible."""
    try:
        return gzip.open(file, "wb") if file.suffix == ".gz" else file.open("wb")
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror or error}); choose another place.") from None


def views(view: View, spell: Callable[[int], bytes], pace: float | None = None, layout: str = "auto") -> list[Watcher]:
    """The watcher that shows the decoding on stderr, if there is to be one."""
    from ..viz.watch import LiveView, PlainView

    if view is View.OFF or stderr.MANNER.level < 0 or sys.stderr is None:
        return []
    if view is View.LIVE or (view is View.AUTO and stderr.is_animated()):
        if not stderr.is_animated():
            raise UsageError("--view live needs a terminal on stderr; take --view plain.")
        return [LiveView(screen(layout), spell, pace)]
    patience = PATIENCE if view is View.AUTO and pace is None else 0.0
    return [PlainView(stderr.notice, spell, patience)]


def screen(layout: str = "auto") -> Screen:
    """The terminal on stderr."""
    from ..viz.live import Screen

    return Screen(sys.stderr, stderr.is_colored(), look(sys.stderr), layout)


def look(stream: TextIO) -> Look:
    """Glyphs where the stream can carry them, else ASCII."""
    from ..viz.look import Look

    return Look(is_plain=not (stream.encoding or "").lower().replace("-", "").startswith("utf"))
