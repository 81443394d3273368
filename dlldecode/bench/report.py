"""What a comparison found: plain figures, ready to be shown or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ALL = "all"  # the task that stands for the mean over the tasks


class Estimate(NamedTuple):
    """A figure and its interval (95 %)."""

    value: float
    low: float
    high: float


class Pair(NamedTuple):
    """A setting beside another on the same items: the difference of their scores, the quotient of their TPF."""

    other: str
    name: str  # the other without the axes that both have
    difference: Estimate | None
    tpf: Estimate


@dataclass(frozen=True)
class Row:
    """One setting (a preset, with the values of the axes) on one task; the task `all` is the mean over the tasks.

    Counts are means per item that did not fail; `score` is the task's main metric, `metrics` holds them all, `cut_off`
    is the share of answers that the canvas ended, not a stop token.
    `difference` and `speedup` (of TPS) are beside the reference setting, item by item, and None for the reference
    itself. `beside` are the settings that were asked for by `--against`.
    """

    label: str
    preset: str
    strategy: str
    cache: str
    task: str
    metric: str
    items: int
    failed: int
    runs: int
    score: Estimate
    tpf: float
    tps: float
    canvas_tpf: float
    canvas_tps: float
    forwards: float
    full: float
    window: float
    positions: float
    steps: float
    remasked: float
    seconds: float
    axes: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    difference: Estimate | None = None
    speedup: float | None = None
    beside: tuple[Pair, ...] = ()
    tps_deviation: float | None = None
    memory: int | None = None
    joules: float | None = None
    cut_off: float = 0.0


@dataclass(frozen=True)
class Area:
    """d3LLM's accuracy under parallelism (AUP) of one preset on one task, over the points that its axes gave it."""

    preset: str
    task: str
    value: float
    points: int
    best: float


@dataclass(frozen=True)
class Report:
    """A whole comparison: the environment and definitions, the rows (the reference's first), and the areas."""

    about: Mapping[str, Any]
    rows: tuple[Row, ...]
    areas: tuple[Area, ...] = ()

    @property
    def overall(self) -> tuple[Row, ...]:
        """One row a setting: over all tasks, or of the only one."""
        return tuple(row for row in self.rows if row.task == ALL) or self.rows

    @property
    def by_task(self) -> tuple[Row, ...]:
        """The rows of single tasks."""
        return tuple(row for row in self.rows if row.task != ALL)
