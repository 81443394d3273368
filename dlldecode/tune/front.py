"""Which of several points are worth having where every figure should be high: fronts, ranks, the knee."""

from __future__ import annotations

from collections.abc import Sequence

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


def scaled(points: Sequence[Vector]) -> list[list[float]]:
    """Every figure between 0, the lowest of these points, and 1, the highest; 1 where all are the same."""
    columns = [list(column) for column in zip(*points, strict=True)]
    found = [_column(column) for column in columns]
    return [list(row) for row in zip(*found, strict=True)]


def _column(values: Sequence[float]) -> list[float]:
    low, reach = min(values), max(values) - min(values)
    return [(value - low) / reach if reach else 1.0 for value in values]


def knee(points: Sequence[Vector]) -> int:
    """The place of the front's point that lies furthest beyond the line (the plane) between its ends, all scaled.

    Of equals the one with the higher first figure, then the first one.
    """
    best = front(points)
    height = dict(zip(best, map(sum, scaled([points[place] for place in best])), strict=True))
    return max(best, key=lambda place: (round(height[place], 9), points[place][0], -place))
