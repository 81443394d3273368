"""The naive baseline: a fixed number of the most confident positions every step.

Shown to break the text as k grows, e.g. in figure 2 of DiCo, https://arxiv.org/abs/2602.23792
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from typing_extensions import Doc

from ..core.select import top
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Topk(Strategy[tuple[()]]):
    """The k most confident positions."""

    k: Annotated[int, Ge(1), Doc("positions written in every step")] = 2

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The k best positions, whatever their confidence."""
        return write(view, top(view.confidence, view.masked, torch.full_like(view.step, self.k))), state
