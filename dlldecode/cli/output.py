"""stdout carries the result and nothing else: it is taken away from everyone but the command itself."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from ..errors import UsageError
from .stderr import harmless

READER_GONE = 141


class Output:
    """Where results go; every write is complete when it returns, so that a reader can leave at any record."""

    def __init__(self, descriptor: int | None, text: TextIO) -> None:
        self._descriptor, self._text = descriptor, text
        self.is_terminal = text.isatty()

    def write(self, text: str) -> None:
        """Write a text: unaltered to a pipe or file; with control characters made visible to a terminal."""
        shown = harmless(text) if self.is_terminal else text
        if self._descriptor is None:
            self._text.write(shown)
            return
        data = memoryview(shown.encode("utf-8"))
        while data:
            data = data[os.write(self._descriptor, data) :]


@contextmanager
def results() -> Iterator[Output]:
    """Give stdout to the block alone: whatever else prints, in Python or in C, reaches stderr.

    Raises UsageError when stdout is closed.
    """
    stream = sys.stdout
    if stream is None:
        raise UsageError("stdout is closed; give the result somewhere to go, as in > answer.txt.")
    descriptor = _descriptor(stream)
    if descriptor is None:
        with redirect_stdout(sys.stderr):
            yield Output(None, stream)
        return
    stream.flush()
    own = os.dup(descriptor)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a reader that left is an error here, not the end
    _point_at_stderr(descriptor)
    try:
        with redirect_stdout(sys.stderr or io.StringIO()):
            yield Output(own, stream)
    except BrokenPipeError:
        raise SystemExit(READER_GONE) from None
    except OSError as error:
        if error.errno == errno.EBADF:
            raise UsageError("stdout cannot be written to; give the result somewhere to go.") from None
        raise
    finally:
        # What was pointed at stderr stays there: C libraries flush their buffers when the process ends.
        os.close(own)


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None


def _point_at_stderr(descriptor: int) -> None:
    try:
        os.dup2(2, descriptor)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
