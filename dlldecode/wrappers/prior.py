"""A positional prior: confidences weigh less the further right they stand, so that text grows from its left.

Huang et al. 2025, "PC-Sampler", https://arxiv.org/abs/2508.13021 (its decay; what it takes off frequent tokens needs a
corpus and is left out), and DiCo's trajectory guidance, 2026, https://arxiv.org/abs/2602.23792
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt, Le
from typing_extensions import Doc

from ..core.guidance import offsets, trajectory
from ..core.shapes import Score
from ..core.step import StepView
from .wrapper import Wrapper


@dataclass(frozen=True)
class Prior(Wrapper):
    """Multiplies what the strategy takes for confidence; thresholds are compared with the product."""

    fall: Annotated[
        Literal["decay", "exponential", "linear"],
        Doc("decay: exp(-rate) for every position, as PC-Sampler; else DiCo's guidance down to the window's end"),
    ] = "decay"
    rate: Annotated[float, Ge(0), Doc("with fall = decay: what each position to the right costs; 0 is no prior")] = 0.25
    alpha: Annotated[float, Ge(0), Doc("else: how fast the guidance relaxes with the canvas's written share")] = 0.5
    beta: Annotated[float, Gt(0), Le(1), Doc("else: trust at the window's end while nothing is written")] = 0.05

    def seen(self, view: StepView) -> StepView:
        """The view with weighted confidences."""
        return view._replace(confidence=view.confidence * self.weight(view))

    def weight(self, view: StepView) -> Score:
        """1 at the row's first masked position, less to its right."""
        if self.fall == "decay":
            return torch.exp(-self.rate * offsets(view.masked).to(view.confidence.dtype))
        least = (self.beta + self.alpha * view.progress).clamp(max=1)
        return trajectory(view.masked, view.valid, least, self.fall)
