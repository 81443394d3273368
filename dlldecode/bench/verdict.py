"""What a scorer says of one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Doc = Mapping[str, Any]  # one line of a data file


@dataclass(frozen=True)
class Verdict:
    """Scores of one answer between 0 and 1 by the metric's name; several numbers where a metric judges parts.

    A metric's value over many items is the mean of all its numbers: IFEval's `instruction_strict` weighs every
    instruction alike, however many a prompt has. `answer` is what the scorer read; `note` says why it is wrong.
    """

    metrics: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    answer: str | None = None
    note: str = ""
