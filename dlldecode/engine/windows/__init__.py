"""Window rules, one file each: which positions of a row are open, and when the next ones open."""

from __future__ import annotations

import sys
from typing import Any

from ...core import plugins
from .rule import Extent, Spell, Window, WindowRule

__all__ = ["Extent", "Spell", "Window", "WindowRule", "available", "kind", "load"]

_SHARED = frozenset({"rule"})


def available() -> tuple[str, ...]:
    """The names of all window rules, sorted."""
    return plugins.names(sys.modules[__name__], _SHARED)


def kind(name: str) -> type[WindowRule]:
    """The class of a window rule; its fields are its options. Raises UsageError for a name nobody has."""
    return plugins.find(sys.modules[__name__], name, "window rule", _SHARED)


def load(name: str, **options: Any) -> WindowRule:
    """A window rule with the given options; all that is wrong with them at once, as a PresetError."""
    return plugins.made(kind(name), options, "window_options")
