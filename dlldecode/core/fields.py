"""Options as data: the fields of a frozen dataclass carry their range and one sentence; here they are checked.

A field reads `name: Annotated[float, Ge(0), Le(1), Doc("what it does")] = default`. Validation, `presets show`, the
docs table and the tuner's space all read the same annotations.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from typing_extensions import Doc

T = TypeVar("T")
LARGEST = 2**31 - 1  # of whole numbers without a bound of their own, so that tensors hold sums and products of them
WIDEST = 3.4e38  # of the numbers that float32 holds


class Field(NamedTuple):
    """One option: its name, annotation, bare type, default, sentence, and the range markers it carries."""

    name: str
    hint: Any
    type: Any
    default: Any
    about: str
    markers: tuple[Any, ...]


class Problem(NamedTuple):
    """One thing wrong with an option; `nearest` is the valid key that an unknown one resembles."""

    key: str
    message: str
    nearest: str | None = None


@cache
def fields(kind: type) -> tuple[Field, ...]:
    """The options of a dataclass, in the order they are written."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(item, hints[item.name]) for item in dataclasses.fields(kind) if item.init)


def _field(item: dataclasses.Field[Any], hint: Any) -> Field:
    bare, markers = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    about = next((marker.documentation for marker in markers if isinstance(marker, Doc)), "")
    ranges = tuple(marker for marker in markers if not isinstance(marker, Doc))
    return Field(item.name, hint, bare, item.default, about, ranges)


def nearest(key: str, valid: Iterable[str]) -> str | None:
    """The valid key that `key` most resembles, if any does."""
    return next(iter(difflib.get_close_matches(key, list(valid), n=1)), None)


def check(kind: type[T], values: Mapping[str, Any]) -> tuple[T | None, list[Problem]]:
    """Build `kind` from `values`; everything wrong at once, or the object and no problem."""
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]   # a class is hashable
    problems = [_unknown(key, known) for key in values if key not in known]
    kept = {}
    for key, value in values.items():
        if key in known:
            kept[key], found = _check_one(known[key], value)
            problems += found
    return (None, problems) if problems else (kind(**kept), [])


def _unknown(key: str, known: Iterable[str]) -> Problem:
    valid = sorted(known)
    close = nearest(key, valid)
    listing = f"; the settings are {', '.join(valid)}" if valid else "; it has no settings"
    hint = f"; did you mean {close}?" if close else listing
    return Problem(key, f"is not a setting{hint}", close)


def _check_one(field: Field, value: Any) -> tuple[Any, list[Problem]]:
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    adapter: TypeAdapter[Any] = TypeAdapter(field.hint, config=ConfigDict(strict=True, allow_inf_nan=False))
    if isinstance(value, str) and get_origin(field.type) is tuple:
        value = [value]  # a text alone stands for a list of one
    if wrong := _unlike(field.type, value) or _exceeded(field, value):
        return value, [Problem(field.name, f"= {value!r}; must be {wrong}")]
    try:
        return adapter.validate_python(tuple(value) if isinstance(value, list) else value), []  # options are frozen
    except ValidationError as error:
        return value, [Problem(field.name, f"= {value!r}; {_sentence(item)}") for item in error.errors()[:1]]


def _exceeded(field: Field, value: Any) -> str | None:
    """The bound that a number, or one in a list, is beyond, where the field has none of its own."""
    if {"Le", "Lt"} & {type(marker).__name__ for marker in field.markers}:
        return None
    for part in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(part, (int, float)) and math.isfinite(part):
            most = WIDEST if field.type is float or isinstance(part, float) else LARGEST
            if abs(part) > most:
                return f"at most {most}" if part > 0 else f"at least -{most}"
    return None


def _unlike(kind: Any, value: Any) -> str | None:
    """What a value must be, where the checker would not say it or would let it through."""
    if isinstance(value, bool) and kind is not bool:
        return f"a {_name(kind)}, not true or false"
    return f"a {_name(kind)}" if get_origin(kind) is tuple and not isinstance(value, (list, tuple)) else None


def _name(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "list of names" if get_args(kind)[0] is str else "list"
    return {int: "whole number", float: "number", str: "text"}.get(kind, "value of its kind")


def _sentence(error: Any) -> str:
    if error["type"] == "too_short":
        return f"must hold at least {error['ctx']['min_length']}"
    text = str(error["msg"])
    return "must be" + text[len("Input should be") :] if text.startswith("Input should be") else text
