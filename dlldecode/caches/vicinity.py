"""dInfer's vicinity refresh: the window is computed together with some columns on either side of it.

Ma et al. 2025, "dInfer", https://arxiv.org/abs/2510.08666
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge
from typing_extensions import Doc

from .policy import CachePolicy, Plan, Span


@dataclass(frozen=True)
class Vicinity(CachePolicy):
    """Keys and values further away are those of the forward that opened the window."""

    look_behind: Annotated[int, Ge(0), Doc("columns before the window that are computed with it")] = 16
    look_ahead: Annotated[int, Ge(0), Doc("columns after the window that are computed with it")] = 16
    warm_up_steps: Annotated[int, Ge(0), Doc("forwards of a row that compute everything in any case")] = 4

    @property
    def warm_up(self) -> int:
        """The first forwards, in which everything still changes."""
        return self.warm_up_steps

    def inside(self, span: Span) -> Plan:
        """The window and its surroundings; everything where they reach as far from wherever a window may lie.

        Not where they are merely wider than the sequence: how long that is depends on the other rows' prompts, and
        none of them may change what is computed afresh for this one.
        """
        if min(self.look_behind, self.look_ahead) >= span.length:
            return Plan(full=True)
        return Plan(False, self.look_behind, self.look_behind + span.window + self.look_ahead, self.look_ahead)
