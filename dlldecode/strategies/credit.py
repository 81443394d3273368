"""CreditDecoding: tokens that stay a position's favourite collect credit, which lifts their logits over the threshold.

Wang et al. 2025, "CreditDecoding: Accelerating Parallel Decoding in Diffusion Large Language Models with Trace
Credits", https://arxiv.org/abs/2510.06133. The rule is that of dInfer's decoder class, by the paper's group; the paper
itself is known from its abstract. Where no position reaches the threshold the leftmost best one is written; `slack`
restores dInfer's rule.

dInfer keeps a number for every token of the vocabulary. A step gives credit to one token a position, and a block ends
within as many steps as it has positions, so that many slots hold the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

from ..core.select import best, ranked
from ..core.shapes import Logits, Mask, SlotIds, SlotScore
from ..core.step import Decision, StepView, Strategy, write

UNUSED = -1


class Credits(NamedTuple):
    """What each position's tokens have collected since the block opened; the used slots are the first ones."""

    token: SlotIds
    value: SlotScore


@dataclass(frozen=True)
class Credit(Strategy[Credits]):
    """All positions at or above one confidence, and always the best, read off logits that the credit has lifted.

    A step multiplies all credit by `decay` and adds (probability)^`boost` to each position's likeliest token, the mask
    token not excepted; a token with credit C then gains `weight` * ln(1 + C) on its logit.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"raw"})

    threshold: Annotated[float, Ge(0), Le(1), Doc("confidence, with credit, from which a position is written")] = 0.9
    weight: Annotated[float, Ge(0), Doc("how much of ln(1 + credit) goes on the logit (alpha)")] = 0.7
    decay: Annotated[float, Ge(0), Le(1), Doc("share of the credit that a step leaves (beta)")] = 0.8
    boost: Annotated[float, Ge(0), Le(1), Doc("power of the probability that is credited (gamma)")] = 0.2
    slack: Annotated[float, Ge(0), Le(1), Doc("positions this close to the best one go with it; dInfer has 1e-5")] = 0.0

    def init(self, masked: Mask, vocabulary: int) -> Credits:
        """A block begins without credit."""
        slots = masked.unsqueeze(2).expand(-1, -1, masked.shape[1])
        return Credits(torch.full_like(slots, UNUSED, dtype=torch.int64), torch.zeros_like(slots, dtype=torch.float32))

    def adjust(self, logits: Logits, state: Credits) -> Logits:
        """Logits in float32 with the credit on top, this step's included."""
        credited = self.credited(logits, state)
        lift = self.weight * torch.log1p(credited.value.double())
        return logits.float().scatter_add(2, credited.token.clamp(min=0), lift.float())

    def step(self, view: StepView, state: Credits) -> tuple[Decision, Credits]:
        """Every confident position, and the best one in any case."""
        assert view.extra.raw is not None
        chosen = view.masked & (view.confidence >= self.threshold) | best(view.confidence, view.masked)
        if self.slack > 0:
            bar = ranked(view.confidence, view.masked).amax(dim=1, keepdim=True) - self.slack
            chosen = chosen | (view.masked & (view.confidence >= bar.clamp(min=0)))
        return write(view, chosen), self.credited(view.extra.raw, state)

    def credited(self, logits: Logits, state: Credits) -> Credits:
        """The credit after one more step; logits that are not numbers earn none."""
        chances = torch.softmax(logits.float(), dim=2)
        token = chances.argmax(dim=2, keepdim=True)
        # In double, since the last bit of a float32 power depends on how many rows the processor takes at once.
        gain = torch.nan_to_num(chances.gather(2, token).double().pow(self.boost)).float()
        known = state.token == token
        free = torch.arange(state.token.shape[2], device=token.device) == (state.token != UNUSED).sum(2, keepdim=True)
        slot = torch.where(known.any(dim=2, keepdim=True), known, free)
        value = self.decay * state.value + torch.where(slot, gain, 0)
        return Credits(torch.where(slot, token, state.token), value)
