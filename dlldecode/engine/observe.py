"""From device tensors to events: what a step sends home in one transfer, and how it is read there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ..core.step import Kind, Phase
from ..trace.events import Commit, Finished, Forwards, Interval, Stepped
from .advance import Moment
from .board import Board, Session

_ROW = ("active", "done", "due", "opens_at", "step", "forwards", "start", "end", "phase")
_PLACE = ("masked", "valid", "commit", "revoke", "token", "confidence", "score", "kind", "cluster")
_RESULT = ("full", "windowed", "idle", "positions", "remasked", "step")


@dataclass(frozen=True)
class Layout:
    """How the numbers of the steps that one forward brought lie in a row, `steps` times as many for each.

    For every row of the batch first its own, then, when observed, W of each kind.
    """

    rows: int
    width: int
    observe: bool
    steps: int = 1

    @property
    def stride(self) -> int:
        """Numbers per row."""
        return len(_ROW) + (len(_PLACE) * self.width if self.observe else 0)

    def parts(self, numbers: list[float]) -> list[list[float]]:
        """The numbers of each step."""
        size = self.rows * self.stride
        return [numbers[start : start + size] for start in range(0, self.steps * size, size)]

    def row(self, numbers: list[float], row: int) -> dict[str, float]:
        """The row's own numbers by name."""
        start = row * self.stride
        return dict(zip(_ROW, numbers[start : start + len(_ROW)], strict=True))

    def places(self, numbers: list[float], row: int) -> dict[str, list[float]]:
        """The row's numbers per position by name."""
        start = row * self.stride + len(_ROW)
        cut = (numbers[start + n * self.width : start + (n + 1) * self.width] for n in range(len(_PLACE)))
        return dict(zip(_PLACE, cut, strict=True))


@torch.inference_mode()
def pack(moment: Moment, board: Board, layout: Layout) -> Tensor:
    """Everything that one step sends home, as one flat float64 tensor (exact for ids and float32)."""
    view, decision = moment.view, moment.decision
    forwards = board.tally.full + board.tally.windowed
    own = (moment.active, moment.done, moment.due, moment.after.start, view.step, forwards)
    row = (*own, *moment.window, decision.notes.phase)
    parts = [torch.stack([item.double() for item in row], dim=1)]
    if layout.observe:
        place = (
            view.masked,
            view.valid,
            decision.commit,
            decision.revoke,
            decision.tokens,
            view.confidence,
            decision.score,
            decision.notes.kind,
            decision.notes.cluster,
        )
        parts.append(torch.stack([item.double() for item in place], dim=1).flatten(1))
    return torch.cat(parts, dim=1).flatten()


class Status(NamedTuple):
    """How a row stands after a step; `start` is where its window opens, in places of the canvas."""

    done: bool
    due: bool
    start: int


def status(numbers: list[float], layout: Layout) -> list[Status]:
    """How every row stands after the last step."""
    last = layout.parts(numbers)[-1]
    rows = (layout.row(last, row) for row in range(layout.rows))
    return [Status(bool(own["done"]), bool(own["due"]), int(own["opens_at"])) for own in rows]


def stepped(numbers: list[float], layout: Layout) -> Iterator[Stepped]:
    """The steps of every row that took one; the loop knows the time."""
    for part in layout.parts(numbers):
        for row in range(layout.rows):
            own = layout.row(part, row)
            if own["active"]:
                yield _stepped(row, own, layout.places(part, row))


def _stepped(index: int, own: dict[str, float], place: dict[str, list[float]]) -> Stepped:
    start = int(own["start"])
    commits = {at for at, flag in enumerate(place["commit"]) if flag}
    revoked = [at for at, flag in enumerate(place["revoke"]) if flag]
    regions = intervals(bool(m) or bool(r) for m, r in zip(place["masked"], place["revoke"], strict=True))
    seeds = [at for at in commits if place["kind"][at] == Kind.SEED]
    return Stepped(
        index=index,
        step=int(own["step"]),
        forwards=int(own["forwards"]),
        block=Interval(start, int(own["end"]) - 1),
        phase=Phase(int(own["phase"])).name.lower(),
        commits=tuple(_commit(start, at, place) for at in sorted(commits)),
        revocations=tuple(start + at for at in revoked if at not in commits),
        regions=shifted(regions, start),
        anchors=tuple(start + at for at in sorted(seeds or anchors(regions, place["valid"]))),
        clusters=shifted(intervals(map(bool, place["cluster"])), start),
        seconds=0.0,
    )


def _commit(start: int, at: int, place: dict[str, list[float]]) -> Commit:
    kind = Kind(int(place["kind"][at])).name.lower()
    return Commit(start + at, int(place["token"][at]), place["confidence"][at], kind, place["score"][at])


def intervals(flags: Iterable[bool]) -> list[Interval]:
    """Maximal stretches of True."""
    found: list[Interval] = []
    for at, flag in enumerate(flags):
        if not flag:
            continue
        if found and found[-1].last == at - 1:
            found[-1] = Interval(found[-1].first, at)
        else:
            found.append(Interval(at, at))
    return found


def shifted(found: Iterable[Interval], start: int) -> tuple[Interval, ...]:
    """Window intervals as canvas intervals."""
    return tuple(Interval(start + each.first, start + each.last) for each in found)


def anchors(regions: list[Interval], valid: list[float]) -> set[int]:
    """Written positions of the window that border a run of masks."""
    beside = {each.first - 1 for each in regions} | {each.last + 1 for each in regions}
    return {at for at in beside if 0 <= at < len(valid) and valid[at]}


@torch.inference_mode()
def observed(board: Board, session: Session) -> Tensor:
    """Canvas and counts of every row, flat."""
    tally = torch.stack((*board.tally, board.step), dim=1)
    return torch.cat((board.canvas, tally), dim=1).double().flatten()


def result(numbers: list[float], ended: Iterable[int], session: Session) -> Iterator[Finished]:
    """The end of each row in `ended`; the loop knows the time."""
    stride = session.canvas + len(_RESULT)
    for row in ended:
        own = numbers[row * stride : (row + 1) * stride]
        ids = tuple(int(number) for number in own[: session.canvas])
        count = dict(zip(_RESULT, map(int, own[session.canvas :]), strict=True))
        stop = next((at for at, token in enumerate(ids) if token in session.stop_set), None)
        yield Finished(
            index=row,
            token_ids=ids,
            effective=session.canvas if stop is None else stop,
            finish="length" if stop is None else "stop",
            forwards=Forwards(count["full"], count["windowed"], count["idle"], count["positions"]),
            steps=count["step"],
            remasked=count["remasked"],
            seconds=0.0,
        )
