"""Trace lines: what a header, a step and a footer hold, as JSON objects and back. See docs/trace-format.md."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import PurePath
from reprlib import repr as shown
from typing import Any

from .events import Commit, Interval, Stepped

SCHEMA = 1
FORMAT = "dlldecode-trace"
LARGEST = 2**53 - 1  # beyond it JSON readers disagree
LARGEST_CANVAS = 2**20  # a reader makes room for every position, so that a damaged header must not ask for all memory

Read = Callable[[Any], Any]  # from JSON; raises ValueError with a sentence about the value


@dataclass(frozen=True)
class Header:
    """What a decoding started from. `bytes` spells the ids of the prompt and the mask; later lines spell the others."""

    prompt: str | None
    prompt_ids: tuple[int, ...]
    canvas: int
    mask_id: int
    stop_ids: tuple[int, ...]
    block_length: int
    model: str
    strategy: str
    preset: str
    seed: int
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    about: Mapping[str, Any] = field(default_factory=dict)
    bytes: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def how(self) -> tuple[str, ...]:
        """The strategy, and the preset where that has another name; a strategy's file without its folders."""
        names = dict.fromkeys((self.strategy, self.preset))
        return tuple(PurePath(name).name if name.endswith(".py") else name for name in names)

    @property
    def has_equal_blocks(self) -> bool:
        """Whether every block but the last is `block_length` long and opens alone, so that all are known beforehand."""
        return bool(self.settings.get("window", "fixed") == "fixed")


@dataclass(frozen=True)
class Footer:
    """How it ended: `status` is ok, interrupted or error; `record` is the result as `generate -f json` writes it."""

    status: str
    record: Mapping[str, Any] = field(default_factory=dict)


def header_line(header: Header) -> str:
    """The first line."""
    values = {each.name: getattr(header, each.name) for each in fields(header)}
    return dumped({"type": "header", "format": FORMAT, "schema": SCHEMA, **values, "bytes": encoded(header.bytes)})


def step_line(step: Stepped, fresh: Mapping[int, bytes]) -> str:
    """One step, with the bytes of ids that were not seen before."""
    return dumped(
        {
            "type": "step",
            "step": step.step,
            "forwards": step.forwards,
            "block": step.block,
            "phase": step.phase,
            "commits": [(c.position, c.token, rounded(c.confidence), c.kind, rounded(c.score)) for c in step.commits],
            "revocations": step.revocations,
            "regions": step.regions,
            "anchors": step.anchors,
            "clusters": step.clusters,
            "seconds": rounded(step.seconds),
            "bytes": encoded(fresh),
        }
    )


def footer_line(footer: Footer) -> str:
    """The last line."""
    return dumped({"type": "footer", "status": footer.status, "record": footer.record})


def header_of(line: Mapping[str, Any]) -> Header:
    """Read a header. Raises ValueError where it is none."""
    return Header(**taken(line, HEADER))


def step_of(line: Mapping[str, Any]) -> Stepped:
    """Read a step. Raises ValueError where it is none."""
    return Stepped(index=0, **taken(line, STEP))


def footer_of(line: Mapping[str, Any]) -> Footer:
    """Read a footer. Raises ValueError where it is none."""
    return Footer(**taken(line, FOOTER))


def taken(line: Mapping[str, Any], readers: Mapping[str, Read]) -> dict[str, Any]:
    """The fields of a line that have a reader; others, which a later version may write, are left alone."""
    found = {}
    for name, read in readers.items():
        if name not in line:
            raise ValueError(f"{name} is missing")
        try:
            found[name] = read(line[name])
        except ValueError as error:
            raise ValueError(f"in {name}, {error}") from error
    return found


def whole(value: Any, least: int = 0, most: int = LARGEST) -> int:
    """A whole number."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{shown(value)} is not a whole number from {least} to {most}")
    return value


def real(value: Any) -> float:
    """A number; null stands for one that was not finite, and ranks below everything."""
    return -math.inf if value is None else finite(value)


def finite(value: Any) -> float:
    """A number that is there."""
    if type(value) not in (int, float) or not -LARGEST <= value <= LARGEST:
        raise ValueError(f"{shown(value)} is not a number")
    return float(value)


def duration(value: Any) -> float:
    """Seconds."""
    if finite(value) < 0:
        raise ValueError(f"{shown(value)} is negative")
    return float(value)


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not a text")
    return value


def text_or_none(value: Any) -> str | None:
    """A text, or nothing."""
    return None if value is None else text(value)


def table(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is not an object")
    return value


def array(value: Any) -> list[Any]:
    """A JSON array."""
    if not isinstance(value, list):
        raise ValueError(f"{shown(value)} is not an array")
    return value


def wholes(value: Any) -> tuple[int, ...]:
    """Whole numbers."""
    return tuple(map(whole, array(value)))


def interval(value: Any) -> Interval:
    """A first and a last position. Long traces are full of them, so that this is one comparison."""
    if type(value) is list and len(value) == 2:
        first, last = value
        if type(first) is type(last) is int and 0 <= first <= last <= LARGEST:
            return Interval(first, last)
    raise ValueError(f"{shown(value)} is not a first and a last position")


def intervals(value: Any) -> tuple[Interval, ...]:
    """Intervals."""
    return tuple(map(interval, array(value)))


def commits(value: Any) -> tuple[Commit, ...]:
    """Positions written."""
    return tuple(map(commit, array(value)))


def commit(value: Any) -> Commit:
    """A position written."""
    if not isinstance(value, list) or len(value) != len(Commit._fields):
        raise ValueError(f"{shown(value)} is not [{', '.join(Commit._fields)}]")
    at, token, confidence, kind, score = value
    return Commit(whole(at), whole(token), real(confidence), text(kind), real(score))


def decoded(value: Any) -> dict[int, bytes]:
    """Bytes by id, from base64."""
    try:
        return {whole(int(token)): base64.b64decode(text(raw), validate=True) for token, raw in table(value).items()}
    except binascii.Error as error:
        raise ValueError(f"{shown(value)} does not hold base64") from error


def encoded(spelling: Mapping[int, bytes]) -> dict[str, str]:
    """Bytes in base64, by id."""
    return {str(token): base64.b64encode(raw).decode("ascii") for token, raw in spelling.items()}


def rounded(value: float) -> float | None:
    """As JSON has it: six digits, and null for what is not finite."""
    return round(value, 6) if math.isfinite(value) else None


def dumped(value: Any) -> str:
    """One compact line, in ASCII, so that it survives every pipe."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n"
    except ValueError:
        return dumped(tamed(value))


def tamed(value: Any) -> Any:
    """The value with null in place of every number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: tamed(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [tamed(each) for each in value]
    return value


HEADER: Mapping[str, Read] = {
    "prompt": text_or_none,
    "prompt_ids": wholes,
    "canvas": partial(whole, least=1, most=LARGEST_CANVAS),
    "mask_id": whole,
    "stop_ids": wholes,
    "block_length": partial(whole, least=1),
    "model": text,
    "strategy": text,
    "preset": text,
    "seed": whole,
    "settings": table,
    "options": table,
    "about": table,
    "bytes": decoded,
}
STEP: Mapping[str, Read] = {
    "step": whole,
    "forwards": whole,
    "block": interval,
    "phase": text,
    "commits": commits,
    "revocations": wholes,
    "regions": intervals,
    "anchors": wholes,
    "clusters": intervals,
    "seconds": duration,
}
FOOTER: Mapping[str, Read] = {"status": text, "record": table}
