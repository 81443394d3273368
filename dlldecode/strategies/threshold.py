"""Fast-dLLM's threshold: everything confident enough at once, else the best position.

Wu et al. 2025, "Fast-dLLM", https://arxiv.org/abs/2505.22618
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import best
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Threshold(Strategy[tuple[()]]):
    """All positions at or above one confidence, and always the best."""

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence from which a position is written")] = 0.9

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """Every confident position, and the best one in any case."""
        confident = view.masked & (view.confidence >= self.threshold)
        return write(view, confident | best(view.confidence, view.masked)), state
