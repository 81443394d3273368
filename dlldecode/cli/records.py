"""How results are written: text, one JSON document, or a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from . import stderr
from .output import Output

if TYPE_CHECKING:
    from ..batch import Result
    from ..trace.events import Stepped


class Format(str, Enum):
    """What stdout carries."""

    TEXT, JSON, JSONL = "text", "json", "jsonl"


class TextWriter:
    """The answers as they are, each ended by a new line; an empty line stands for one that failed."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def result(self, result: Result) -> None:
        """Write one answer, and on stderr why there is none."""
        if result.error is not None:
            stderr.error(f"prompt {result.id}: {result.error}")
        self._output.write(f"{result.text or ''}\n")

    def step(self, step: Stepped) -> None:
        """Text has no steps."""


class Silent(TextWriter):
    """Nothing: stdout carries something else."""

    def result(self, result: Result) -> None:
        """Write nothing."""


class LineWriter(TextWriter):
    """One JSON object a line."""

    def result(self, result: Result) -> None:
        """Write one record."""
        self._output.write(dumped(result.record()) + "\n")

    def step(self, step: Stepped) -> None:
        """Write one step; its `type` tells it from a record, which has none."""
        self._output.write(dumped({"type": "step", **asdict(step)}) + "\n")


class DocumentWriter(TextWriter):
    """One JSON object, or for a batch an array, in which records are written as they come."""

    def __init__(self, output: Output, in_batch: bool) -> None:
        super().__init__(output)
        self._in_batch, self._count = in_batch, 0

    def result(self, result: Result) -> None:
        """Write one record."""
        lead = ("[\n" if self._count == 0 else ",\n") if self._in_batch else ""
        tail = "" if self._in_batch else "\n"
        self._count += 1
        self._output.write(lead + dumped(result.record()) + tail)

    def close(self) -> None:
        """End the array."""
        if self._in_batch:
            self._output.write("\n]\n" if self._count else "[]\n")


@contextmanager
def writer(output: Output, form: Format, in_batch: bool) -> Iterator[TextWriter]:
    """Something to write results with; what it wrote is whole however the block ends."""
    if form is not Format.JSON:
        yield LineWriter(output) if form is Format.JSONL else TextWriter(output)
        return
    document = DocumentWriter(output, in_batch)
    try:
        yield document
    except BrokenPipeError:
        raise
    except BaseException:
        if in_batch:
            document.close()
        raise
    document.close()


def dumped(value: Any) -> str:
    """Compact JSON with readable text; half of a surrogate pair goes out as the escape that it came in as."""
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
