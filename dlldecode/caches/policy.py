"""A cache policy is arithmetic on integers: which columns to compute in this forward, and what to keep of them."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Plan(NamedTuple):
    """One forward. `full` computes every column; else `width` columns from `before` ahead of each row's window.

    Widths are integers and the same for every row, so that one captured graph serves every block; where the span lies
    is a device tensor. `keep` stores the keys and values that were computed.
    """

    full: bool = True
    before: int = 0
    width: int = 0
    keep: bool = False


class CachePolicy(Protocol):
    """Decides the span of every forward."""

    def plan(self, window: int, step: int, length: int) -> Plan:
        """The span for a window of `window` positions, `step` forwards after it opened, in `length` columns."""
        ...
