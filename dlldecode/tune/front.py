"""Which of several points are worth having where every figure should be high: fronts, ranks, the knee."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

Vector = Sequence[float]  # figures to be maximised


def beats(one: Vector, other: Vector) -> bool:
    """Whether a point is nowhere lower than another, and somewhere higher."""
    return all(a >= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def ranks(points: Sequence[Vector]) -> list[int]:
    """0 for the points that none beats, 1 for those that none beats but these, and so on."""
    fronts: list[list[int]] = []
    for place in sorted(range(len(points)), key=lambda place: tuple(points[place]), reverse=True):
        # Whatever beats a point came before it in this order.
        free = (members for members in fronts if not any(beats(points[each], points[place]) for each in members))
        home = next(free, None)
        if home is None:
            fronts.append(home := [])
        home.append(place)
    found = {place: rank for rank, members in enumerate(fronts) for place in members}
    return [found[place] for place in range(len(points))]


def front(points: Sequence[Vector]) -> list[int]:
    """The places of the points that none beats; of equal ones the first."""
    seen: set[tuple[float, ...]] = set()
    best = []
    for place, rank in enumerate(ranks(points)):
        if rank == 0 and tuple(points[place]) not in seen:
            seen.add(tuple(points[place]))
            best.append(place)
    return best


def worth(point: Vector) -> float:
    """The product of the figures: what a rise of one is worth against a fall of another, share for share."""
    return prod(point)


def knee(points: Sequence[Vector]) -> int:
    """The place of the front's point of most worth; of equals the one with the higher first figure, then the first.

    From there every other point loses a larger share of one figure than it gains of the others. Unlike the distance
    from a line between the front's ends, it does not move when a point far away comes or goes.
    """
    return max(front(points), key=lambda place: (worth(points[place]), points[place][0], -place))
