"""What is compared: presets, each with every combination of the axes' values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from .. import strategies
from ..config import toml
from ..config.assemble import Request, Resolved, resolve
from ..config.layers import Layer
from ..config.schema import NAMING, OPTIONS, TABLES, dotted, join, schema
from ..config.unknown import unknown
from ..core import custom
from ..errors import UsageError

CORE = ("vanilla", "topk", "threshold", "factor", "hierarchy", "dico")
EVERY = "all"
MOST_VALUES = 1000


class Axis(NamedTuple):
    """A setting by dotted key, how the user wrote it, the values that it takes, and the option that named it."""

    key: str
    said: str
    values: tuple[Any, ...]
    option: str = "--axis"

    @property
    def place(self) -> str:
        """What the user finds in the command line."""
        return f"{self.option} {self.said}"


@dataclass(frozen=True)
class Setting:
    """One column of a comparison: a preset with a value for each axis that it has. `label` names it in results."""

    preset: str
    request: Request
    axes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The preset, and the axes' values where there are any."""
        return " ".join([self.preset, *(f"{key}={value}" for key, value in self.axes.items())])

    def resolved(self, brought: Mapping[str, Any] | None = None, by: str = "") -> Resolved:
        """The settings, with those of `[decode]` that a task of the name `by` brings along."""
        keys = [f"decode.{name}" for name in brought or {}]
        layer = Layer(dict(zip(keys, (brought or {}).values(), strict=True)), dict.fromkeys(keys, f"task {by}:"))
        return resolve(replace(self.request, weaker=(layer, *self.request.weaker)))


def axis(text: str, known: Mapping[str, str], option: str = "--axis") -> Axis:
    """An axis from `KEY=a,b` or `KEY=low..high..step`; `known` are bare names that stand for dotted keys.

    Other bare keys mean `strategy_options.KEY`. Raises UsageError.
    """
    said, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not said or not values:
        raise UsageError(f"{option} {text}: write KEY=a,b or KEY=low..high..step, as in {option} block_length=16,32.")
    key = known.get(said) or dotted(said)
    if "." not in key and key not in ("batch_size", *TABLES):
        raise UsageError(f"{option} {said}: a run has one {said}; compare several with one run each.")
    parts = [part.strip() for part in toml.separated(values)]
    if "" in parts:
        raise UsageError(f"{option} {text}: a value between the commas is empty.")
    is_range = any(".." in part for part in parts if part[0] not in "[{'\"")
    found = _range(f"{option} {text}", values) if is_range else tuple(map(toml.value, parts))
    if len(set(map(repr, found))) < len(found):
        raise UsageError(f"{option} {text}: a value stands there twice.")
    return Axis(key, said, found, option)


def _range(place: str, values: str) -> tuple[float, ...]:
    try:
        low, high, step = map(Decimal, values.split(".."))
    except (InvalidOperation, ValueError):
        raise UsageError(f"{place}: a range is low..high..step, as in high=0.7..0.9..0.05.") from None
    if step <= 0 or high < low or (high - low) / step >= MOST_VALUES:
        raise UsageError(f"{place}: a range goes up from low to high, in fewer than {MOST_VALUES} steps.")
    return tuple(stepped(low, high, step))


def stepped(low: Decimal, high: Decimal, step: Decimal) -> Iterator[float]:
    """Numbers from low to high, both included, in decimals so that 0.1 stays 0.1; whole where all three are."""
    are_whole = all(number == number.to_integral_value() and "." not in str(number) for number in (low, high, step))
    for place in range(int((high - low) / step) + 1):
        yield int(low + place * step) if are_whole else float(low + place * step)


def named(presets: Sequence[str]) -> list[str]:
    """The presets that a command names: the core strategies when none, every strategy for `all`; each once."""
    found = [each for name in presets or CORE for each in (strategies.available() if name == EVERY else (name,))]
    return list(dict.fromkeys(found))


def settings(presets: Sequence[str], axes: Sequence[Axis], layers: Sequence[Layer], weaker: Layer) -> list[Setting]:
    """Every preset with every combination of the axes that it has. Raises UsageError for an axis that none has."""
    for one in axes:
        if any(one.key in layer.values for layer in layers):
            raise UsageError(f"{one.place} and {_place(layers, one.key)} both set {one.key}; leave one out.")
    found: dict[str, Setting] = {}
    known: dict[str, None] = {}
    for name in presets:
        base = requested(name, layers, weaker)
        start = resolve(base)
        for combination in itertools.product(*(axis.values for axis in axes)):
            values = {axis.key: value for axis, value in zip(axes, combination, strict=True)}
            keys = beside(start, values)
            known |= dict.fromkeys(keys)
            setting = with_values(name, base, axes, {key: values[key] for key in values if key in keys})
            found.setdefault(setting.label, setting)
    for one in axes:
        if one.key not in known:
            raise UsageError(f"{one.place}: no preset of this run has {one.key}{resembling(one, list(known))}")
    return list(found.values())


def _place(layers: Sequence[Layer], key: str) -> str:
    return next(layer.places[key] for layer in layers if key in layer.values)


def requested(name: str, layers: Sequence[Layer], weaker: Layer) -> Request:
    """What stands for a preset or strategy of this name, with settings above it and weaker ones."""
    return Request(*_kind(name), tuple(layers), (weaker,))


def _kind(name: str) -> tuple[str | None, str | None]:
    """A name as a strategy or as a preset."""
    return (name, None) if custom.is_file(name) or name in strategies.available() else (None, name)


def beside(start: Resolved, chosen: Mapping[str, Any]) -> list[str]:
    """The settings that there are once these values by dotted key are chosen."""
    named = (chosen.get(f"decode.{name}", getattr(start.settings, name)) for name in NAMING)
    return schema(start.strategy, *named).keys()


def kept(start: Resolved, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The values by dotted key that mean something to the strategy and to what the settings name."""
    keys = beside(start, chosen)
    return {key: value for key, value in chosen.items() if key in keys}


def with_values(name: str, base: Request, axes: Sequence[Axis], chosen: Mapping[str, Any]) -> Setting:
    """The setting that a value for each of these dotted keys makes of a preset."""
    places = {axis.key: axis.place for axis in axes}
    said = {axis.key: axis.said for axis in axes}
    layer = Layer(dict(chosen), {key: places[key] for key in chosen})
    request = replace(base, layers=(layer, *base.layers))
    return Setting(name, request, {said[key]: value for key, value in chosen.items()})


def resembling(one: Axis, keys: Sequence[str]) -> str:
    """What an axis that is none of these settings may have meant: the end of a sentence about it."""
    return unknown(one.key, keys, lambda key: key.removeprefix(join(OPTIONS, "")))
