"""Trust that falls from left to right: weights that a prior multiplies confidences with."""

from __future__ import annotations

from typing import Literal

from .select import next_true, places
from .shapes import Fraction, Ids, Mask, Score

Fall = Literal["exponential", "linear"]


def offsets(masked: Mask) -> Ids:
    """How far each position lies right of the row's first masked one; 0 left of it."""
    return (places(masked) - next_true(masked)[:, :1]).clamp(min=0)


def trajectory(masked: Mask, valid: Mask, least: Fraction, fall: Fall) -> Score:
    """DiCo's trajectory guidance: 1 at the first masked position, falling to `least` at the window's last one."""
    span = valid.sum(dim=1, keepdim=True) - next_true(masked)[:, :1]
    share = offsets(masked) / (span - 1).clamp(min=1)
    bottom = least.unsqueeze(1)
    return (1 - (1 - bottom) * share).clamp(min=0) if fall == "linear" else bottom.pow(share)
