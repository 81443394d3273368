"""Early exit: once the model has made up its mind about all that is open, all of it is written at once.

Li et al. 2025, "Prophet", https://arxiv.org/abs/2508.19982; over the whole open window instead of an answer's place
that must be known beforehand, as SchED does (https://arxiv.org/abs/2512.02892, known from a digest).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from typing_extensions import Doc

from ..core.shapes import Flag
from ..core.step import Decision, Kind, StepView
from .wrapper import Wrapper

FIRST, LAST = 0.33, 0.67  # written shares of the canvas at which Prophet lowers its bar


@dataclass(frozen=True)
class EarlyExit(Wrapper):
    """Writes every open position when the mean gap between their two best logits reaches a bar."""

    needs: ClassVar[frozenset[str]] = frozenset({"margin"})

    early: Annotated[float, Ge(0), Doc("mean gap asked for while less than 0.33 of the canvas is written")] = 7.5
    middle: Annotated[float, Ge(0), Doc("the same from there to 0.67")] = 5.0
    late: Annotated[float, Ge(0), Doc("the same after that")] = 2.5

    def decided(self, decision: Decision, view: StepView) -> Decision:
        """The strategy's decision, or in rows that are sure enough the proposals everywhere."""
        exits = self.is_sure(view).unsqueeze(1)
        rest = exits & view.masked & ~decision.commit
        notes = decision.notes._replace(kind=torch.where(rest, int(Kind.SURE), decision.notes.kind))
        return decision._replace(
            commit=decision.commit | rest,
            revoke=decision.revoke & (decision.commit | ~exits),
            tokens=torch.where(rest, view.proposal, decision.tokens),
            notes=notes,
        )

    def is_sure(self, view: StepView) -> Flag:
        """Rows with something open whose mean gap reaches the bar."""
        assert view.extra.margin is not None
        count = view.masked.sum(dim=1)
        gap = torch.where(view.masked, view.extra.margin, 0).sum(dim=1) / count.clamp(min=1)
        later = torch.where(view.progress < LAST, self.middle, self.late)
        return (count > 0) & (gap >= torch.where(view.progress < FIRST, self.early, later))
