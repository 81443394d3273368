"""Commit rules, one file each; the file name is the name of the strategy."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from ..core.fields import check, nearest
from ..core.step import Strategy
from ..errors import PresetError, UsageError


def available() -> tuple[str, ...]:
    """The names of all strategies, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def kind(name: str) -> type[Strategy[Any]]:
    """The class of a strategy; its fields are its options. Raises UsageError for a name nobody has."""
    if name not in available():
        close = nearest(name, available())
        hint = f"did you mean {close}?" if close else f"there are {', '.join(available())}."
        raise UsageError(f"there is no strategy {name!r}; {hint}")
    module = import_module(f"{__name__}.{name}")
    found: type[Strategy[Any]] = getattr(module, name.title().replace("_", ""))
    return found


def load(name: str, **options: Any) -> Strategy[Any]:
    """A strategy with the given options; all that is wrong with them at once, as a PresetError."""
    strategy, problems = check(kind(name), options)
    if strategy is None:
        raise PresetError([f"strategy_options.{problem.key} {problem.message}" for problem in problems])
    return strategy
