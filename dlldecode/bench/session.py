"""A whole comparison: every setting on every task, what is left of it to do, and what it has given so far."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .items import Item
from .matrix import Setting
from .measure import Group, groups_of, measure, warm_up
from .records import Record, Records, digest
from .task import Task

if TYPE_CHECKING:
    from ..models.network import Network


@dataclass(frozen=True)
class Plan:
    """Every group of a comparison, setting by setting, in the order in which results are shown."""

    settings: tuple[Setting, ...]
    tasks: tuple[Task, ...]
    groups: tuple[Group, ...]

    @property
    def keys(self) -> list[str]:
        """The keys of all results."""
        return [group.key(item) for group in self.groups for item in group.items]

    @property
    def digest(self) -> str:
        """What makes this comparison the same as another one."""
        return digest(self.keys)

    def left(self, records: Records) -> list[Group]:
        """The groups without the items that are done."""
        found = (
            group.with_items([item for item in group.items if not records.is_done(group.key(item))])
            for group in self.groups
        )
        return [group for group in found if group.items]

    def results(self, records: Records) -> list[Record]:
        """The results that this comparison asks for, as far as they are there, in its order."""
        return [records.known[key] for key in self.keys if key in records.known]


def plan(settings: Sequence[Setting], asked: Sequence[tuple[Task, Sequence[Item]]], runs: int = 1) -> Plan:
    """Every setting on all items of every task, `runs` times. Raises UsageError for settings that do not fit."""
    groups = [group for setting in settings for turn in range(runs) for group in groups_of(setting, asked, turn)]
    return Plan(tuple(settings), tuple(task for task, _ in asked), tuple(groups))


class WarmedUp(NamedTuple):
    """A setting has been decoded with, for nothing, and how long that took."""

    setting: str
    seconds: float


def decoded(model: Network, groups: Iterable[Group], warm_ups: int) -> Iterator[Record | WarmedUp]:
    """Records of groups in this process; every setting is warmed up first."""
    warm: set[str] = set()
    for group in groups:
        label = group.setting.label
        if label not in warm and warm_ups:
            began = time.perf_counter()
            warm_up(model, group, warm_ups)
            yield WarmedUp(label, time.perf_counter() - began)
        warm.add(label)
        yield from measure(model, group)


@dataclass
class Tally:
    """How a session goes: items done and failed, seconds of decoding and warming up, and since it began."""

    total: int
    workers: int = 1
    done: int = 0
    failed: int = 0
    decoding: float = 0.0
    warming: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    def add(self, found: Record | WarmedUp) -> None:
        """Count what came."""
        if isinstance(found, WarmedUp):
            self.warming += found.seconds
            return
        self.done += 1
        self.failed += found["error"] is not None
        self.decoding += found["seconds"]["decode" if found["batch_size"] == 1 else "elapsed"]

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began

    @property
    def beside(self) -> float:
        """Share of the workers' time that went into neither decoding nor warming up."""
        return 1 - (self.decoding + self.warming) / (self.seconds * self.workers)
