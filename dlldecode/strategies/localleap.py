"""LocalLeap: confident positions are anchors, and near an anchor a lower confidence is enough.

"Accelerating Diffusion LLM Inference via Local Determinism Propagation", 2025, https://arxiv.org/abs/2510.07081. The
authors' repository was not available: the rule is known from the copy that DAWN compares with. In it only masked
positions are anchors, in the step in which they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import best, near
from ..core.shapes import Mask
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes, write


@dataclass(frozen=True)
class Localleap(Strategy[tuple[()]]):
    """All positions at or above `threshold`, those at or above `relaxed` near one of them, and always the best."""

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence from which a position is an anchor and written")] = 0.9
    relaxed: Annotated[float, Ge(0), Le(1), Doc("confidence from which a position near an anchor is written")] = 0.75
    radius: Annotated[int, Ge(0), Doc("how many positions away from an anchor are still near; 0 is off")] = 4

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state: anchors count for one step."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The anchors, what leans on them, and the best one in any case."""
        anchors = view.masked & (view.confidence >= self.threshold)
        leaning = view.masked & near(anchors, self.radius) & (view.confidence >= self.relaxed)
        kind = torch.where(anchors, int(Kind.SURE), int(Kind.PLAIN))
        chosen = anchors | leaning | best(view.confidence, view.masked)
        return write(view, chosen, notes=plain_notes(view)._replace(kind=kind)), state
