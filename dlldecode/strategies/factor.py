"""Fast-dLLM's factor rule: as many of the best positions as their joint confidence bears.

Wu et al. 2025, "Fast-dLLM", theorem 1 and section 3.3, https://arxiv.org/abs/2505.22618
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from typing_extensions import Doc

from ..core.select import rank
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Factor(Strategy[tuple[()]]):
    """The largest n whose n-th best confidence c meets (n + 1)(1 - c) < factor, at least 1.

    The product never falls along the ranks, so the positions that meet it are a prefix by themselves.
    """

    factor: Annotated[float, Gt(0), Doc("bound on (n + 1)(1 - c); higher writes more at once")] = 1.0
    last_rank: Annotated[bool, Doc("as released: equality passes, and a failure at the very last rank passes too")] = (
        False
    )

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The prefix of the ranks that the bound admits."""
        place = rank(view.confidence, view.masked)
        if self.last_rank:
            passes = view.confidence.double() >= 1 - self.factor / (place + 1).double()
        else:
            passes = (place + 1) * (1 - view.confidence) < self.factor
        chosen = view.masked & (passes | (place == 1))
        if self.last_rank:
            total = view.masked.sum(dim=1, keepdim=True)
            almost = chosen.sum(dim=1, keepdim=True) == total - 1
            chosen = chosen | (view.masked & almost)
        return write(view, chosen), state
