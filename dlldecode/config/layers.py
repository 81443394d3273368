"""One source of settings: values by dotted key, where each stands, and everything wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from ..core.fields import check, fields
from ..errors import UsageError
from .schema import DECODE, Schema, split
from .unknown import unknown

Value = Any


@dataclass(frozen=True)
class Layer:
    """Values by dotted key (`decode.steps`, `strategy_options.high`, `model`) and the place each one stands at.

    `from_file` places read `file:line`, and a problem names the key after them, `said` as the file has it where that
    is not in full; other places (a flag, a variable) are themselves what the user typed.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    from_file: bool = False
    said: Mapping[str, str] = field(default_factory=dict)

    def table(self, name: str) -> dict[str, Value]:
        """The values of one table, by their own names."""
        return {split(key)[1]: value for key, value in self.values.items() if split(key)[0] == name}

    def only(self, keys: Iterable[str]) -> Layer:
        """The layer with these keys alone."""
        return replace(self, values={key: self.values[key] for key in keys})

    def problem(self, key: str, message: str) -> str:
        """One line about a key, beginning with what the user can find."""
        place = self.places[key]
        return f"{place}  {self.said.get(key, key)} {message}" if self.from_file else f"{place} {message}"


def checked(layer: Layer, known: Schema) -> tuple[Layer, dict[str, str]]:
    """The layer with its values in their own types, and one line for every key with something wrong."""
    clean: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for key, raw in layer.values.items():
        try:
            clean[key] = one(key, raw, known)
        except Unfit as unfit:
            problems[key] = layer.problem(key, str(unfit))
    return replace(layer, values=clean), problems


class Unfit(Exception):
    """A value that its key does not take."""


def one(key: str, raw: Value, known: Schema) -> Value:
    """A value checked against its field; raises Unfit with the rest of the sentence that the key begins."""
    table, name = split(key)
    kind = known.tables.get(table)
    if kind is None or name not in {item.name for item in fields(kind)}:
        raise Unfit(f"is not a setting{unknown(key, known.keys(), strategy=known.strategy)}")
    value = _nothing(kind, name, raw)
    try:
        built, problems = check(kind, {name: value})
    except ValueError:  # settings that must agree with one another are judged when all are known
        return value
    if built is None:
        raise Unfit(problems[0].message)
    value = getattr(built, name)
    if table == DECODE:
        _named(name, value)
    return value


def _named(setting: str, value: Value) -> None:
    """Raise Unfit for a cache, a window rule or a wrapper that nobody has."""
    from .. import caches, wrappers
    from ..engine import windows

    kinds: dict[str, Callable[[str], type]] = {"cache": caches.kind, "window": windows.kind, "wrap": wrappers.kind}
    for each in (value if isinstance(value, tuple) else (value,)) if setting in kinds else ():
        try:
            kinds[setting](each)
        except UsageError as error:
            raise Unfit(f"= {each!r}; {error}") from None


def _nothing(kind: type, name: str, raw: Value) -> Value:
    """TOML has no null: the word none stands for it where a setting may be absent."""
    declared = next(item for item in fields(kind) if item.name == name)
    optional = type(None) in get_args(declared.type)
    return None if optional and raw == "none" else raw


def merged(layers: Iterable[Layer]) -> Layer:
    """Layers laid over one another, the first on top."""
    values: dict[str, Value] = {}
    places: dict[str, str] = {}
    said: dict[str, str] = {}
    for layer in reversed(list(layers)):
        values |= layer.values
        places |= {key: place for key, place in layer.places.items() if key in layer.values}
        said |= {key: layer.said.get(key, key) for key in layer.values}
    return Layer(values, places, said=said)
