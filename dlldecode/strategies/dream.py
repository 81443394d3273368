"""Dream's own decoding: a diffusion schedule says how many positions a step writes, one of five rules says which.

Ye et al. 2025, "Dream 7B: Diffusion Large Language Models", https://arxiv.org/abs/2508.15487, and its published
generation code. There the whole canvas is one block; here the schedule starts anew in every block. The fifth rule and
`first` are those of Fast-dLLM's version for Dream, https://arxiv.org/abs/2505.22618, which decodes in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Gt, Le
from torch.nn.functional import pad
from typing_extensions import Doc

from ..core.select import NEVER, bar, best, places, top
from ..core.shapes import Count, Fraction, Logits, Mask, Score
from ..core.step import Decision, StepView, Strategy, write

NEVER_STUCK = 2**31  # steps; the last one of the schedule writes whatever is left
LEAST = 1e-10  # what the released code adds to a probability before its logarithm


@dataclass(frozen=True)
class Dream(Strategy[tuple[()]]):
    """The share 1 - t[i+1]/t[i] of the masks in step i, where t falls evenly from 1 to `eps`; at last everything.

    A share of a few masks is rounded down, so that a step may write nothing. In a batch every row has its own count,
    where the released code takes the mean of the rows.
    """

    max_idle: ClassVar[int] = NEVER_STUCK
    uses_quota: ClassVar[bool] = True
    is_tempered: ClassVar[bool] = True

    alg: Annotated[
        Literal["origin", "maskgit_plus", "topk_margin", "entropy", "confidence_threshold"],
        Doc(
            "write random positions, or those of the highest probability, of the widest gap between the two highest "
            "probabilities, of the lowest entropy; or, without a schedule, all that reach `threshold`"
        ),
    ] = "entropy"
    threshold: Annotated[
        float, Ge(0), Le(1), Doc("probability from which alg = confidence_threshold writes; the best in any case")
    ] = 0.9
    first: Annotated[bool, Doc("a block's first step writes its first position alone, as Fast-dLLM does")] = False
    alg_temp: Annotated[float, Ge(0), Doc("temperature at which positions are drawn; 0 takes the best")] = 0.0
    top_p: Annotated[float, Gt(0), Le(1), Doc("keep the likeliest tokens that together reach this probability")] = 1.0
    top_k: Annotated[int, Ge(0), Doc("keep so many of the likeliest tokens; 0 keeps all")] = 0
    eps: Annotated[float, Gt(0), Le(1), Doc("the time at which the schedule ends, after starting at 1")] = 1e-3

    @property
    def opens_first(self) -> bool:
        """Whether a block's first position is written by the forward that opens it."""
        return self.first

    @property
    def needs(self) -> frozenset[str]:
        """What the score is made of, beside the confidence."""
        return frozenset({"topk_margin": {"peak", "runner_up"}, "entropy": {"logits"}}.get(self.alg, ()))

    def init(self, masked: Mask, vocabulary: int) -> tuple[()]:
        """No state: the schedule follows from the step."""
        return ()

    def adjust(self, logits: Logits, state: tuple[()]) -> Logits:
        """Top-p, then top-k; confidences are those of what is left."""
        if self.top_p < 1:
            logits = nucleus(logits, self.top_p)
        return likeliest(logits, self.top_k) if self.top_k > 0 else logits

    def step(self, view: StepView, state: tuple[()]) -> tuple[Decision, tuple[()]]:
        """What the rule chooses; in a block's first step maybe its first position instead."""
        score = self._score(view)
        chosen = self._chosen(view, score)
        if self.first:
            opening = view.masked & (places(view.masked) == 0)
            chosen = torch.where((view.block_step == 0).unsqueeze(1), opening, chosen)
        return write(view, chosen, score), state

    def _chosen(self, view: StepView, score: Score) -> Mask:
        """All confident positions, each by chance, or as many of the best as the schedule says."""
        if self.alg == "confidence_threshold":
            return view.masked & (score >= bar(self.threshold, score)) | best(score, view.masked)
        share = transferred(view, self.eps)
        if self.alg == "origin":
            return view.masked & (view.noise < share.unsqueeze(1))
        count = (view.masked.sum(dim=1).float() * share).to(torch.int64)
        return top(self._drawn(score, view.noise), view.masked, count)

    def _score(self, view: StepView) -> Score:
        """How sure the model is of each position."""
        if self.alg == "topk_margin":
            assert view.extra.peak is not None and view.extra.runner_up is not None
            return view.extra.peak - view.extra.runner_up
        if self.alg == "entropy":
            assert view.extra.logits is not None
            chance = torch.softmax(view.extra.logits, dim=2)
            return (chance * torch.log(chance + LEAST)).sum(dim=2).to(view.confidence.dtype)
        return view.confidence

    def _drawn(self, score: Score, noise: Score) -> Score:
        """The best of these are a draw without replacement from the softmax of score / `alg_temp` (Gumbel's trick)."""
        if self.alg_temp == 0:
            return score
        return score / self.alg_temp - torch.log(-torch.log(noise))


def transferred(view: StepView, eps: float) -> Fraction:
    """The share of the masks that the step writes: 1 - t[i+1] / t[i], and 1 in the last step."""
    share = 1 - instant(view.block_step + 1, view.steps, eps) / instant(view.block_step, view.steps, eps)
    return torch.where(view.block_step >= view.steps - 1, 1.0, share)


def instant(index: Count, steps: Count, eps: float) -> Fraction:
    """`torch.linspace(1, eps, steps + 1)[index]`: float32, counted from the nearer end."""
    end = torch.full(index.shape, eps, dtype=torch.float32, device=index.device)
    pace = (end - 1) / steps
    return torch.where(index < (steps + 1) // 2, 1 + pace * index, end - pace * (steps - index))


def nucleus(logits: Logits, top_p: float) -> Logits:
    """The likeliest tokens up to the one with which their probabilities exceed `top_p`, the first in any case."""
    ordered, token = torch.sort(logits, dim=2, descending=True, stable=True)
    beyond = pad(torch.softmax(ordered, dim=2).cumsum(dim=2) > top_p, (1, 0))[..., :-1]
    return logits.masked_fill(torch.zeros_like(beyond).scatter(2, token, beyond), NEVER)


def likeliest(logits: Logits, top_k: int) -> Logits:
    """The `top_k` likeliest tokens and those that equal the last of them."""
    least = logits.topk(min(top_k, logits.shape[2]), dim=2).values[..., -1:]
    return logits.masked_fill(logits < least, NEVER)
