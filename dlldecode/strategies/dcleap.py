"""DC-Leap: the longest confident run at the left edge is written; sure tokens far to the right serve as drafts.

Jiao et al. 2026, "DC-Leap: Training-Free Acceleration of dLLMs via Draft-Guided Contiguous Leaping Decoding",
https://arxiv.org/abs/2607.20467. The paper is known from a digest; the rule is that of the released code (commit
e105d45), read in somebody else's port of it. Three differences: the release's window slides over the whole canvas, ours
stays inside the open block, so that only a block as long as the canvas repeats it; the likeliest token there may be the
mask token; and it holds drafts in a bank beside the text. Here a draft is written, rewritten in place when a surer
forward says otherwise, and taken back as soon as the window reaches it, so the model reads the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import first, next_true, places
from ..core.shapes import Mask
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes


@dataclass(frozen=True)
class Dcleap(Strategy[tuple[()]]):
    """The positions from the first mask on whose confidences are all above `threshold`, at least that first one.

    The `window` after them is all masks in the next forward. In the `window` beyond it tokens above `draft` are written
    for context only: nothing counts as decided before the run from the left has passed it.
    """

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence above which the run from the left goes on")] = 0.7
    draft: Annotated[float, Ge(0), Le(1), Doc("confidence above which a far token serves as context")] = 0.98
    window: Annotated[
        Annotated[int, Ge(1)] | None, Doc("positions that one step may write; half of the block by default")
    ] = None

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state: everything left of the first mask is decided, everything written right of it is a draft."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """Leap, draft beyond the new window, and clear the window of drafts."""
        width = self.window or max(1, view.masked.shape[1] // 2)
        place, start = places(view.masked), next_true(view.masked)[:, :1]
        near = view.valid & (place >= start) & (place < start + width)
        stops = near & ~(view.confidence > self.threshold)
        leap = (near & (stops.cumsum(dim=1) == 0)) | first(view.masked)
        border = start + leap.sum(dim=1, keepdim=True) + width
        drafts = view.valid & (place >= border) & (place < start + 2 * width) & (view.confidence > self.draft)
        written = view.valid & ~view.masked & (place >= start)
        changed = drafts & (view.masked | (view.proposal != view.current))
        commit = leap | changed
        decision = Decision(
            commit=commit,
            revoke=written & (commit | (place < border)),
            tokens=view.proposal,
            score=view.confidence,
            notes=plain_notes(view)._replace(kind=torch.where(drafts, int(Kind.SURE), int(Kind.PLAIN))),
        )
        return decision, state
