"""d3LLM's acceptance: everything whose distribution is narrow enough, and always something in the earliest block.

d3LLM, https://github.com/hao-ai-lab/d3LLM, whose windows are `window = "multiblock"`; the rule and its bound (0.4 for
Dream) were tuned for a distilled model, and raw weights may want a lower one. Entropy is a float32 one of the raw
logits, where the release takes float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from typing_extensions import Doc

from ..core.select import best
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Multiblock(Strategy[tuple[()]]):
    """All positions at or below one entropy; where the earliest unfinished block has none, its lowest."""

    needs: ClassVar[frozenset[str]] = frozenset({"entropy"})

    entropy: Annotated[float, Ge(0), Doc("entropy in nats up to which a position is written")] = 0.5

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """Every position of low entropy, and one of the earliest block in any case."""
        assert view.extra.entropy is not None
        score = -view.extra.entropy
        narrow = view.masked & (score >= -self.entropy)
        leading = view.masked & view.leading
        leading = torch.where(leading.any(dim=1, keepdim=True), leading, view.masked)
        forced = best(score, leading) & ~(narrow & leading).any(dim=1, keepdim=True)
        return write(view, narrow | forced, score), state
