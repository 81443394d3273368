"""DC-Leap: the longest confident run at the left edge is written; sure tokens far to the right serve as drafts.

Jiao et al. 2026, "DC-Leap: Training-Free Acceleration of dLLMs via Draft-Guided Contiguous Leaping Decoding",
https://arxiv.org/abs/2607.20467. The paper is known from a digest; the rule is that of the released code (commit
e105d45), read in somebody else's port of it. Three differences: the release's window slides over the whole canvas, ours
stays inside the open block, so that only a block as long as the canvas repeats it; the likeliest token there may be the
mask token; and it holds drafts in a bank beside the text. Here a draft is written, rewritten in place when a surer
forward says otherwise, and taken back as soon as the window reaches it, so the model reads the same tokens; only drafts
behind a drafted end of text, which nothing may touch with `stop = "first"`, go one forward later than that end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import first, next_true, places
from ..core.shapes import Count, Mask
from ..core.step import Decision, Kind, StepView, Strategy, plain_notes


class Opened(NamedTuple):
    """How many masks a window opened with."""

    length: Count


@dataclass(frozen=True)
class Dcleap(Strategy[Opened]):
    """The positions from the first mask on whose confidences are all above `threshold`, at least that first one.

    The `window` after them is all masks in the next forward. In the `window` beyond it tokens above `draft` are written
    for context only: nothing counts as decided before the run from the left has passed it.
    """

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence above which the run from the left goes on")] = 0.7
    draft: Annotated[float, Ge(0), Le(1), Doc("confidence above which a far token serves as context")] = 0.98
    window: Annotated[
        Annotated[int, Ge(1)] | None,
        Doc("positions that one step may write; half of what a block opens with by default"),
    ] = None

    def init(self, masked: Mask, vocabulary: int) -> Opened:
        """The block's length; what is left of the first mask is decided, what is written right of it is a draft."""
        return Opened(masked.sum(dim=1))

    def step(self, view: StepView, state: Opened) -> tuple[Decision, Opened]:
        """Leap, draft beyond the new window, and clear the window of drafts."""
        width = self._width(state).unsqueeze(1)
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

    def _width(self, state: Opened) -> Count:
        """Positions of the window."""
        half = state.length // 2
        return half.clamp(min=1) if self.window is None else torch.full_like(half, self.window)
