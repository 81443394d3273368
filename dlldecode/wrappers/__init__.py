"""Wrappers, one file each: techniques that go around any strategy; the file name is the name of the wrapper."""

from __future__ import annotations

import sys
from typing import Any

from ..core import plugins
from .wrapper import Wrapper

_SHARED = frozenset({"wrapper"})


def available() -> tuple[str, ...]:
    """The names of all wrappers, sorted."""
    return plugins.names(sys.modules[__name__], _SHARED)


def kind(name: str) -> type[Wrapper]:
    """The class of a wrapper; its fields are its options. Raises UsageError for a name nobody has."""
    return plugins.find(sys.modules[__name__], name, "wrapper", _SHARED)


def load(name: str, **options: Any) -> Wrapper:
    """A wrapper with the given options; all that is wrong with them at once, as a PresetError."""
    return plugins.made(kind(name), options, f"wrap_options.{name}")
