"""Typed look-ups in a model's config.json: a missing or unsupported key is named together with its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ModelError

Config = Mapping[str, Any]


def whole(config: Config, key: str) -> int:
    """A whole number of at least 0, such as a size or a token id."""
    value = present(config, key)
    if type(value) is not int or value < 0:
        raise ModelError(f"config.json has {key} = {value!r}; a whole number of at least 0 is needed")
    return value


def positive(config: Config, key: str) -> float:
    """A number above 0, such as an epsilon or a rotary base."""
    value = present(config, key)
    if type(value) not in {int, float} or not value > 0:
        raise ModelError(f"config.json has {key} = {value!r}; a number above 0 is needed")
    return float(value)


def flag(config: Config, key: str) -> bool:
    """True or false."""
    value = present(config, key)
    if type(value) is not bool:
        raise ModelError(f"config.json has {key} = {value!r}; true or false is needed")
    return value


def present(config: Config, key: str) -> Any:
    """The value of a key that must be there and not null."""
    if config.get(key) is None:
        raise ModelError(f"config.json lacks {key}; take a complete copy of the model's files")
    return config[key]


def demand(config: Config, needed: Config, idle: Config) -> None:
    """Refuse an architecture that this package does not compute.

    `needed`: keys that must be there with this very value. `idle`: keys that may be absent, null or have this value.
    """
    for key, only in needed.items():
        if present(config, key) != only:
            raise ModelError(f"config.json has {key} = {config[key]!r}; only {only!r} is supported")
    for key, only in idle.items():
        if config.get(key) not in (None, only):
            remedy = "which is not supported" if only is None else f"only {only!r} is supported"
            raise ModelError(f"config.json has {key} = {config[key]!r}; {remedy}")
