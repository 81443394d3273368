"""The verbs strategies are written in: batched selections over `[B, W]`, no loops over rows, no look at a value.

A *run* is a maximal stretch of True. Ties between positions go to the lowest one; NaN ranks below everything.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .shapes import Count, Ids, Mask, Pairs, Score

NEVER = float("-inf")


class Bounds(NamedTuple):
    """First and last position of an interval, stored at every position; meaningless outside of one."""

    first: Ids
    last: Ids


def bar(height: float, score: Score) -> float:
    """A bar as the precision of the numbers that it is compared with holds it: 0.9 is 0.8984375 in bfloat16."""
    digits = 1 - int(math.log2(torch.finfo(score.dtype).eps))
    fraction, power = math.frexp(height)
    return math.ldexp(round(math.ldexp(fraction, digits)), power - digits)


def places(like: Tensor) -> Ids:
    """The index of every position in its window, `[B, W]`."""
    return torch.arange(like.shape[1], device=like.device).expand(like.shape)


def ranked(score: Score, among: Mask) -> Score:
    """`score` where it may be chosen, minus infinity elsewhere and where it is NaN."""
    return torch.where(among & ~torch.isnan(score), score, NEVER)


def best(score: Score, among: Mask) -> Mask:
    """The highest-scoring position of each row, the leftmost of equals; none in a row without candidates."""
    candidates = ranked(score, among)
    top = candidates.amax(dim=1, keepdim=True)
    return first(among & (candidates == top))


def first(mask: Mask) -> Mask:
    """The leftmost True of each row."""
    return mask & (mask.cumsum(dim=1) == 1)


def ahead(score: Score, among: Mask) -> Pairs:
    """Whether the position of the last axis is a candidate that ranks before that of the middle one."""
    value = ranked(score, among)
    place = places(value)
    mine, other = value.unsqueeze(2), value.unsqueeze(1)
    earlier = place.unsqueeze(1) < place.unsqueeze(2)
    return ((other > mine) | ((other == mine) & earlier)) & among.unsqueeze(1)


def total_ahead(amount: Score, score: Score, among: Mask) -> Score:
    """Sum of `amount` over the candidates that rank before each position; 0 for the best."""
    return torch.where(ahead(score, among), amount.unsqueeze(1), 0.0).sum(dim=2)


def most_ahead(amount: Score, score: Score, among: Mask) -> Score:
    """Greatest `amount` of the candidates that rank before each position; minus infinity for the best."""
    return torch.where(ahead(score, among), amount.unsqueeze(1), NEVER).amax(dim=2)


def rank_in_group(score: Score, among: Mask, group: Ids) -> Ids:
    """Place of each candidate among those of its group, 1 for the best; leftmost first among equals."""
    same = group.unsqueeze(2) == group.unsqueeze(1)
    return (ahead(score, among) & same).sum(dim=2) + 1


def rank(score: Score, among: Mask) -> Ids:
    """Place of each candidate in its row, 1 for the best; leftmost first among equals."""
    return rank_in_group(score, among, torch.zeros_like(places(score)))


def top(score: Score, among: Mask, count: Count) -> Mask:
    """The `count` (one number a row) highest-scoring candidates."""
    return among & (rank(score, among) <= count.unsqueeze(1))


def runs(mask: Mask) -> Ids:
    """Number of the run each position lies in, counted from 0 at the left; -1 outside."""
    start = mask & ~before(mask)
    return torch.where(mask, start.cumsum(dim=1) - 1, -1)


def before(mask: Mask) -> Mask:
    """Whether the left neighbour is True."""
    return torch.nn.functional.pad(mask, (1, 0))[:, :-1]


def after(mask: Mask) -> Mask:
    """Whether the right neighbour is True."""
    return torch.nn.functional.pad(mask, (0, 1))[:, 1:]


def count_runs(mask: Mask) -> Count:
    """How many runs a row has."""
    return (mask & ~before(mask)).sum(dim=1)


def next_true(mask: Mask) -> Ids:
    """Index of the first True at or right of each position; W where there is none."""
    width = mask.shape[1]
    index = torch.where(mask, places(mask), width)
    return index.flip(1).cummin(dim=1).values.flip(1)


def previous_true(mask: Mask) -> Ids:
    """Index of the last True at or left of each position; -1 where there is none."""
    return torch.where(mask, places(mask), -1).cummax(dim=1).values


def run_bounds(mask: Mask) -> Bounds:
    """First and last position of the run that each position lies in."""
    return Bounds(previous_true(mask & ~before(mask)), next_true(mask & ~after(mask)))


def best_per_group(score: Score, among: Mask, group: Ids) -> Mask:
    """The best candidate of every group (ids 0 to W-1; negative ids belong to none), the leftmost of equals."""
    candidate = among & (group >= 0)
    value = ranked(score, candidate)
    slot = group.clamp(min=0)
    peak = torch.full_like(value, NEVER).scatter_reduce(1, slot, value, "amax")
    winner = candidate & (value == peak.gather(1, slot))
    place = torch.where(winner, places(value), value.shape[1])
    leftmost = torch.full_like(place, value.shape[1]).scatter_reduce(1, slot, place, "amin")
    return winner & (place == leftmost.gather(1, slot))


def best_per_run(score: Score, area: Mask) -> Mask:
    """The best position of every run of `area`, the leftmost of equals."""
    return best_per_group(score, area, runs(area))


def count_in_group(mask: Mask, group: Ids) -> Ids:
    """How many True the group of a position has; 0 outside of groups."""
    slot = group.clamp(min=0)
    hits = (mask & (group >= 0)).to(torch.int64)
    return torch.where(group >= 0, torch.zeros_like(hits).scatter_add(1, slot, hits).gather(1, slot), 0)


def paint(bounds: Bounds, at: Mask) -> Mask:
    """Union of the intervals `[first, last]` stored at the positions `at`; empty intervals paint nothing."""
    width = at.shape[1]
    real = at & (bounds.first <= bounds.last)
    edge = torch.zeros(at.shape[0], width + 1, dtype=torch.int64, device=at.device)
    edge = edge.scatter_add(1, torch.where(real, bounds.first, width), real.to(torch.int64))
    edge = edge.scatter_add(1, torch.where(real, bounds.last + 1, width), -real.to(torch.int64))
    return edge[:, :width].cumsum(dim=1) > 0


def near(mask: Mask, radius: int) -> Mask:
    """Positions at most `radius` away from a True, those of the mask included."""
    place = places(mask)
    return paint(Bounds((place - radius).clamp(min=0), (place + radius).clamp(max=mask.shape[1] - 1)), mask)


def trim(bounds: Bounds, keep: Mask) -> Bounds:
    """Shrink intervals until both ends lie on `keep`; one that holds none of it becomes empty."""
    width = keep.shape[1]
    first = next_true(keep).gather(1, bounds.first.clamp(0, width - 1))
    last = previous_true(keep).gather(1, bounds.last.clamp(0, width - 1))
    return Bounds(first, last)


def walk(bounds: Bounds, good: Mask, tolerance: int, wall: Mask | None = None) -> Bounds:
    """Grow intervals both ways over `good` positions, bridging up to `tolerance` bad ones in a row.

    The walk never enters or passes a position of `wall`, the intervals' own positions aside.
    """
    reach = _walk_right(bounds.last, good, tolerance, wall)
    mirrored = _walk_right(
        good.shape[1] - 1 - bounds.first.flip(1),
        good.flip(1),
        tolerance,
        None if wall is None else wall.flip(1),
    )
    return Bounds(good.shape[1] - 1 - mirrored.flip(1), reach)


def _walk_right(last: Ids, good: Mask, tolerance: int, wall: Mask | None) -> Ids:
    width = good.shape[1]
    cost = torch.ones_like(last) if wall is None else torch.where(wall, tolerance + 2, 1)
    open_good = good if wall is None else good & ~wall
    mile = cost.cumsum(dim=1)
    # A chain of good positions breaks where the next good one lies more than `tolerance` misses away.
    following = torch.nn.functional.pad(next_true(open_good)[:, 1:], (0, 1), value=width)
    gap = mile.gather(1, following.clamp(max=width - 1)) - mile
    breaks = open_good & ((following == width) | (gap > tolerance + 1))
    chain_end = next_true(breaks)
    start = last.clamp(0, width - 1)
    target = following.gather(1, start)
    distance = mile.gather(1, target.clamp(max=width - 1)) - mile.gather(1, start)
    reachable = (target < width) & (distance <= tolerance + 1)
    return torch.where(reachable, chain_end.gather(1, target.clamp(max=width - 1)), last)
