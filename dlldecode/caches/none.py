"""No cache: every forward computes the whole sequence, and nothing is ever stale."""

from __future__ import annotations

from dataclasses import dataclass

from .policy import Plan


# Named after its file, like every part.
@dataclass(frozen=True)
class None_:
    """Compute everything, keep nothing."""

    def plan(self, window: int, step: int, length: int) -> Plan:
        """Every column, every time."""
        return Plan(full=True)
