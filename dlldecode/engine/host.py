"""What the host knows of the rows, and what it orders next; it may lag behind the device."""

from __future__ import annotations

from typing import NamedTuple

from .observe import Status


class Order(NamedTuple):
    """What the host decides about a forward from what it knows.

    `opens` are the rows whose windows it opens, none for an inside forward; `is_first` tells that nothing is stored
    yet; `start` is where the leftmost window starts, in places of the canvas.
    """

    opens: list[int]
    is_first: bool
    start: int


class Knowledge:
    """What the host has read of the rows so far; without a cache that `keeps` anything, all rows are always due."""

    def __init__(self, rows: int, keeps: bool) -> None:
        self.running = set(range(rows))
        self._all, self._keeps = list(range(rows)), keeps
        self._due, self._start = set(range(rows)), dict.fromkeys(range(rows), 0)
        self._opened = dict.fromkeys(range(rows), -1)
        self._launched = self._read = 0

    def order(self) -> Order:
        """The next forward: open the windows that are due, else go on inside of all."""
        opens = sorted(self._due & self.running) if self._keeps else self._all
        return Order(opens, self._launched == 0, min(self._start[row] for row in self.running))

    def launched(self, order: Order) -> None:
        """A forward is on its way; what is read from before it no longer says that its rows are due."""
        self._due.difference_update(order.opens)
        self._opened.update(dict.fromkeys(order.opens, self._launched))
        self._launched += 1

    def learn(self, found: list[Status]) -> list[int]:
        """Take in how the rows stood after the oldest forward; the rows that have ended since."""
        ended = [row for row, stands in enumerate(found) if stands.done and row in self.running]
        self.running.difference_update(ended)
        self._start.update((row, stands.start) for row, stands in enumerate(found))
        fresh = (row for row, stands in enumerate(found) if stands.due and self._opened[row] <= self._read)
        self._due.update(fresh)
        self._read += 1
        return ended
