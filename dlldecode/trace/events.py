"""What the loop tells: a row started, took a step, finished. Plain Python, so that readers need no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Commit(NamedTuple):
    """A position written: its place in the canvas, the token, the probability, why, and the strategy's own score."""

    position: int
    token: int
    confidence: float
    kind: str
    score: float


class Interval(NamedTuple):
    """Canvas positions `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class Forwards:
    """Calls of the model on behalf of a row.

    `full` ones computed every position, `window` ones only some; `idle` ones were launched after the row had ended
    and count in none of the others. `positions` sums the positions computed by the calls that count.
    """

    full: int = 0
    window: int = 0
    idle: int = 0
    positions: int = 0

    @property
    def total(self) -> int:
        """Calls launched while the row was unfinished."""
        return self.full + self.window


@dataclass(frozen=True)
class Started:
    """Row `index` was admitted."""

    index: int
    prompt_ids: tuple[int, ...]
    canvas: int
    mask_id: int


@dataclass(frozen=True)
class Stepped:
    """Row `index` took one step.

    `block` is the open window; `regions` are its runs of masks before the step (taken-back positions included);
    `anchors` are the written positions that border a run of masks, or DiCo's seeds; `revocations` counts positions left
    masked only. `forwards` counts the row's calls so far; `seconds` runs from the row's admission.
    """

    index: int
    step: int
    forwards: int
    block: Interval
    phase: str
    commits: tuple[Commit, ...]
    revocations: tuple[int, ...]
    regions: tuple[Interval, ...]
    anchors: tuple[int, ...]
    clusters: tuple[Interval, ...]
    seconds: float


@dataclass(frozen=True)
class Finished:
    """Row `index` ended; positions never written carry the mask id. `finish` is "stop" or "length".

    Of its `seconds`, `preparing` ones went into compiling kernels and capturing graphs, which later batches find done.
    """

    index: int
    token_ids: tuple[int, ...]
    effective: int
    finish: str
    forwards: Forwards
    steps: int
    remasked: int
    seconds: float
    preparing: float = 0.0


Event: TypeAlias = Started | Stepped | Finished
