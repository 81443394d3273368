"""Prompts that wait for a row, and who sits in which: rows that end make room for the next prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .board import Session


@dataclass(frozen=True)
class Guest:
    """A prompt (ids) to decode, the index that its events carry, and the key of its random numbers."""

    index: int
    prompt: Sequence[int]
    key: int


@runtime_checkable
class Waiting(Protocol):
    """Prompts still to come."""

    def wait(self) -> Guest | None:
        """The next one, waited for; None when there are no more."""
        ...

    def look(self) -> Guest | None:
        """The next one if it is there by now."""
        ...


class Seating:
    """Who sits in which row. Without `waiting` nobody takes the place of who has left."""

    def __init__(self, seated: Sequence[Guest], waiting: Waiting | None = None) -> None:
        self.seated, self.held = list(seated), list[Guest]()
        self._waiting = waiting

    @property
    def goes_on(self) -> bool:
        """Whether others may follow."""
        return self._waiting is not None

    def index(self, row: int) -> int:
        """The index that events about a row carry."""
        return self.seated[row].index

    def follow(self, row: int, session: Session) -> Guest | None:
        """The guest that takes a row over; None where nobody waits, or the next one needs a wider session.

        Who is too long is held for the next session, and so is everybody after.
        """
        if self._waiting is None or self.held:
            return None
        guest = self._waiting.look()
        if guest is None:
            return None
        if len(guest.prompt) > session.prompt_width:
            self.held.append(guest)
            return None
        self.seated[row] = guest
        return guest
