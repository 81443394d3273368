"""Commit rules, one file each; the file name is the name of the strategy, or its path for a file of the user's own."""

from __future__ import annotations

import sys
from typing import Any

from ..core import custom, plugins
from ..core.step import Strategy


def available() -> tuple[str, ...]:
    """The names of all strategies, sorted."""
    return plugins.names(sys.modules[__name__])


def kind(name: str) -> type[Strategy[Any]]:
    """The class of a strategy, by name or file; its fields are its options. Raises UsageError where there is none."""
    if custom.is_file(name):
        return custom.find(name, Strategy)
    return plugins.find(sys.modules[__name__], name, "strategy")


def load(name: str, **options: Any) -> Strategy[Any]:
    """A strategy with the given options; all that is wrong with them at once, as a PresetError."""
    return plugins.made(kind(name), options, "strategy_options")
