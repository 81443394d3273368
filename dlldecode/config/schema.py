"""Which settings there are: a dataclass for each table, some of which follow what other settings name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.fields import fields
from .run import RunSettings

RUN, DECODE, OPTIONS, CACHE, WINDOW = "", "decode", "strategy_options", "cache_options", "window_options"
NAMING = ("cache", "window", "wrap")  # the settings of [decode] that name parts, each with options of its own
WRAP = "wrap_options"  # and behind it the wrapper's name
TABLES = (DECODE, OPTIONS, CACHE, WINDOW, WRAP)


@dataclass(frozen=True)
class Schema:
    """The settings there are: a dataclass for each table; options depend on the strategy and what settings name."""

    tables: Mapping[str, type]
    strategy: str

    def keys(self) -> list[str]:
        """Every valid dotted key."""
        return [join(table, item.name) for table, kind in self.tables.items() for item in fields(kind)]


def schema(strategy: str, cache: Any = "none", window: Any = "fixed", wrap: Any = ()) -> Schema:
    """The settings that hold with a strategy, a cache, a window rule, wrappers. Raises UsageError for no strategy.

    Any other part that nobody has is told where its name is checked; until then the default one counts, or none.
    """
    from .. import caches, strategies, wrappers
    from ..engine import windows
    from ..engine.settings import Settings

    policy = caches.kind(cache if cache in caches.available() else "none")
    rule = windows.kind(window if window in windows.available() else "fixed")
    tables = {RUN: RunSettings, DECODE: Settings, OPTIONS: strategies.kind(strategy), CACHE: policy, WINDOW: rule}
    around = [name for name in listed(wrap) if name in wrappers.available()]
    return Schema(tables | {join(WRAP, name): wrappers.kind(name) for name in around}, strategy)


def listed(wrap: Any) -> tuple[Any, ...]:
    """The wrappers that a value names: a text alone stands for a list of one, what is no list for none."""
    return (wrap,) if isinstance(wrap, str) else tuple(wrap) if isinstance(wrap, (list, tuple)) else ()


def join(table: str, name: str) -> str:
    """A dotted key."""
    return f"{table}.{name}" if table else name


def dotted(said: str) -> str:
    """A key in full: a bare one is an option of the strategy, unless it is a whole table."""
    return said if "." in said or said in TABLES else join(OPTIONS, said)


def split(key: str) -> tuple[str, str]:
    """The table and the name of a dotted key."""
    table, _, name = key.rpartition(".")
    return table, name
