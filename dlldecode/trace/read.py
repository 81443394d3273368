"""Read a trace back: from a file or a pipe, plain or gzipped, whole or cut."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, overload

from ..errors import UsageError
from .events import Stepped
from .lines import (
    FORMAT,
    SCHEMA,
    Footer,
    Header,
    decoded,
    footer_of,
    header_of,
    step_of,
    table,
    taken,
    text,
    whole,
)

GZIP = b"\x1f"
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
    with opened(source, name) as stream:
        return recording(name, stream)


@contextmanager
def opened(source: str, name: str) -> Iterator[BinaryIO]:
    """The bytes of a file or of stdin, unpacked."""
    try:
        with stdin() if source == STDIN else Path(source).open("rb") as stream:
            yield unpacked(stream)
    except (OSError, zlib.error, ValueError) as error:  # ValueError: a path with a zero character, a closed stdin
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{name} cannot be read ({reason}); name a trace or -.") from error


def stdin() -> AbstractContextManager[BinaryIO]:
    """The bytes of stdin, which is left open. Raises ValueError where there is none."""
    if sys.stdin is None:
        raise ValueError("it is closed")
    return nullcontext(sys.stdin.buffer)


def unpacked(stream: Any) -> BinaryIO:
    """The stream itself, or what it unpacks to."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)
    # One byte tells, and more may not have come yet through a pipe; JSON never begins with it.
    packed = buffered.peek(1)[:1] == GZIP
    return gzip.GzipFile(fileobj=buffered) if packed else buffered  # type: ignore[return-value]


def recording(name: str, stream: BinaryIO) -> Recording:
    """Read a trace from a stream."""
    lines = parsed(name, stream)
    header = header_from(name, next(lines, None))
    kept, written, spelling, footer = list[bytes](), set[int](), dict(header.bytes), None
    for line in lines:
        try:
            kind = taken(line.value, {"type": text})["type"]
            if kind == "step":
                follow(step_of(line.value), len(kept), header.canvas, written)
                spelling |= taken(line.value, {"bytes": decoded})["bytes"]
                kept.append(line.raw)
            elif kind == "footer":
                footer = footer_of(line.value)
            elif kind == "header":
                raise ValueError("a second header; a file holds one trace")
        except ValueError as error:
            raise damaged(name, line.number, error) from error
    return Recording(name, header, Steps(kept), footer, spelling)


def header_from(name: str, line: Line | None) -> Header:
    """The header of the first line."""
    if line is None or line.value.get("format") != FORMAT or line.value.get("type") != "header":
        raise UsageError(f"{name} is not a trace; record one with: dlldecode generate --trace FILE.")
    try:
        schema = whole(line.value.get("schema"), least=1)
        if schema > SCHEMA:
            versions = f"{name} has trace schema {schema}, and this version reads up to {SCHEMA}"
            raise UsageError(f"{versions}; upgrade dlldecode.")
        return header_of(line.value)
    except ValueError as error:
        raise damaged(name, 1, error) from error


def parsed(name: str, stream: BinaryIO) -> Iterator[Line]:
    """The lines, each a JSON object, up to one that is cut; nothing where the first line is none."""
    for number, raw in enumerate(whole_lines(stream), 1):
        try:
            value = table(json.loads(raw, parse_constant=refused))
        except (ValueError, RecursionError) as error:
            if number == 1 or not raw.endswith(b"\n"):
                return
            raise damaged(name, number, ValueError("it is no JSON object")) from error
        yield Line(number, raw, value)


def refused(constant: str) -> None:
    """Raise ValueError for NaN and Infinity, which are not JSON."""
    raise ValueError(f"{constant} is not JSON")


def whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a stream, up to where a gzipped one was cut."""
    try:
        yield from stream
    except EOFError:
        return


def follow(step: Stepped, number: int, canvas: int, written: set[int]) -> None:
    """Keep account of the written positions. Raises ValueError for a step that cannot come next."""
    if step.step != number:
        raise ValueError(f"step {step.step} stands where step {number} was expected")
    commits = [commit.position for commit in step.commits]
    spans = (step.block, *step.regions, *step.clusters)
    largest = max(*commits, *step.revocations, *step.anchors, *(span.last for span in spans), 0)
    if largest >= canvas:
        raise ValueError(f"position {largest} is outside of the canvas of {canvas}")
    for position in step.revocations:
        if position not in written:
            raise ValueError(f"position {position} is taken back, but was not written")
        written.remove(position)
    written.update(commits)
    if len(set(commits)) < len(commits) or not written.isdisjoint(step.revocations):
        raise ValueError("a position is written twice, or written and taken back")


def damaged(name: str, number: int, error: Exception) -> UsageError:
    """The sentence for a line that cannot be understood."""
    return UsageError(f"{name}, line {number} is damaged: {error}; record the trace again.")
