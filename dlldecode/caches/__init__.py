"""Cache policies, one file each: which keys and values are computed now, and which are kept."""

from __future__ import annotations

import sys
from typing import Any

from ..core import plugins
from .policy import CachePolicy

_SHARED = frozenset({"policy"})


def available() -> tuple[str, ...]:
    """The names of all cache policies, sorted."""
    return plugins.names(sys.modules[__name__], _SHARED)


def kind(name: str) -> type[CachePolicy]:
    """The class of a cache policy; its fields are its options. Raises UsageError for a name nobody has."""
    return plugins.find(sys.modules[__name__], name, "cache", _SHARED)


def load(name: str, **options: Any) -> CachePolicy:
    """A cache policy with the given options; all that is wrong with them at once, as a PresetError."""
    return plugins.made(kind(name), options, "cache_options")
