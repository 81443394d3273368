"""`--fail-if`: a condition on the figures of a report, such as `accuracy<0.75` or `speedup<1.5`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from ..core.fields import nearest
from ..errors import UsageError
from .report import Report, Row

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
FIGURES: dict[str, Callable[[Row], float | None]] = {
    "accuracy": lambda row: row.score.value,
    "tpf": lambda row: row.tpf,
    "tps": lambda row: row.tps,
    "forwards": lambda row: row.forwards,
    "difference": lambda row: row.difference.value if row.difference else None,
    "speedup": lambda row: row.speedup,
    "failed": lambda row: row.failed,
    "joules": lambda row: row.joules,
    "memory": lambda row: row.memory,
}
SHARES = ("accuracy", "difference")
SHAPE = re.compile(r"\s*([^\s<>=]+)\s*(<=|>=|==|<|>)\s*(\S+)\s*")
EXAMPLE = "write one such as accuracy<0.75"


class Gate(NamedTuple):
    """A condition: a key, an operator, a number; `is_metric` where the key is one of a task's metrics."""

    key: str
    sign: str
    number: float
    is_metric: bool = False

    def holds(self, report: Report) -> list[str]:
        """A short sentence for every setting of which the condition is true.

        A figure of the whole is asked of the row over all tasks, a metric of the tasks that have it. The reference
        has no difference and no speedup. A figure that no row has makes the condition true: it cannot be ruled out.
        """
        found = [(row, figure) for row, figure in self._figures(report) if figure is not None]
        if not found:
            return [f"{self.key} was not measured, so {self} cannot be ruled out"]
        compare = OPERATORS[self.sign]
        return [self._sentence(row, figure) for row, figure in found if compare(figure, self.number)]

    def _figures(self, report: Report) -> Iterator[tuple[Row, float | None]]:
        if self.is_metric:
            return ((row, row.metrics.get(self.key)) for row in report.by_task)
        return ((row, FIGURES[self.key](row)) for row in report.overall)

    def _sentence(self, row: Row, figure: float) -> str:
        return f"{row.label} on {row.task}: {self.key} {figure:.4g} {self.sign} {self.number:.4g}"

    def __str__(self) -> str:
        return f"{self.key}{self.sign}{self.number:.4g}"


def parse(expression: str, metrics: Collection[str] = (), option: str = "--fail-if") -> Gate:
    """Read a condition; `metrics` names the metrics that the tasks have. Raises UsageError that names the option."""
    said = f"{option} {expression!r}"
    found = SHAPE.fullmatch(expression)
    if found is None:
        raise UsageError(f"{said} is no condition (KEY, one of < <= > >= ==, a number); {EXAMPLE}.")
    key, sign, text = found.groups()
    if key not in FIGURES and key not in metrics:
        raise UsageError(f"{said}: there is no figure {key!r}; {_hint(key, metrics)}")
    number = _number(said, text)
    is_share = key in SHARES or key not in FIGURES
    if is_share and abs(number) > 1:
        raise UsageError(f"{said}: {key} lies within 0 and 1; write {key}{sign}{number / 100:g}.")
    return Gate(key, sign, number, key not in FIGURES)


def _number(said: str, text: str) -> float:
    """A finite number."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{said}: {text!r} is no number; {EXAMPLE}.")
    return number


def _hint(key: str, metrics: Collection[str]) -> str:
    """The nearest key, or all of them."""
    valid = [*FIGURES, *(metric for metric in metrics if metric not in FIGURES)]
    close = nearest(key, valid)
    return f"did you mean {close}?" if close else f"there are {', '.join(valid)}."
