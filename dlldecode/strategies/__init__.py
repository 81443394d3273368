"""Commit rules, one file each; the file name is the name of the strategy."""

from __future__ import annotations

import sys
from typing import Any

from ..core import plugins
from ..core.fields import check
from ..core.step import Strategy
from ..errors import PresetError


def available() -> tuple[str, ...]:
    """The names of all strategies, sorted."""
    return plugins.names(sys.modules[__name__])


def kind(name: str) -> type[Strategy[Any]]:
    """The class of a strategy; its fields are its options. Raises UsageError for a name nobody has."""
    return plugins.find(sys.modules[__name__], name, "strategy")


def load(name: str, **options: Any) -> Strategy[Any]:
    """A strategy with the given options; all that is wrong with them at once, as a PresetError."""
    strategy, problems = check(kind(name), options)
    if strategy is None:
        raise PresetError([f"strategy_options.{problem.key} {problem.message}" for problem in problems])
    return strategy
