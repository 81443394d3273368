"""The points of a space as settings that can be decoded with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..bench.matrix import Setting, with_values
from ..bench.measure import Group, groups_of
from ..bench.task import Task
from ..config.assemble import Request
from ..errors import UsageError
from .halves import Halves, Question, of
from .space import Point, Space


@dataclass(frozen=True)
class Trial:
    """A setting with all items of a study, a group for every task; number 0 is the reference."""

    number: int
    setting: Setting
    groups: tuple[Group, ...]

    @property
    def label(self) -> str:
        """The setting's name in results."""
        return self.setting.label

    def on(self, questions: Sequence[Question]) -> list[Group]:
        """The groups with these items alone."""
        found = (group.with_items(of(group.task, questions)) for group in self.groups)
        return [group for group in found if group.items]

    @cached_property
    def names(self) -> Mapping[tuple[str, str], str]:
        """The key of the result for every item, by its task and name there."""
        return {(group.task.task, item.id): group.key(item) for group in self.groups for item in group.items}

    def keys(self, questions: Sequence[Question]) -> list[str]:
        """The keys of the results for these items."""
        return [self.names[each.task.task, each.item.id] for each in questions]


@dataclass
class Trials:
    """Makes trials of points: settings that are the same become one trial, those that are refused none.

    `refused` counts points that the strategy or the cache does not take, `why` is the first reason.
    """

    name: str
    base: Request
    space: Space
    halves: Halves
    known: dict[Any, Trial] = field(default_factory=dict)
    refused: int = 0
    why: str = ""

    def __post_init__(self) -> None:
        self.reference = self._known(Setting(self.name, self.base, self._own_values()))

    def of(self, point: Point) -> Trial | None:
        """The trial of a point, made when it is asked for first."""
        try:
            return self._known(with_values(self.name, self.base, self.space.axes, point))
        except UsageError as error:
            self.refused += 1
            self.why = self.why or str(error)
            return None

    def some(self, points: Iterable[Point], count: int | None = None) -> list[Trial]:
        """The reference and up to so many other trials, in the order of their points; all with None.

        Raises UsageError where no point is another setting than the reference.
        """
        found = {self.reference.number: self.reference}
        for point in points:
            if count is not None and len(found) > count:
                break
            if trial := self.of(point):
                found[trial.number] = trial
        if len(found) == 1:
            why = (
                f"the strategy refuses all other points ({self.why})"
                if self.refused
                else "its only point is the preset"
            )
            raise UsageError(f"there is nothing to search: {why}; give other values with --grid.")
        return list(found.values())

    def _known(self, setting: Setting) -> Trial:
        asked = [(task, of(task, self.halves.all)) for task in self.halves.tasks]
        groups = tuple(groups_of(setting, asked))
        trial = Trial(len(self.known), setting, groups)
        return self.known.setdefault(identity(groups), trial)

    def _own_values(self) -> Mapping[str, Any]:
        """What the reference has on the axes, as far as all tasks leave it the same."""
        values = [self._resolved(task) for task in self.halves.tasks]
        point = self.space.point([values[0].get(axis.key) for axis in self.space.axes])
        said = {axis.key: axis.said for axis in self.space.axes}
        return {said[key]: value for key, value in point.items() if all(each.get(key) == value for each in values)}

    def _resolved(self, task: Task) -> dict[str, Any]:
        return Setting(self.name, self.base).resolved(task.settings, task.task).values()


def identity(groups: Sequence[Group]) -> tuple[Any, ...]:
    """What makes two settings decode the same."""
    found = (group.resolved for group in groups)
    return tuple((each.preset_hash, each.settings.seed, each.run.batch_size) for each in found)
