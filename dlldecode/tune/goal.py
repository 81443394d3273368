"""What a study is after: the figures to be high, the condition to be met, and which point of the front to take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..bench.gate import FIGURES, OPERATORS, Gate, parse
from ..bench.report import Row
from ..core.fields import nearest
from ..errors import UsageError
from . import front

OBJECTIVES = ("accuracy", "tpf", "tps")
ITSELF = {"difference": 0.0, "speedup": 1.0}  # of the reference, whose row has neither
PICKS = re.compile(r"knee|best:(?P<key>.+)|trial:(?P<number>\d+)")


@dataclass(frozen=True)
class Goal:
    """`objectives` are figures of a row; `pick` is knee, best:KEY or trial:N."""

    objectives: tuple[str, ...] = ("accuracy", "tpf")
    constraint: Gate | None = None
    pick: str = "knee"
    metrics: tuple[str, ...] = field(default=())  # of the tasks, which a constraint may name

    def vector(self, row: Row) -> tuple[float, ...]:
        """The figures to be high, of one setting."""
        return tuple(figure(row, key) for key in self.objectives)

    def is_met(self, row: Row) -> bool:
        """Whether a setting meets the condition; one whose figure was not measured does not."""
        if self.constraint is None:
            return True
        found = value(row, self.constraint.key)
        return found is not None and OPERATORS[self.constraint.sign](found, self.constraint.number)

    def lacking(self, row: Row) -> float:
        """How far a setting is from meeting the condition; 0 where it does."""
        if self.constraint is None or self.is_met(row):
            return 0.0
        found = value(row, self.constraint.key)
        return float("inf") if found is None else abs(found - self.constraint.number)

    def front(self, rows: Sequence[Row]) -> list[int]:
        """The places of the settings that meet the condition and that none of those beats."""
        met = [place for place, row in enumerate(rows) if self.is_met(row)]
        return [met[place] for place in front.front([self.vector(rows[place]) for place in met])]

    def order(self, rows: Sequence[Row]) -> list[int]:
        """The places from the most to the least promising setting, the earlier of equals first.

        Those that meet the condition come first, then those that lack least; then counts how many fronts would have to
        be taken away before a setting is on one, then the product of its figures.
        """
        vectors = [self.vector(row) for row in rows]
        ranks = front.ranks(vectors)
        keys = [(self.lacking(row), ranks[place], -front.worth(vectors[place])) for place, row in enumerate(rows)]
        return sorted(range(len(rows)), key=keys.__getitem__)

    def leading(self, rows: Mapping[int, Row]) -> int:
        """The number of the setting that would be taken if these were all; the most promising where none can be."""
        numbers = list(rows)
        rule = self if not self.pick.startswith("trial") else replace(self, pick="knee")
        found = rule.picked(rows)
        return numbers[self.order([*rows.values()])[0]] if found is None else found

    def picked(self, rows: Mapping[int, Row]) -> int | None:
        """The number of the setting to take among those that met the condition, by number; None where none did.

        Raises UsageError for a number that nobody has.
        """
        found = PICKS.fullmatch(self.pick)
        assert found
        if found["number"]:
            if int(found["number"]) not in rows:
                raise UsageError(f"--pick {self.pick}: trial {found['number']} was not decoded on all items.")
            return int(found["number"])
        numbers = [number for number, row in rows.items() if self.is_met(row)]
        if not numbers:
            return None
        vectors = [self.vector(rows[number]) for number in numbers]
        if key := found["key"]:
            return max(numbers, key=lambda number: (figure(rows[number], key), self.vector(rows[number]), -number))
        return numbers[front.knee(vectors)]


def value(row: Row, key: str) -> float | None:
    """A figure of a row, or one of its tasks' metrics. What stands beside the reference stands at 0 or 1 for itself."""
    found = FIGURES[key](row) if key in FIGURES else row.metrics.get(key)
    return ITSELF.get(key) if found is None else found


def figure(row: Row, key: str) -> float:
    """A figure that every row has."""
    found = value(row, key)
    assert found is not None
    return found


def goal(objectives: str, constraint: str | None, pick: str, metrics: Sequence[str]) -> Goal:
    """A goal as a command line has it. Raises UsageError for words that are none."""
    keys = tuple(part.strip() for part in objectives.split(","))
    for place, key in enumerate(keys):
        _known("--objective", objectives, key)
        if key in keys[:place]:
            raise UsageError(f"--objective {objectives}: {key} stands there twice.")
    found = PICKS.fullmatch(pick)
    if found is None:
        raise UsageError(f"--pick {pick}: write knee, best:KEY as in best:accuracy, or trial:N as in trial:7.")
    if found["key"]:
        _known("--pick", pick, found["key"])
    gate = None if constraint is None else parse(constraint, metrics, "--constraint")
    return Goal(keys, gate, pick, tuple(metrics))


def _known(option: str, text: str, key: str) -> None:
    if key not in OBJECTIVES:
        close = nearest(key, OBJECTIVES)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(OBJECTIVES)}."
        raise UsageError(f"{option} {text}: {key!r} is no figure to be high; {hint}")
