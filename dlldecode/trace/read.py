"""Read a trace back: from a file or a pipe, plain or gzipped, whole or cut."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, overload

from ..errors import UsageError
from .events import Stepped
from .lines import FORMAT, SCHEMA, Footer, Header, decoded, footer_of, header_of, step_of

GZIP = b"\x1f\x8b"
STDIN = "-"


class Steps(Sequence[Stepped]):
    """The steps of a trace; kept as they were read and parsed when asked for, which takes a tenth of the memory."""

    def __init__(self, lines: Sequence[bytes] = ()) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, at: int) -> Stepped: ...
    @overload
    def __getitem__(self, at: slice) -> Steps: ...
    def __getitem__(self, at: int | slice) -> Stepped | Steps:
        if isinstance(at, slice):
            return Steps(self._lines[at])
        return step_of(json.loads(self._lines[at]))


@dataclass(frozen=True)
class Recording:
    """A trace: `name` as messages call it; without a `footer` it was cut, or its run was."""

    name: str
    header: Header
    steps: Steps
    footer: Footer | None = None
    bytes: dict[int, bytes] = field(default_factory=dict)


class Line(NamedTuple):
    """A line that could be read, and its number from 1."""

    number: int
    raw: bytes
    value: dict[str, Any]


def read(source: str) -> Recording:
    """Read the trace of a file, or of stdin for "-". Raises UsageError for what is not one."""
    name = "stdin" if source == STDIN else source
    with opened(source) as stream:
        return recording(name, stream)


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """The bytes of a file or of stdin, unpacked."""
    if source == STDIN:
        yield unpacked(sys.stdin.buffer)
        return
    try:
        with Path(source).open("rb") as stream:
            yield unpacked(stream)
    except OSError as error:
        raise UsageError(f"{source} cannot be read ({error.strerror or error}); name a trace or -.") from error


def unpacked(stream: Any) -> BinaryIO:
    """The stream itself, or what it unpacks to."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)
    packed = buffered.peek(2)[:2] == GZIP
    return gzip.GzipFile(fileobj=buffered) if packed else buffered  # type: ignore[return-value]


def recording(name: str, stream: BinaryIO) -> Recording:
    """Read a trace from a stream."""
    lines = parsed(name, stream)
    first = next(lines, None)
    header = header_from(name, first)
    kept, spelling, footer = list[bytes](), dict(header.bytes), None
    for line in lines:
        try:
            if line.value["type"] == "step":
                check(step_of(line.value), header)
                spelling |= decoded(line.value["bytes"])
                kept.append(line.raw)
            elif line.value["type"] == "footer":
                footer = footer_of(line.value)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(name, line.number, error) from error
    return Recording(name, header, Steps(kept), footer, spelling)


def header_from(name: str, line: Line | None) -> Header:
    """The header of the first line."""
    if line is None or line.value.get("format") != FORMAT or line.value.get("type") != "header":
        raise UsageError(f"{name} is not a trace; record one with: dlldecode generate --trace FILE.")
    schema = line.value.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise UsageError(f"{name} has trace schema {schema}, and this version reads up to {SCHEMA}; upgrade dlldecode.")
    try:
        return header_of(line.value)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(name, 1, error) from error


def parsed(name: str, stream: BinaryIO) -> Iterator[Line]:
    """The lines that hold a JSON object; the last one may be cut."""
    for number, raw in enumerate(whole_lines(stream), 1):
        try:
            value = json.loads(raw)
        except ValueError as error:
            if not raw.endswith(b"\n"):
                return
            if number == 1:
                raise UsageError(f"{name} is not a trace: its first line is not JSON.") from error
            raise damaged(name, number, error) from error
        if isinstance(value, dict):
            yield Line(number, raw, value)
        elif number > 1:
            raise damaged(name, number, ValueError("not an object"))
        else:
            return


def whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a stream, up to where a gzipped one was cut."""
    try:
        yield from stream
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return


def check(step: Stepped, header: Header) -> None:
    """Raise ValueError for a step outside of the canvas."""
    places = [commit.position for commit in step.commits]
    places += [*step.revocations, *step.anchors, step.block.last]
    places += [each.last for each in (*step.regions, *step.clusters)]
    if max(places) >= header.canvas:
        raise ValueError(f"position {max(places)} is outside of the canvas of {header.canvas}")


def damaged(name: str, number: int, error: Exception) -> UsageError:
    """The sentence for a line that cannot be understood."""
    what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
    return UsageError(f"{name}, line {number} is damaged: {what}; record the trace again.")
