"""A cache policy is arithmetic on integers: which columns to compute in a forward, and when to compute them afresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from annotated_types import Ge
from typing_extensions import Doc

BUCKET = 32  # shrinking spans are rounded up to this many columns, so that few shapes are ever seen


class Span(NamedTuple):
    """What a policy reckons with, in columns: the widest window, where the leftmost one starts, the whole sequence."""

    window: int
    start: int
    length: int


class Plan(NamedTuple):
    """One forward. `full` computes every column; else `width` columns from `before` ahead of each row's window.

    A full one with a `width` leaves out what lies between so many columns and the last one.

    Widths are integers and the same for every row, so that one captured graph serves every block; where the span lies
    is a device tensor. Columns of the span outside of the sequence are computed in vain, and so are those more than
    `behind` behind the end of a row's window, where that is shorter than the widest one; None spares all of them.
    """

    full: bool = True
    before: int = 0
    width: int = 0
    behind: int | None = None

    def columns(self, length: int) -> int:
        """How many of the sequence's columns it computes."""
        if not self.full:
            return self.width
        return self.width + 1 if self.width else length


@dataclass(frozen=True)
class CachePolicy:
    """Decides the span of every forward.

    A row's first forward in a window is an opening one, and so is every `refresh`-th from there; the others are inside
    ones and read what the opening one left. Without `keeps` nothing is left, and every forward is an opening one.
    """

    keeps: ClassVar[bool] = True

    refresh: Annotated[int, Ge(0), Doc("every how many forwards a window is opened afresh; 0 is never")] = 0
    linger: Annotated[
        bool, Doc("stay in a window for a second forward even if the opening one filled it, as Fast-dLLM's loops do")
    ] = False

    @property
    def warm_up(self) -> int:
        """Forwards of a row that are opening ones in any case."""
        return 0

    def opening(self, span: Span, first: bool) -> Plan:
        """The forward that opens a window; `first` tells that nothing is stored yet."""
        return Plan(full=True)

    def inside(self, span: Span) -> Plan:
        """A forward between openings."""
        raise NotImplementedError
