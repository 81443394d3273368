"""EB-Sampler: as many positions as a bound on their entropies allows, the least uncertain first.

Ben-Hamu et al. 2025, "Accelerated Sampling from Masked Diffusion Models via Entropy Bounded Unmasking",
https://arxiv.org/abs/2505.24857. There is no code by the authors: the rule is the one of PC-Sampler's version of it,
which takes the masks of the whole sequence where this takes those of the block; one block for the canvas is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge
from typing_extensions import Doc

from ..core.select import most_ahead, total_ahead
from ..core.shapes import Mask
from ..core.step import Decision, StepView, Strategy, write


@dataclass(frozen=True)
class Eb(Strategy[tuple[()]]):
    """The longest prefix of the ranks whose entropies, the greatest of them left out, sum up to `gamma` at most.

    What is left out is the price of writing a single position, which is always paid. The sum never falls along the
    ranks, so the positions that meet the bound are a prefix by themselves.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"entropy"})

    gamma: Annotated[float, Ge(0), Doc("bound on the summed entropies, in nats; higher writes more at once")] = 0.1
    order: Annotated[
        Literal["entropy", "confidence"], Doc("rank by lowest entropy, or by highest confidence as some ports do")
    ] = "entropy"

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state."""
        return ()

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """The prefix of the ranks within the bound; the first is within any."""
        entropy = view.extra.entropy
        assert entropy is not None
        score = -entropy if self.order == "entropy" else view.confidence
        spared = (most_ahead(entropy, score, view.masked) - entropy).clamp(min=0)
        within = total_ahead(entropy, score, view.masked) - spared <= self.gamma
        return write(view, view.masked & within, score), state
