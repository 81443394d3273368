"""Presets: named TOML files that hold how to decode, each extending at most one other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core import custom
from ..core.fields import fields, nearest
from ..errors import UsageError
from . import discover, toml
from .layers import Layer, merged
from .schema import CACHE, DECODE, OPTIONS, WINDOW, WRAP, join, listed

Kind = type | tuple[type, ...]
KEYS: dict[str, Kind] = {
    "about": str,
    "extends": str,
    "strategy": str,
    DECODE: dict,
    OPTIONS: dict,
    CACHE: dict,
    WINDOW: dict,
    "wrap": (list, str),  # a text alone stands for a list of one
    WRAP: dict,
    "tune": dict,
}
KINDS: dict[Kind, str] = {str: "text", dict: "a table", (list, str): "a list of names"}
Places = dict[str, str]


@dataclass(frozen=True)
class Preset:
    """A preset with its parents laid beneath it; `layer` holds its settings, `tune` the search space beside them."""

    name: str
    about: str = ""
    strategy: str | None = None
    strategy_place: str = ""
    layer: Layer = field(default_factory=lambda: Layer(from_file=True))
    tune: dict[str, Any] = field(default_factory=dict)
    tune_places: Places = field(default_factory=dict)
    path: Path | None = None
    problems: tuple[str, ...] = ()


def find(name: str) -> Preset:
    """A preset by name or file, with what it extends; a strategy's own file stands for one that names nothing else.

    Raises UsageError when there is none, PresetError for bad TOML.
    What is wrong with its keys is not raised but listed in `problems`, so that everything can be said at once.
    """
    if custom.is_file(name):
        return Preset(name=custom.located(name), strategy=custom.located(name))
    return _load(name, discover.preset_path(name), ())


def _load(name: str, path: Path, children: tuple[Path, ...]) -> Preset:
    source = toml.read(path)
    own = _own(name, source)
    parent_name = source.table.get("extends")
    if not isinstance(parent_name, str):
        return own
    try:
        parent_path = discover.preset_path(parent_name, beside=path.parent)
    except UsageError as error:
        return _with_problems(own, [f"{source.place('extends')}  extends: {error}"])
    chain = (*children, path.resolve())
    if parent_path.resolve() in chain:
        circle = " > ".join(item.stem for item in (*chain, parent_path))
        return _with_problems(own, [f"{source.place('extends')}  extends goes in a circle: {circle}"])
    return _over(own, _load(parent_name, parent_path, chain))


def _own(name: str, source: toml.Source) -> Preset:
    table: dict[str, Any] = {key: value for key, value in source.table.items() if isinstance(value, KEYS.get(key, ()))}
    tune = table.get("tune", {})
    return Preset(
        name=name,
        about=table.get("about", ""),
        strategy=custom.located(table["strategy"], source.path.parent) if "strategy" in table else None,
        strategy_place=source.place("strategy"),
        layer=_settings(source),
        tune=dict(tune),
        tune_places={key: source.place("tune", key) for key in tune},
        path=source.path,
        problems=tuple(_structure(source)),
    )


def _settings(source: toml.Source) -> Layer:
    """The settings in a preset's tables; the names in `wrap` are one of `[decode]`, each with a table of its own."""
    plain = layer_of(source, (DECODE, OPTIONS, CACHE, WINDOW))
    values, places = dict(plain.values), dict(plain.places)
    said = {}
    if isinstance(source.table.get("wrap"), KEYS["wrap"]):
        key = join(DECODE, "wrap")
        values[key], places[key], said[key] = source.table["wrap"], source.place("wrap"), "wrap"
    around = source.table.get(WRAP)
    for name, table in around.items() if isinstance(around, dict) else ():
        for key, value in table.items() if isinstance(table, dict) else ():
            full = f"{WRAP}.{name}.{key}"
            values[full], places[full] = value, source.place(WRAP, name, key)
    return Layer(values, places, from_file=True, said=said)


def layer_of(source: toml.Source, tables: tuple[str, ...]) -> Layer:
    """The settings in some tables of a file."""
    found = {table: source.table.get(table) for table in tables}
    pairs = [
        (table, name, value)
        for table, content in found.items()
        if isinstance(content, dict)
        for name, value in content.items()
    ]
    values = {f"{table}.{name}": value for table, name, value in pairs}
    places = {f"{table}.{name}": source.place(table, name) for table, name, _ in pairs}
    return Layer(values, places, from_file=True)


def _structure(source: toml.Source) -> Iterator[str]:
    for key, value in source.table.items():
        if key not in KEYS:
            yield f"{source.place(key)}  {key} is not a setting{at_top(key, tuple(KEYS), 'a preset')}"
        elif not isinstance(value, KEYS[key]):
            yield f"{source.place(key)}  {key} = {value!r}; must be {KINDS[KEYS[key]]}"
    yield from _around(source)


def _around(source: toml.Source) -> Iterator[str]:
    """What is wrong with how wrappers and their tables are named."""
    decode, around = source.table.get(DECODE), source.table.get(WRAP)
    if "wrap" in source.table and isinstance(decode, dict) and "wrap" in decode:
        other = f"{DECODE}.wrap ({source.place(DECODE, 'wrap')})"
        yield f"{source.place('wrap')}  wrap and {other} both name the wrappers; leave one of them out"
    for name, value in around.items() if isinstance(around, dict) else ():
        if not isinstance(value, dict):
            yield f"{source.place(WRAP, name)}  {WRAP}.{name} = {value!r}; write [{WRAP}.WRAPPER] and settings below it"


def at_top(key: str, valid: Sequence[str], holder: str) -> str:
    """The end of a sentence about a key at the top of a file, which holds others there."""
    from ..engine.settings import Settings

    if key in {item.name for item in fields(Settings)}:
        return f" here; it stands under [{DECODE}]"
    if key in KEYS:
        return ' here; it belongs in a preset, which preset = "NAME" names'
    close = nearest(key, valid)
    return f"; did you mean {close}?" if close else f"; {holder} holds {', '.join(valid)}"


def _over(own: Preset, parent: Preset) -> Preset:
    """A preset laid over its parent; the options of parts that it replaces do not carry over."""
    gone = tuple(_replaced(own, parent))
    inherited = parent.layer.only(key for key in parent.layer.values if not key.startswith(gone))
    tune = {key: entry for key, entry in parent.tune.items() if not _depends(key, entry, gone)}
    return Preset(
        name=own.name,
        about=own.about or parent.about,
        strategy=own.strategy or parent.strategy,
        strategy_place=own.strategy_place if own.strategy else parent.strategy_place,
        layer=replace(merged((own.layer, inherited)), from_file=True),
        tune={**tune, **own.tune},
        tune_places={**parent.tune_places, **own.tune_places},
        path=own.path,
        problems=parent.problems + own.problems,
    )


def _replaced(own: Preset, parent: Preset) -> Iterator[str]:
    """What the keys of options begin with whose part the parent names, and the preset replaces."""
    mine, theirs = own.layer.table(DECODE), parent.layer.table(DECODE)
    if own.strategy not in (None, parent.strategy):
        yield join(OPTIONS, "")
    for name, table in (("cache", CACHE), ("window", WINDOW)):
        if name in mine and name in theirs and mine[name] != theirs[name]:
            yield join(table, "")
    kept = listed({**theirs, **mine}.get("wrap"))
    yield from (join(WRAP, f"{name}.") for name in listed(theirs.get("wrap")) if name not in kept)


def _depends(key: str, entry: Any, gone: tuple[str, ...]) -> bool:
    """Whether an entry of the search space, or what it is conditional on, is of a part that is gone."""
    conditions = entry.get("when") if isinstance(entry, dict) else None
    return any(each.startswith(gone) for each in (key, *(conditions if isinstance(conditions, dict) else ())))


def _with_problems(preset: Preset, problems: list[str]) -> Preset:
    return replace(preset, problems=(*preset.problems, *problems))


def advice(preset: Preset) -> str:
    """What to do about a preset with problems."""
    return f"Check with: dlldecode presets check {toml.shown(preset.path) if preset.path else preset.name}"
