"""Project and user files, and the environment: settings that stand beneath what a command names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..core.fields import nearest
from . import discover, toml
from .layers import Layer, checked
from .preset import at_top, layer_of
from .run import RunSettings
from .schema import CACHE, DECODE, OPTIONS, RUN, WINDOW, WRAP, schema, split

PREFIX = "DLLDECODE_"
SWITCHES = ("DEBUG", "NO_CONFIG")


@dataclass(frozen=True)
class Defaults:
    """What a file or the environment says: a strategy and preset to start from, and settings."""

    strategy: str | None = None
    preset: str | None = None
    layer: Layer = field(default_factory=Layer)
    options: Mapping[str, Layer] = field(default_factory=dict)  # in files, by strategy
    problems: tuple[str, ...] = ()

    def layer_with(self, strategy: str) -> Layer:
        """The settings that hold with a strategy."""
        own = self.options.get(strategy, Layer())
        return Layer({**self.layer.values, **own.values}, {**self.layer.places, **own.places}, from_file=True)


def configured() -> list[Defaults]:
    """The nearest project file and the user file, as far as they exist."""
    if discover.is_configless():
        return []
    project, user = discover.project_file(), discover.user_file()
    found = ([project] if project else []) + ([(user, ())] if user else [])
    return [_read(path, prefix) for path, prefix in found]


def _read(path: Path, prefix: tuple[str, ...]) -> Defaults:
    source = toml.read(path).within(*prefix)
    table = source.table
    known = {item.name for item in fields(RunSettings)}
    run = {key: value for key, value in table.items() if key in known}
    decode = layer_of(source, (DECODE,))
    options, problems = _by_strategy(source)
    layer = Layer({**run, **decode.values}, {**{key: source.place(key) for key in run}, **decode.places}, True)
    return Defaults(
        _text(table, "strategy"), _text(table, "preset"), layer, options, (*_structure(source, known), *problems)
    )


def _text(table: Mapping[str, Any], key: str) -> str | None:
    found = table.get(key)
    return found if isinstance(found, str) else None


def _structure(source: toml.Source, known: set[str]) -> Iterator[str]:
    valid = (*sorted(known), "strategy", "preset", DECODE, OPTIONS)
    for key, value in source.table.items():
        if key not in valid:
            yield f"{source.place(key)}  {key} is not a setting{at_top(key, valid, 'a configuration file')}"
        elif key in (DECODE, OPTIONS) and not isinstance(value, dict):
            yield f"{source.place(key)}  {key} = {value!r}; must be a table"
        elif key in ("strategy", "preset") and not isinstance(value, str):
            yield f"{source.place(key)}  {key} = {value!r}; must be text"


def _by_strategy(source: toml.Source) -> tuple[dict[str, Layer], list[str]]:
    """Options keyed by strategy, each checked against its own strategy, whichever one will run."""
    from .. import strategies

    table = source.table.get(OPTIONS)
    layers: dict[str, Layer] = {}
    problems: list[str] = []
    for name, values in table.items() if isinstance(table, dict) else ():
        place = source.place(OPTIONS, name)
        if name not in strategies.available() or not isinstance(values, dict):
            close = nearest(name, strategies.available())
            hint = f"did you mean {OPTIONS}.{close}?" if close else f"write [{OPTIONS}.STRATEGY]"
            problems.append(f"{place}  {OPTIONS}.{name} names no strategy; {hint}")
            continue
        layers[name] = Layer(
            {f"{OPTIONS}.{key}": value for key, value in values.items()},
            {f"{OPTIONS}.{key}": source.place(OPTIONS, name, key) for key in values},
            from_file=True,
        )
        wrong = checked(layers[name], schema(name))[1]
        problems += [line.replace(f"{OPTIONS}.", f"{OPTIONS}.{name}.") for line in wrong.values()]
    return layers, problems


def environment(variables: Mapping[str, str] = os.environ) -> Defaults:
    """The `DLLDECODE_*` variables. One that resembles a setting, or a table of them, without being one is a problem."""
    from ..engine.settings import Settings

    known = {item.name.upper(): item.name for item in fields(RunSettings)}
    known |= {item.name.upper(): f"{DECODE}.{item.name}" for item in fields(Settings)}
    names = {key[len(PREFIX) :]: text for key, text in variables.items() if key.startswith(PREFIX) and text}
    values = {known[name]: _typed(known[name], text) for name, text in names.items() if name in known}
    places = {known[name]: PREFIX + name for name in names if name in known}
    valid = (*known, *SWITCHES, "STRATEGY", "PRESET")
    problems = [
        f"{PREFIX}{name} is not a setting; {hint}"
        for name in names
        if name not in valid and (hint := _near_miss(name, valid))
    ]
    return Defaults(names.get("STRATEGY"), names.get("PRESET"), Layer(values, places), {}, tuple(problems))


def _near_miss(name: str, valid: Iterable[str]) -> str | None:
    """What a variable may have meant that is no setting; None for one that looks like nobody's here."""
    parts = (OPTIONS, CACHE, WINDOW, WRAP)
    if table := next((each for each in parts if f"{name}_".startswith(f"{each.upper()}_")), None):
        return f"no variable holds {table}; put them into a preset, or give them with --set"
    close = nearest(name, valid)
    return f"did you mean {PREFIX}{close}?" if close else None


def _typed(key: str, text: str) -> Any:
    """A variable's text as its field wants it: text stays text, all else is read as TOML."""
    table, name = split(key)
    texts = (
        {"model", "revision", "device", "dtype", "graphs", "load"}
        if table == RUN
        else {"cache", "confidence", "window", "stop", "suppress_stop"}
    )
    switches = {"1": True, "0": False}
    if name == "offline":
        return switches.get(text, toml.value(text))
    return text if name in texts else toml.value(text)
