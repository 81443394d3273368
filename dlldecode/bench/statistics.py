"""Intervals of scores and of differences, and the area under a curve of accuracy and parallelism."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING

from .report import Estimate

if TYPE_CHECKING:
    import numpy

LEVEL = 0.95
RESAMPLES = 10_000
BATCHES = 100  # resamples are drawn in parts, so that thousands of items need little memory
SEED = 0
ALPHA = 3.0  # how steeply AUP discounts what falls behind the best accuracy
TINY = 1e-9  # stands for a sum of nothing, so that rates can be divided
DROP = 5.0  # points below its first accuracy from which on AUP leaves a point out


def interval(values: Sequence[float]) -> Estimate:
    """The mean of a score: Wilson's interval where all values are 0 or 1, else the bootstrap's."""
    if all(value in (0, 1) for value in values):
        return wilson(sum(values), len(values))
    return bootstrap([values])


def wilson(successes: float, count: int) -> Estimate:
    """A share and Wilson's score interval, which keeps its width where everything or nothing succeeded."""
    share, square = successes / count, NormalDist().inv_cdf((1 + LEVEL) / 2) ** 2
    middle = (share + square / (2 * count)) / (1 + square / count)
    reach = math.sqrt(square * (share * (1 - share) + square / (4 * count)) / count) / (1 + square / count)
    return Estimate(share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))


def averaged(parts: Sequence[Estimate]) -> Estimate:
    """The plain mean of independent figures, by the method of variance estimates recovery (Zou and Donner, 2008).

    The distances to the lower limits add up like standard errors, and so do those to the upper limits. Thus a single
    figure keeps its interval, and tasks on which everything succeeded still count with the width Wilson gave them.
    """
    mean = fmean(part.value for part in parts)
    below = math.hypot(*(part.value - part.low for part in parts)) / len(parts)
    above = math.hypot(*(part.high - part.value for part in parts)) / len(parts)
    return Estimate(mean, mean - below, mean + above)


def bootstrap(strata: Sequence[Sequence[float]]) -> Estimate:
    """The mean of the strata's means with a percentile interval; every stratum is resampled within itself."""
    import numpy

    generator = numpy.random.default_rng(SEED)
    means = numpy.mean([_resampled(numpy.asarray(values, float), generator) for values in strata], axis=0)
    low, high = numpy.percentile(means, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    mean = fmean(map(fmean, strata))
    return Estimate(mean, min(mean, float(low)), max(mean, float(high)))


def _resampled(values: numpy.ndarray, generator: numpy.random.Generator) -> numpy.ndarray:
    """Means of samples drawn with replacement."""
    import numpy

    shape = (RESAMPLES // BATCHES, len(values))
    return numpy.concatenate([values[generator.integers(len(values), size=shape)].mean(axis=1) for _ in range(BATCHES)])


def quotient(items: Sequence[tuple[float, float, float, float]]) -> Estimate:
    """A rate over another: each item has its own amount and cost, and another's amount and cost on the same item.

    Amounts and costs are summed before dividing; the interval resamples items.
    """
    import numpy

    values = numpy.asarray(items, float)
    # The same seed for every column, so that the same items are drawn for all of them.
    drawn = numpy.stack([_resampled(column, numpy.random.default_rng(SEED)) for column in values.T])
    own, cost, other, its_cost = numpy.maximum(numpy.concatenate([values.mean(axis=0)[:, None], drawn], axis=1), TINY)
    ratios = own / cost / (other / its_cost)
    low, high = numpy.percentile(ratios[1:], [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    value = float(ratios[0])
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def area(points: Sequence[tuple[float, float]], best: float) -> tuple[float, int]:
    """d3LLM's AUP (https://arxiv.org/abs/2601.07568) of points (TPF, accuracy in percent), and how many points counted.

    `best` is the highest accuracy of any method on the task. Points more than DROP below the accuracy at the lowest
    TPF are left out; the rectangle up to the first point is not discounted.
    """
    ordered = sorted(points)
    kept = [point for point in ordered if point[1] >= ordered[0][1] - DROP]
    weighted = [(tpf, accuracy * _weight(accuracy, best)) for tpf, accuracy in kept]
    total = kept[0][0] * kept[0][1]
    for (left, lower), (right, upper) in pairwise(weighted):
        total += (right - left) * (lower + upper) / 2
    return total, len(kept)


def _weight(accuracy: float, best: float) -> float:
    """How much an accuracy counts beside the best; 1 at the best."""
    return min(1.0, math.exp(-ALPHA * (1 - accuracy / best))) if best > 0 else 1.0
