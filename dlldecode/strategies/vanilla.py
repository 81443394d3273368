"""LLaDA's own rule: write the schedule's number of positions, the most confident or random ones.

Nie et al. 2025, "Large Language Diffusion Models", https://arxiv.org/abs/2502.09992
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from typing_extensions import Doc

from ..core.select import top
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Vanilla(Strategy[tuple[()]]):
    """One position a step, or what `steps` asks for; the rest stays masked ("remasking" in LLaDA's words)."""

    uses_quota: ClassVar[bool] = True

    remasking: Annotated[
        Literal["low_confidence", "random"], Doc("write the most confident positions, or random ones")
    ] = "low_confidence"

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The quota's best positions."""
        score = view.noise if self.remasking == "random" else view.confidence
        return write(view, top(score, view.masked, view.quota), score), state
