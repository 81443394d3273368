"""The `[tune]` table of a preset: the search space, checked against the settings it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .layers import Unfit, one
from .pile import Pile
from .preset import Preset
from .schema import CACHE, DECODE, WINDOW, WRAP, Schema, join

RANGE, CHOICES, WHEN = {"low", "high", "step"}, {"choices"}, "when"


def fitted(preset: Preset, pile: Pile) -> tuple[dict[str, Any], list[str]]:
    """The entries that hold, and one line for every entry that is no range or list of choices of a valid setting.

    What becomes of an entry for a part that a stronger layer than the preset has replaced is as with any other value.
    """
    found = {key: entry for key, entry in preset.tune.items() if not list(_entry(key, entry, pile.known))}
    own = pile.own(preset.layer)
    wrong = [
        f"{preset.tune_places[key]}  tune.{key} {message}"
        for key, entry in preset.tune.items()
        if key not in found
        for message in _entry(key, entry, own)
    ]
    return found, wrong


def _entry(key: str, entry: Any, known: Schema) -> Iterator[str]:
    if not isinstance(entry, dict) or set(entry) - {WHEN} not in (RANGE, RANGE - {"step"}, CHOICES):
        yield f"= {entry!r}; must be {{ low = , high = , step = }} or {{ choices = [ ] }}"
        return
    values = entry["choices"] if "choices" in entry else [entry["low"], entry["high"]]
    if not isinstance(values, list) or not values:
        yield f"= {entry!r}; choices must be a list with something in it"
        return
    try:
        conditions = when(entry, known)
        for value in values:
            one(key, value, under(known, conditions))
    except Unfit as unfit:
        yield str(unfit)
        return
    yield from _order(entry)


def when(entry: Mapping[str, Any], known: Schema) -> dict[str, tuple[Any, ...]]:
    """The values that other settings must have for an entry to matter, by dotted key; raises Unfit for wrong ones."""
    found = entry.get(WHEN, {})
    if not isinstance(found, dict):
        raise Unfit(f"= {entry!r}; when must be {{ SETTING = VALUE }}")
    conditions = {}
    for key, value in found.items():
        try:
            conditions[key] = tuple(one(key, each, known) for each in (value if isinstance(value, list) else [value]))
        except Unfit as unfit:
            raise Unfit(f"when {key} {unfit}") from None
    return conditions


def under(known: Schema, conditions: Mapping[str, tuple[Any, ...]]) -> Schema:
    """The settings that there are where conditions hold: those of cache, window and wrappers that they name."""
    from .. import caches, wrappers
    from ..engine import windows

    kinds = {"cache": (CACHE, caches.kind), "window": (WINDOW, windows.kind)}
    found = {name: conditions[join(DECODE, name)][0] for name in kinds if join(DECODE, name) in conditions}
    tables = {kinds[name][0]: kinds[name][1](of) for name, of in found.items()}
    for name in conditions.get(join(DECODE, "wrap"), ((),))[0]:
        tables[join(WRAP, name)] = wrappers.kind(name)
    return replace(known, tables={**known.tables, **tables})


def _order(entry: dict[str, Any]) -> Iterator[str]:
    numbers = [entry[name] for name in ("low", "high", "step") if name in entry]
    if not all(isinstance(number, (int, float)) for number in numbers):
        yield f"= {entry!r}; low, high and step must be numbers"
    elif numbers and entry["low"] >= entry["high"]:
        yield f"= {entry!r}; low must be below high"
    elif entry.get("step", 1) <= 0:
        yield f"= {entry!r}; step must be above 0"
