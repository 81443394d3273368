"""Suffix windows: of the masks behind the open window the model is shown the near ones, not hundreds of far ones.

Streaming-dLLM (2026) keeps the near ones and the canvas's last position; DPad (Chen et al. 2025,
https://arxiv.org/abs/2508.14148) a sample of the others, the thinner the further away; its own sampler is Gaussian,
the one here falls exponentially.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int
from torch import Tensor
from typing_extensions import Doc

from ..core.shapes import Count
from .wrapper import Wrapper


@dataclass(frozen=True)
class Suffix(Wrapper):
    """Hides places of the canvas from the model; with `decay` 0 and no cache they are not even computed."""

    near: Annotated[int, Ge(0), Doc("positions behind the open window that stay in sight")] = 64
    last: Annotated[bool, Doc("whether the canvas's last position does; it tells how long the text is")] = True
    decay: Annotated[float, Ge(0), Doc("distance over which the chance of others falls to 1/e; 0 shows none")] = 0.0

    def shown(
        self, place: Int[Tensor, "B N"], end: Count, canvas: int, noise: Float[Tensor, "B N"] | None
    ) -> Bool[Tensor, "B N"]:
        """Which places of a canvas of that length are in sight of windows that end before `end`.

        `noise` are uniform numbers in [0, 1), the same for a place as long as the window is open; None with `decay` 0.
        """
        beyond = place - (end.unsqueeze(1) + self.near)
        seen = beyond < 0
        if self.last:
            seen = seen | (place == canvas - 1)
        if noise is not None:
            seen = seen | (noise < torch.exp(-(beyond + 1).clamp(min=0) / self.decay))
        return seen
