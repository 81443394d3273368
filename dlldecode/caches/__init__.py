"""Cache policies, one file each: which keys and values are computed now, and which are kept."""

from __future__ import annotations

import sys

from ..core import plugins
from .policy import CachePolicy

_SHARED = frozenset({"policy"})


def available() -> tuple[str, ...]:
    """The names of all cache policies, sorted."""
    return plugins.names(sys.modules[__name__], _SHARED)


def load(name: str) -> CachePolicy:
    """A cache policy by name. Raises UsageError for a name nobody has."""
    policy: CachePolicy = plugins.find(sys.modules[__name__], name, "cache", _SHARED)()
    return policy
