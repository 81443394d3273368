"""Decodings to ask about: every item with its steps, and the states of the canvas between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..batch import Result, prepare, run
from ..bench.items import Item
from ..bench.matrix import Setting
from ..bench.measure import Group, judged
from ..errors import ItemsFailed
from ..trace.events import Started, Stepped

if TYPE_CHECKING:
    from ..models.network import Network


Case = TypeVar("Case")
Outcome = TypeVar("Outcome")


class State(NamedTuple):
    """The canvas (ids) as it stood before a step, and the step."""

    canvas: list[int]
    step: Stepped


@dataclass(frozen=True)
class Decoding:
    """One item of a group, decoded: how it began, its steps, how it ended, and its score."""

    group: Group
    item: Item
    started: Started
    steps: Sequence[Stepped]
    result: Result
    score: float

    @property
    def setting(self) -> Setting:
        """What it was decoded with."""
        return self.group.setting

    @property
    def task(self) -> str:
        """The name of the item's task."""
        return self.group.task.task

    @property
    def block_length(self) -> int:
        """Positions of a block, as the setting or the task has it."""
        return self.group.resolved.settings.block_length

    @property
    def mask_id(self) -> int:
        """What stands where nothing is written."""
        return self.started.mask_id

    @property
    def prompt(self) -> Sequence[int]:
        """The ids before the canvas."""
        return self.started.prompt_ids

    @property
    def final(self) -> list[int]:
        """The canvas at the end."""
        return list(self.result.token_ids)

    @property
    def effective(self) -> int:
        """How many of its first positions are the answer."""
        return self.result.effective

    def states(self) -> Iterator[State]:
        """The canvas before every step."""
        canvas = [self.mask_id] * self.started.canvas
        for step in self.steps:
            yield State(list(canvas), step)
            for commit in step.commits:
                canvas[commit.position] = commit.token
            for position in step.revocations:
                canvas[position] = self.mask_id


@dataclass(frozen=True)
class Source:
    """A model, what it decodes, and who is told of every decoding as it comes."""

    model: Network
    groups: Sequence[Group]
    tell: Callable[[Decoding], None] = lambda decoding: None

    def decodings(self) -> Iterator[Decoding]:
        """Every item of every group, setting by setting. Raises ItemsFailed where one cannot be decoded or scored."""
        for group in self.groups:
            for decoding in decoded(self.model, group):
                self.tell(decoding)
                yield decoding


def gathered(
    source: Source, outcomes: Callable[[Decoding], Iterable[tuple[Case, Outcome]]]
) -> dict[Case, list[Outcome]]:
    """What all decodings of a source come to, by case."""
    found: defaultdict[Case, list[Outcome]] = defaultdict(list)
    for decoding in source.decodings():
        for case, outcome in outcomes(decoding):
            found[case].append(outcome)
    return found


def decoded(model: Network, group: Group) -> Iterator[Decoding]:
    """The items of a group, each as soon as it is done."""
    started: dict[int, Started] = {}
    steps: defaultdict[int, list[Stepped]] = defaultdict(list)
    job = prepare(model, group.resolved)
    for event in run(job, [item.prompt for item in group.items], in_batch=True, observe=True):
        if isinstance(event, Started):
            started[event.index] = event
        elif isinstance(event, Stepped):
            steps[event.index].append(event)
        else:
            item = group.items[event.index]
            verdict, error = judged(group.task, item, event)
            if error:
                raise ItemsFailed(f"{group.task.task}, item {item.id}: {error}")
            metric = verdict.metrics[group.task.metric]
            score = metric if isinstance(metric, (int, float)) else fmean(metric)
            own = (started.pop(event.index), steps.pop(event.index, []))
            yield Decoding(group, item, *own, event, score)
