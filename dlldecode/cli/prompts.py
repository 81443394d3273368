"""Where prompts come from: the argument, stdin, or both."""

from __future__ import annotations

import io
import json
import os
import select
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from ..errors import UsageError
from .stderr import notice

if TYPE_CHECKING:
    from ..batch import Prompt

PATIENCE = 2.0  # seconds of silence, counted from the start of the program
STARTED = time.monotonic()
PIECE = 1 << 16  # bytes that are read at once
BOM = b"\xef\xbb\xbf"


class Shape(str, Enum):
    """How stdin is cut into prompts."""

    TEXT, LINES, JSONL = "text", "lines", "jsonl"


class Stdin(Enum):
    """What stdin is, as far as reading it goes."""

    JOINED = "a pipe or a regular file: it joins the argument"
    TERMINAL = "a terminal: nobody asked for it"
    OTHER = "a device or a socket: it is read only when there is no argument"
    CLOSED = "closed"


def is_missing(argument: str | None) -> bool:
    """Whether nothing was given: no argument, and stdin is a terminal."""
    return argument is None and _kind() is Stdin.TERMINAL


def single(argument: str | None) -> Prompt:
    """The one prompt: stdin, a blank line, the argument; or whichever of the two there is.

    Raises UsageError when stdin is closed or no UTF-8 text.
    """
    from ..batch import Prompt

    if argument is None or argument == "-":
        return Prompt(_text(_stdin()))
    before = _text(_stdin()) if _kind() is Stdin.JOINED else ""
    return Prompt(f"{before}\n\n{argument}" if before else argument)


def many(argument: str | None, shape: Shape) -> Prompts:
    """One prompt a line of stdin, read as they are asked for; blank lines are skipped and not counted."""
    if argument not in (None, "-"):
        raise UsageError(f"--input {shape.value} reads its prompts from stdin; leave the argument {argument!r} out.")
    return Prompts(Lines(_stdin()), Objects().read if shape is Shape.JSONL else _line)


class Line(NamedTuple):
    """A line and its number, which begins with 1."""

    number: int
    data: bytes

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.data.strip()


class Prompts:
    """Prompts from lines; the next one can be looked for without waiting for it."""

    def __init__(self, lines: Lines, read: Callable[[Line], Prompt]) -> None:
        self._lines, self._read = lines, read
        self._first: list[Prompt] = []

    def put_back(self, prompt: Prompt) -> None:
        """Let a prompt be the next one again."""
        self._first.append(prompt)

    def __iter__(self) -> Iterator[Prompt]:
        """Itself."""
        return self

    def __next__(self) -> Prompt:
        """The next prompt, waited for."""
        return self._first.pop() if self._first else self._read(next(line for line in self._lines if not line.is_blank))

    def look(self) -> Prompt | None:
        """The next prompt if its line is there by now."""
        while (line := self._lines.look()) is not None:
            if not line.is_blank:
                return self._read(line)
        return None


class Lines:
    """Lines of a stream, the mark that some editors begin a file with left out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._held, self._is_over, self._count = stream, b"", False, 0

    def __iter__(self) -> Iterator[Line]:
        """Lines, waited for."""
        while (line := self._cut()) is not None or not self._is_over:
            if line is None:
                self._fill()
            else:
                yield line

    def look(self) -> Line | None:
        """The next line if it is there by now."""
        while (line := self._cut()) is None and not self._is_over and _is_readable(self._stream):
            self._fill()
        return line

    def _fill(self) -> None:
        fresh = self._stream.read1(PIECE)  # type: ignore[attr-defined]   # every buffered stream has it
        self._held, self._is_over = self._held + fresh, not fresh

    def _cut(self) -> Line | None:
        line, newline, rest = self._held.partition(b"\n")
        if not newline and not (self._is_over and line):
            return None
        self._held, self._count = rest, self._count + 1
        return Line(self._count, line.removeprefix(BOM) if self._count == 1 else line)


def _is_readable(stream: BinaryIO) -> bool:
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):
        return True  # nothing that can be waited for


def _kind() -> Stdin:
    if sys.stdin is None or sys.stdin.closed:
        return Stdin.CLOSED
    if sys.stdin.isatty():
        return Stdin.TERMINAL
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except io.UnsupportedOperation:
        return Stdin.JOINED  # a stream in memory
    except OSError:
        return Stdin.CLOSED
    return Stdin.JOINED if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) else Stdin.OTHER


def _stdin() -> BinaryIO:
    if _kind() is Stdin.CLOSED:
        raise UsageError("stdin is closed; give a prompt as an argument, or pipe one in.")
    stream = sys.stdin.buffer
    try:
        waiting = not select.select([stream], [], [], max(0.0, STARTED + PATIENCE - time.monotonic()))[0]
    except (OSError, ValueError):
        return stream  # nothing that can be waited for
    if waiting and _kind() is not Stdin.TERMINAL:
        notice("waiting for stdin, which is open and silent; end it, or run with < /dev/null.")
    return stream


def _text(stream: BinaryIO) -> str:
    data = stream.read()
    try:
        return _without_newline(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(f"stdin is {_not_text(error)}") from None


def _without_newline(text: str) -> str:
    return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")


def _not_text(error: UnicodeDecodeError) -> str:
    return f"not UTF-8 text: byte {error.start} is 0x{error.object[error.start]:02x}; convert it first, as with iconv."


def _line(line: Line) -> Prompt:
    from ..batch import Prompt

    try:
        return Prompt(line.data.decode("utf-8").removesuffix("\r"))
    except UnicodeDecodeError as error:
        return Prompt(None, problem=f"line {line.number} is {_not_text(error)}")


class Objects:
    """Reads lines as JSON objects with a prompt; says once of every other key that it is left out."""

    def __init__(self) -> None:
        self._known = {"prompt", "id"}

    def read(self, line: Line) -> Prompt:
        """The prompt of a line, or what is wrong with it."""
        from ..batch import Prompt

        found, place = _parsed(line), f"line {line.number}"
        if isinstance(found, str):
            return Prompt(None, problem=f"{place} is {found}")
        text, name = found.get("prompt"), found.get("id")
        if "prompt" not in found:
            return Prompt(None, name, f"{place} has no key prompt; its keys are {', '.join(found) or 'none'}.")
        if not isinstance(text, str):
            return Prompt(None, name, f"{place} has prompt = {json.dumps(text)[:40]}; it must be text.")
        self._tell_others(place, found)
        return Prompt(text, name)

    def _tell_others(self, place: str, keys: Iterable[str]) -> None:
        others = [key for key in keys if key not in self._known]
        self._known.update(others)
        if others:
            notice(f"{place}: only prompt and id are read; left out: {', '.join(others)}.")


def _parsed(line: Line) -> dict[str, Any] | str:
    """The object on a line, or why there is none."""
    try:
        found = json.loads(line.data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _not_text(error)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at column {error.colno}."
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}."
    return (
        found
        if isinstance(found, dict)
        else f'not a JSON object but {json.dumps(found)[:40]}; write {{"prompt": ...}}.'
    )
