"""What the host knows of the rows, and what it orders next; it may lag behind the device."""

from __future__ import annotations

from typing import NamedTuple

from .observe import Status


class Order(NamedTuple):
    """What the host decides about a forward from what it knows.

    It computes `rows`; `opens` tells that it opens their windows, `is_first` that nothing of theirs is stored yet;
    `start` is where the leftmost window starts, `end` where none ends behind, in places of the canvas.
    """

    rows: list[int]
    opens: bool
    is_first: bool
    start: int
    end: int


class Knowledge:
    """What the host has read of the rows so far; without a cache that `keeps` anything, all rows are always due."""

    def __init__(self, rows: int, keeps: bool, width: int) -> None:
        self.running, self._due, self._new = set[int](), set[int](), set[int]()
        self._keeps, self._width, self._launched, self._read = keeps, width, 0, 0
        self._start, self._opened, self._seated = dict[int, int](), dict[int, int](), dict[int, int]()
        for row in range(rows):
            self.seat(row)

    def seat(self, row: int) -> None:
        """Somebody new sits in a row; what is read from before says nothing of them."""
        self.running.add(row)
        self._due.add(row)
        self._new.add(row)
        self._start[row], self._opened[row], self._seated[row] = 0, -1, self._launched

    def order(self) -> Order:
        """The next forward: open the windows that are due, those of new rows first, else go on inside of all."""
        starts = [self._start[row] for row in self.running]
        # Every forward that is still on its way may have moved a window on.
        where = min(starts), max(starts) + (1 + self._launched - self._read) * self._width
        if not self._keeps:
            return Order(sorted(self.running), True, False, *where)
        if due := self._due & self.running:
            new = due & self._new
            return Order(sorted(new or due), True, bool(new), *where)
        return Order(sorted(self.running), False, False, *where)

    def launched(self, order: Order) -> None:
        """A forward is on its way; what is read from before it no longer says that its rows are due."""
        if order.opens:
            self._due.difference_update(order.rows)
            self._new.difference_update(order.rows)
            self._opened.update(dict.fromkeys(order.rows, self._launched))
        self._launched += 1

    def learn(self, found: list[Status]) -> list[int]:
        """Take in how the rows stood after the oldest forward; the rows that have ended since."""
        known = {row: stands for row, stands in enumerate(found) if self._seated[row] <= self._read}
        ended = [row for row, stands in known.items() if stands.done and row in self.running]
        self.running.difference_update(ended)
        self._start.update((row, stands.start) for row, stands in known.items())
        self._due.update(row for row, stands in known.items() if stands.due and self._opened[row] <= self._read)
        self._read += 1
        return ended
