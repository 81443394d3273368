"""Iteration smoothing: a mask's input carries some of what the model took its position for one step before.

dInfer's, at commit fce4e32: the embedding of a position that is still masked is that of the mask token and,
weighted, the mean of all embeddings under the probabilities of the step before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge
from typing_extensions import Doc

from ..core.shapes import Count, Fraction
from .wrapper import Wrapper


@dataclass(frozen=True)
class Smoothing(Wrapper):
    """Softens the masks of the open window."""

    weight: Annotated[
        float, Ge(0), Doc("what the weight of the guess begins with; the first step has no guess yet")
    ] = 0.15
    growth: Annotated[float, Ge(0), Doc("what every step adds to it")] = 0.02
    most: Annotated[float, Ge(0), Doc("where it stops growing")] = 0.3

    def weights(self, step: Count) -> Fraction:
        """How much of the last guess goes into each row's masks."""
        return (self.weight + self.growth * step).clamp(max=self.most)
