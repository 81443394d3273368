"""What is searched: the values that settings may take, from a preset's `[tune]` table or from the command line."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..bench.matrix import Axis, axis, kept, resembling, stepped
from ..config import toml
from ..config.assemble import Resolved
from ..config.layers import Layer, Unfit, one
from ..config.schema import NAMING, Schema, schema, split
from ..config.space import under, when
from ..errors import UsageError

TENTHS = 10  # steps of a range that names none and is not of whole numbers
MOST_POINTS = 20_000  # of a grid; no machine decodes more
MISSES = 100  # draws for each of up to as many points, before a space counts as exhausted
SEED = 0
BEGINNING = re.compile(r"[\w\s.-]*=")  # of an axis, among values that may hold an equals sign in quotes
Point = dict[str, Any]  # values by dotted key


@dataclass(frozen=True)
class Dimension:
    """An axis, and the values of other settings without which it means nothing."""

    axis: Axis
    conditions: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Space:
    """The dimensions, and what the preset itself has."""

    start: Resolved
    dimensions: tuple[Dimension, ...]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes alone."""
        return tuple(dimension.axis for dimension in self.dimensions)

    @property
    def size(self) -> int:
        """Combinations, those included that differ in nothing that matters."""
        return math.prod(len(axis.values) for axis in self.axes)

    def grid(self) -> Iterator[Point]:
        """Every point once, in order. Raises UsageError for more than anyone can decode."""
        if self.size > MOST_POINTS:
            raise UsageError(f"the grid has {self.size} points; take --sampler random, or give fewer values.")
        combinations = itertools.product(*(axis.values for axis in self.axes))
        return unique(self.point(combination) for combination in combinations)

    def drawn(self) -> Iterator[Point]:
        """Points at random, each once; the order is always the same."""
        generator = random.Random(SEED)
        draws = range(MISSES * min(self.size, MISSES))
        return unique(self.point([generator.choice(axis.values) for axis in self.axes]) for _ in draws)

    def point(self, values: Iterable[Any]) -> Point:
        """Values for all axes without those that do not matter beside the others."""
        chosen = kept(self.start, {axis.key: value for axis, value in zip(self.axes, values, strict=True)})
        while unmet := [each.axis.key for each in self.dimensions if not self.matters(each, chosen)]:
            dropped = [key for key in unmet if key in chosen]
            if not dropped:
                break
            chosen = {key: value for key, value in chosen.items() if key not in dropped}
        return chosen

    def matters(self, dimension: Dimension, chosen: Point) -> bool:
        """Whether a dimension means something beside these values."""
        values = {**self.start.values(), **chosen}
        return all(values.get(key) in wanted for key, wanted in dimension.conditions.items())

    def described(self) -> dict[str, Any]:
        """The values of every axis, and its conditions, as plain data."""
        return {
            each.axis.key: {
                "values": list(each.axis.values),
                **({"when": dict(each.conditions)} if each.conditions else {}),
            }
            for each in self.dimensions
        }


def unique(points: Iterable[Point]) -> Iterator[Point]:
    """Points without those that came before."""
    seen = set()
    for point in points:
        name = repr(sorted(point.items()))
        if name not in seen:
            seen.add(name)
            yield point


def space(start: Resolved, grids: Sequence[str], known: Mapping[str, str], layers: Sequence[Layer]) -> Space:
    """What is searched around `start`: the grids' axes where there are some, else the preset's own `[tune]` table.

    `layers` are the user's settings, `known` bare names for dotted keys. Raises UsageError for a space with nothing in
    it, for axes that do not exist and for values that their settings do not take.
    """
    taken = {key: layer.places[key] for layer in layers for key in layer.values}
    axes = [axis(text, known, "--grid") for grid in grids for text in parts(grid)]
    if not axes:
        free = [_tabled(start, key, entry) for key, entry in start.tune.items() if key not in taken]
        axes = [one for one in free if _schema(start, one, free)]
    if not axes:
        raise UsageError(
            f"there is nothing to search: {start.preset} has no free entry in [tune]; give values,"
            " as in --grid 'block_length=16,32,64'."
        )
    _distinct(axes, taken)
    checked = [_checked(start, one, axes) for one in axes]
    conditions = (when(start.tune.get(each.key, {}), start.schema) for each in checked)
    return Space(start, tuple(map(Dimension, checked, conditions)))


def parts(grid: str) -> Iterator[str]:
    """The axes of a text such as `high=0.7..0.9..0.1,low=0.3,0.4`: a part with a key and an equals sign begins one."""
    begun: list[str] = []
    for part in toml.separated(grid):
        if BEGINNING.match(part) and begun:
            yield ",".join(begun)
            begun = []
        begun.append(part)
    yield ",".join(begun)


def _distinct(axes: Sequence[Axis], taken: Mapping[str, str]) -> None:
    for place, each in enumerate(axes):
        if each.key in taken:
            raise UsageError(f"{each.place} and {taken[each.key]} both set {each.key}; leave one out.")
        if each.key in {other.key for other in axes[:place]}:
            raise UsageError(f"{each.place} is there twice; give all its values at once.")


def _tabled(start: Resolved, key: str, entry: Mapping[str, Any]) -> Axis:
    """An entry of a `[tune]` table as an axis; it was checked with its preset."""
    said = split(key)[1]
    if "choices" in entry:
        return Axis(key, said, tuple(entry["choices"]), "tune")
    known = under(start.schema, when(entry, start.schema))
    is_whole = isinstance(one(key, entry["low"], known), int)
    low, high = Decimal(str(entry["low"])), Decimal(str(entry["high"]))
    step = Decimal(str(entry["step"])) if "step" in entry else Decimal(1) if is_whole else (high - low) / TENTHS
    return Axis(key, said, tuple(stepped(low, high, step)), "tune")


def _checked(start: Resolved, found: Axis, axes: Sequence[Axis]) -> Axis:
    """An axis with its values in their setting's own type."""
    known = _schema(start, found, axes)
    if known is None:
        keys = list(itertools.chain.from_iterable(each.keys() for each in _schemas(start, axes)))
        raise UsageError(f"{found.place}: {start.preset} has no setting {found.key}{resembling(found, keys)}")
    return found._replace(values=tuple(_value(found, value, known) for value in found.values))


def _schema(start: Resolved, found: Axis, axes: Sequence[Axis]) -> Schema | None:
    """The settings among which an axis is one, with any of the caches and window rules that are searched."""
    return next((known for known in _schemas(start, axes) if found.key in set(known.keys())), None)


def _schemas(start: Resolved, axes: Sequence[Axis]) -> list[Schema]:
    searched = {each.key: each.values for each in axes}
    named = (searched.get(f"decode.{name}", (getattr(start.settings, name),)) for name in NAMING)
    return [schema(start.strategy, *names) for names in itertools.product(*named)]


def _value(found: Axis, value: Any, known: Schema) -> Any:
    try:
        return one(found.key, value, known)
    except Unfit as unfit:
        raise UsageError(f"{found.place} {unfit}") from None
