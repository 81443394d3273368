"""The items of a study, in two halves: one to search on, one held out for the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from ..bench.items import Item
from ..bench.records import digest
from ..bench.task import Task
from ..errors import UsageError


class Question(NamedTuple):
    """An item of a task."""

    task: Task
    item: Item


class Halves(NamedTuple):
    """Two halves with nothing in common and, as far as numbers allow, as many items of every task."""

    search: tuple[Question, ...]
    heldout: tuple[Question, ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that have items."""
        return tuple({each.task.task: each.task for each in self.all}.values())

    @property
    def all(self) -> tuple[Question, ...]:
        """Both halves."""
        return self.search + self.heldout

    @property
    def digest(self) -> str:
        """What makes the items of this study the same as another's."""
        return digest(*([(each.task.digest, each.item.id, each.item.doc) for each in half] for half in self))

    def counts(self) -> dict[str, list[int]]:
        """Items to search on and held out, by task."""
        return {task.task: [len(of(task, half)) for half in self] for task in self.tasks}


def of(task: Task, questions: Iterable[Question]) -> list[Item]:
    """The items of one task."""
    return [each.item for each in questions if each.task.task == task.task]


def shares(limit: int | None, tasks: int) -> list[int | None]:
    """How many items each of so many tasks gives to `limit` in all, as evenly as can be; None is every item."""
    if limit is None:
        return [None] * tasks
    return [limit // tasks + (place < limit % tasks) for place in range(tasks)]


def halves(asked: Iterable[tuple[Task, Sequence[Item]]]) -> Halves:
    """Split every task's items by a digest of their content; where a number is odd, the halves take turns.

    Within a half tasks alternate, so that its first items speak for all tasks. Raises UsageError for an empty half.
    """
    search: list[list[Question]] = []
    heldout: list[list[Question]] = []
    turn = 0
    for task, items in asked:
        ordered = sorted(items, key=lambda item: digest(task.digest, item.id, item.doc))
        questions = [Question(task, item) for item in ordered]
        search.append(questions[turn::2])
        heldout.append(questions[1 - turn :: 2])
        turn = (turn + len(items)) % 2
    found = Halves(_alternating(search), _alternating(heldout))
    if not found.search or not found.heldout:
        count = len(found.all)
        raise UsageError(
            f"--limit leaves {count} item{'s' * (count != 1)}, and a study needs at least 2, one of them held out."
        )
    return found


def _alternating(lists: Iterable[Sequence[Question]]) -> tuple[Question, ...]:
    return tuple(each for each in chain.from_iterable(zip_longest(*lists)) if each is not None)
