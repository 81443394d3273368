"""lm-eval's words as settings: `--model_args`, and the `generation_kwargs` of a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from ...config import toml
from ...config.assemble import BUILT_IN, Request, Resolved, resolve
from ...config.layers import Layer
from ...config.run import RunSettings
from ...config.schema import DECODE, OPTIONS, RUN, join, split
from ...engine.settings import Settings
from ...errors import UsageError

CANVAS, TEMPERATURE = "decode.max_tokens", "decode.temperature"
USUAL_CANVAS = 256  # what lm-eval's own models take where a task names no length
Brought = tuple[tuple[str, Any], ...]  # settings by dotted key
LENGTHS = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")  # the first that is there counts
HONOURED = (*LENGTHS, "until", "do_sample", "temperature")


class Generation(NamedTuple):
    """How a task wants its answers: settings by dotted key, the texts that end an answer, and keys of no effect."""

    settings: Brought = ()
    until: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def generation(asked: Mapping[str, Any]) -> Generation:
    """A task's `generation_kwargs`. Raises UsageError for an `until` that is no text."""
    given = {key: value for key, value in asked.items() if value is not None}
    until = given.get("until", [])
    stops = [until] if isinstance(until, str) else until
    if not isinstance(stops, (list, tuple)) or not all(isinstance(stop, str) for stop in stops):
        raise UsageError(f"until = {until!r} in generation_kwargs; give a text or a list of texts.")
    canvas = next(([(CANVAS, given[key])] for key in LENGTHS if key in given), [])
    unused = tuple(sorted(key for key in given if key not in HONOURED))
    return Generation((*canvas, *_temperature(given)), tuple(filter(None, stops)), unused)


def _temperature(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """lm-eval's rule: without sampling the temperature is 0, whatever stands beside it."""
    is_drawn = given.get("do_sample")
    if is_drawn is None:
        return [(TEMPERATURE, given["temperature"])] if "temperature" in given else []
    return [(TEMPERATURE, given.get("temperature", 1.0) if is_drawn else 0.0)]


def request(arguments: Mapping[str, Any]) -> Request:
    """What `--model_args` ask for; a name that is no setting of ours means an option of the strategy."""
    given = {key: value for key, value in arguments.items() if value is not None}
    strategy, preset = given.pop("strategy", None), given.pop("preset", None)
    keys = {key: _dotted(key) for key in given}
    values = {keys[key]: _typed(keys[key], value) for key, value in given.items()}
    return Request(strategy, preset, (Layer(values, {keys[key]: f"model_args {key}" for key in given}),))


def _dotted(name: str) -> str:
    if "." in name or name in {item.name for item in fields(RunSettings)}:
        return name
    return join(DECODE if name in {item.name for item in fields(Settings)} else OPTIONS, name)


def _typed(key: str, value: Any) -> Any:
    """A number that came as text as a number; names of models and devices stay text."""
    is_name = split(key)[0] == RUN and key != "batch_size"
    return value if is_name or not isinstance(value, str) else toml.value(value)


def resolved(asked: Request, brought: Brought = ()) -> Resolved:
    """Settings by `--model_args`, else what the task brings, else the preset; a canvas that none names is the usual.

    Neither files nor environment variables are read. Raises UsageError for whatever does not fit.
    """
    layer = Layer(dict(brought), {key: f"generation_kwargs {split(key)[1]}" for key, _ in brought})
    found = resolve(replace(asked, weaker=(layer,)), outside=False)
    if found.origin(CANVAS) != BUILT_IN:
        return found
    return resolved(asked, (*brought, (CANVAS, USUAL_CANVAS)))
