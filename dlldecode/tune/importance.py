"""How much each axis explains, of trials that all ran on the same items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, pvariance
from typing import Any


def explained(values: Sequence[float], points: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """By axis, the share of the values' variance that is between the groups which the axis' values form.

    Nothing of a single axis' effect is counted where it depends on another's; all 0 where nothing varies.
    """
    whole = pvariance(values) if len(values) > 1 else 0.0
    axes = dict.fromkeys(axis for point in points for axis in point)
    return {
        axis: _between(values, [repr(point.get(axis)) for point in points]) / whole if whole else 0.0 for axis in axes
    }


def _between(values: Sequence[float], names: Sequence[str]) -> float:
    groups = defaultdict(list)
    for value, name in zip(values, names, strict=True):
        groups[name].append(value)
    return pvariance([fmean(groups[name]) for name in names])
