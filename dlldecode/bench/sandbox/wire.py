"""Values as JSON and back: plain data by value and of its plain type, anything else as the number of a kept object."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from importlib import import_module
from typing import Any

SMALL = 1 << 63  # the decimal digits of larger numbers take long, and Python limits them
TYPES = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
SEQUENCES: dict[str, Callable[..., Any]] = {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}
SCALARS: dict[str, Callable[[Any], Any]] = {
    "int": lambda text: int(text, 16),
    "bytes": bytes.fromhex,
    "complex": lambda parts: complex(*parts),
    "Decimal": lambda text: import_module("decimal").Decimal(text),
    "Fraction": lambda text: import_module("fractions").Fraction(text),
    "type": lambda name: TYPES[name],
}


def encode(value: Any, keep: Callable[[object], int]) -> Any:
    """Write a value; `keep` numbers an object that is no plain data. Subclasses become what they derive from."""
    if value is None or isinstance(value, bool | float | str):
        return value
    for name, kind in SEQUENCES.items():
        if isinstance(value, kind):
            return [name, [encode(item, keep) for item in value]]
    if isinstance(value, dict):
        return ["dict", [[encode(key, keep), encode(item, keep)] for key, item in value.items()]]
    return scalar(value) or ["kept", keep(value)]


def scalar(value: Any) -> Any:
    """Write a number, bytes or a builtin type; None for anything else."""
    if isinstance(value, int):
        return ["int", hex(value)]
    if isinstance(value, bytes | bytearray):
        return ["bytes", value.hex()]
    if isinstance(value, complex):
        return ["complex", [value.real, value.imag]]
    if isinstance(value, type) and TYPES.get(value.__name__) is value:
        return ["type", value.__name__]
    name = type(value).__name__
    return [name, str(value)] if name in ("Decimal", "Fraction") else None


def decode(data: Any, fetch: Callable[[int], object]) -> Any:
    """Read a value; `fetch` gives the object of a number. Raises some exception where the data are none of ours."""
    if not isinstance(data, list):
        return data
    kind, content = data
    if kind in SEQUENCES:
        return SEQUENCES[kind](decode(item, fetch) for item in content)
    if kind == "dict":
        return {decode(key, fetch): decode(item, fetch) for key, item in content}
    return SCALARS[kind](content) if kind in SCALARS else fetch(content)
