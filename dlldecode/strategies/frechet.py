"""Fast-dLLM++'s Fréchet profile: as many of the best positions as all of their confidences bear together.

Kasa et al. 2026, "Fast-dLLM++", https://arxiv.org/abs/2606.02955. Comparison and bounds are those of the paper and of
its code; ties go to the leftmost position here, and confidences are float32 instead of float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import best, total_ahead
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Frechet(Strategy[tuple[()]]):
    """The largest n whose n best confidences are jointly right more surely than their weakest is wrong, at least 1.

    With d = 1 - c, all n are right with probability 1 - (d_1 + ... + d_n) at least, whatever their dependence, and
    another choice has d_n at most. The difference must exceed `margin`; it never grows along the ranks. With equal
    confidences this is the factor rule with factor 1 - margin; otherwise it writes as much or more.
    """

    margin: Annotated[float, Ge(0), Le(1), Doc("by how much the lower bound exceeds the upper; lower writes more")] = (
        0.25
    )

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The prefix of the ranks whose bounds keep the margin."""
        doubt = 1 - view.confidence
        gap = 1 - total_ahead(doubt, view.confidence, view.masked) - 2 * doubt
        chosen = view.masked & (gap > self.margin)
        return write(view, chosen | best(view.confidence, view.masked)), state
