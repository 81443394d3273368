"""The front as a few rows of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HEIGHT, WIDTH = 6, 44
POINT, FRONT, REFERENCE = "·", "●", "◇"


class Spot(NamedTuple):
    """A setting: what runs across, what runs upwards, and its mark."""

    across: float
    upwards: float
    mark: str = POINT


def chart(spots: Sequence[Spot], width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    """Score (in percent) against TPF; where marks meet, the one further down in the list is seen."""
    if not spots:
        return []
    left, right = _ends([spot.across for spot in spots])
    low, high = _ends([spot.upwards for spot in spots])
    field = [[" "] * width for _ in range(height)]
    for spot in spots:
        row = round((high - spot.upwards) / (high - low) * (height - 1))
        column = round((spot.across - left) / (right - left) * (width - 1))
        field[row][column] = spot.mark
    names = [f"{high:5.1f} %", *["       "] * (height - 2), f"{low:5.1f} %"]
    rows = [f"{name} │{''.join(line).rstrip()}" for name, line in zip(names, field, strict=True)]
    ends = f"{left:.2f}", f"{right:.2f} TPF"
    return [*rows, f"        └{'─' * width}", f"         {ends[0]}{ends[1].rjust(width - len(ends[0]))}"]


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest value, never the same."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, low + 0.5)
