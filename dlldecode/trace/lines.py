"""Trace lines: what a header, a step and a footer hold, as JSON objects and back. See docs/trace-format.md."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .events import Commit, Interval, Stepped

SCHEMA = 1
FORMAT = "dlldecode-trace"


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
            "commits": [(c.position, c.token, number(c.confidence), c.kind, number(c.score)) for c in step.commits],
            "revocations": step.revocations,
            "regions": step.regions,
            "anchors": step.anchors,
            "clusters": step.clusters,
            "seconds": round(step.seconds, 6),
            "bytes": encoded(fresh),
        }
    )


def footer_line(footer: Footer) -> str:
    """The last line."""
    return dumped({"type": "footer", "status": footer.status, "record": footer.record})


def header_of(line: Mapping[str, Any]) -> Header:
    """Read a header. Raises KeyError, TypeError or ValueError where it is none."""
    own = {each.name: line[each.name] for each in fields(Header)}
    own |= {name: tuple(map(int, own[name])) for name in ("prompt_ids", "stop_ids")}
    return Header(**{**own, "bytes": decoded(own["bytes"]), "canvas": whole(own["canvas"])})


def step_of(line: Mapping[str, Any]) -> Stepped:
    """Read a step. Raises KeyError, TypeError or ValueError where it is none."""
    return Stepped(
        index=0,
        step=whole(line["step"]),
        forwards=whole(line["forwards"]),
        block=Interval(*map(whole, line["block"])),
        phase=str(line["phase"]),
        commits=tuple(
            Commit(whole(at), whole(token), real(confidence), str(kind), real(score))
            for at, token, confidence, kind, score in line["commits"]
        ),
        revocations=tuple(map(whole, line["revocations"])),
        regions=intervals(line["regions"]),
        anchors=tuple(map(whole, line["anchors"])),
        clusters=intervals(line["clusters"]),
        seconds=float(line["seconds"]),
    )


def footer_of(line: Mapping[str, Any]) -> Footer:
    """Read a footer. Raises KeyError or TypeError where it is none."""
    return Footer(str(line["status"]), dict(line["record"]))


def intervals(pairs: Iterable[Sequence[int]]) -> tuple[Interval, ...]:
    """Pairs of positions as intervals."""
    return tuple(Interval(whole(first), whole(last)) for first, last in pairs)


def whole(value: Any) -> int:
    """A whole number that is not negative. Raises ValueError for anything else."""
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a whole number from 0")
    return value


def number(value: float) -> float | None:
    """As JSON has it: six digits, and null for what is not finite."""
    return round(value, 6) if math.isfinite(value) else None


def real(value: float | None) -> float:
    """Back again; what was not finite ranks below everything."""
    return float("-inf") if value is None else float(value)


def encoded(spelling: Mapping[int, bytes]) -> dict[str, str]:
    """Bytes in base64, by id."""
    return {str(token): base64.b64encode(raw).decode("ascii") for token, raw in spelling.items()}


def decoded(spelling: Mapping[str, str]) -> dict[int, bytes]:
    """Back again."""
    return {int(token): base64.b64decode(raw, validate=True) for token, raw in spelling.items()}


def dumped(value: Any) -> str:
    """One compact line, in ASCII, so that it survives every pipe."""
    return json.dumps(value, separators=(",", ":")) + "\n"
