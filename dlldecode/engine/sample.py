"""From logits to proposals: the likeliest or a drawn token at every position, and its probability.

Random numbers are a hash of (row key, step, place), not a stream: a row draws the same ones whatever else is in the
batch, however late the loop is polled, on any device.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..core.shapes import Count, Ids, Logits, Score

TOKEN_STREAM, PLACE_STREAM, SIGHT_STREAM = 1, 2, 3  # independent series of random numbers
_ODD = (-7046029254386353131, -4658895280553007687, -7723592293110705685)  # splitmix64's constants, as signed


class Proposal(NamedTuple):
    """The sampler's token at every position and its probability."""

    token: Ids
    confidence: Score


def uniform(key: Count, counter: Int[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
    """Uniform numbers in (0, 1), float64, one for every (row key, counter)."""
    shape = (key.shape[0],) + (1,) * (counter.dim() - 1)
    bits = _mix(_mix(key.reshape(shape)) + counter * _ODD[0])
    return ((_shift(bits, 11)).to(torch.float64) + 0.5) * 2.0**-53


def _mix(value: Tensor) -> Tensor:
    value = value + _ODD[0]
    value = (value ^ _shift(value, 30)) * _ODD[1]
    value = (value ^ _shift(value, 27)) * _ODD[2]
    return value ^ _shift(value, 31)


def _shift(value: Tensor, bits: int) -> Tensor:
    """Right shift of the 64 bits as an unsigned number."""
    return (value >> bits) & ((1 << (64 - bits)) - 1)


def log_partition(logits: Logits) -> Score:
    """Logarithm of the softmax's denominator, float32."""
    return torch.logsumexp(logits.float(), dim=2)


def in_precision(logits: Logits, precision: str) -> Logits:
    """Logits as float32, float64, or as the model gave them."""
    if precision == "model":
        return logits
    return logits.double() if precision == "float64" else logits.float()


def at_least_float32(score: Tensor) -> Tensor:
    """Numbers of less precision as float32, which holds them exactly."""
    return score.to(torch.promote_types(score.dtype, torch.float32))


def probability(logits: Logits, token: Ids, whole: Score | None = None) -> Score:
    """Probability of `token` at every position, float32; minus infinity where it is not a number."""
    whole = log_partition(logits) if whole is None else whole
    chance = torch.exp(logits.gather(2, token.unsqueeze(2)).squeeze(2).float() - whole)
    return torch.where(torch.isnan(chance), float("-inf"), chance)


class Chances(NamedTuple):
    """The softmax over the tokens of every position, looked up one token at a time.

    In float32 only the logarithm of its denominator is kept, in any other precision the `table` itself.
    """

    logits: Logits
    whole: Score | None = None
    table: Logits | None = None

    def of(self, token: Ids) -> Score:
        """Probability of `token` at every position, in the softmax's precision; minus infinity where it is none."""
        if self.table is None:
            return probability(self.logits, token, self.whole)
        chance = self.table.gather(2, token.unsqueeze(2)).squeeze(2)
        return torch.where(torch.isnan(chance), float("-inf"), chance)


def chances_of(logits: Logits, precision: str = "float32") -> Chances:
    """The softmax of logits in a precision."""
    if precision == "float32":
        return Chances(logits, whole=log_partition(logits))
    return Chances(logits, table=torch.softmax(in_precision(logits, precision), dim=2))


def propose(
    logits: Logits,
    mask_id: int,
    noise: Float[Tensor, "B W V"] | None,
    temperature: float,
    chances: Chances | None = None,
) -> Proposal:
    """Tokens and their probability: among `chances` or, without them, in the float32 softmax of the logits.

    The mask id leaves the argmax, not the softmax; ties go to the lowest id; NaN ranks as minus infinity. With noise,
    LLaDA's Gumbel form exp(logit) / (-ln u)^temperature is maximised, here as its logarithm.
    """
    wide = at_least_float32(logits)
    choice = torch.where(torch.isnan(wide), float("-inf"), wide)
    banned = torch.arange(wide.shape[2], device=wide.device) == mask_id
    if noise is not None:
        choice = choice.double() - temperature * torch.log(-torch.log(noise))
    # Even where nothing else is possible, the mask ranks below every other token.
    choice = choice.clamp(min=torch.finfo(choice.dtype).min).masked_fill(banned, float("-inf"))
    token = choice.argmax(dim=2)
    return Proposal(token, (chances or chances_of(logits)).of(token))


def margin(logits: Logits, mask_id: int) -> Score:
    """Gap between the two best raw logits, the mask id aside; minus infinity where it is not a number."""
    two = two_best(logits, mask_id).values
    gap = two[..., 0] - two[..., 1]
    return torch.where(torch.isnan(gap), float("-inf"), gap)


def two_best(logits: Logits, mask_id: int) -> torch.return_types.topk:
    """The two best raw logits and their tokens, `[B, W, 2]`, the mask id aside."""
    banned = torch.arange(logits.shape[2], device=logits.device) == mask_id
    return logits.float().masked_fill(banned, float("-inf")).topk(2, dim=2)


def entropy(logits: Logits, precision: str = "float32") -> Score:
    """Entropy of the softmax in nats; infinity where it is not a number."""
    log = torch.log_softmax(in_precision(logits, precision), dim=2)
    total = at_least_float32(-(log.exp() * log.clamp(min=torch.finfo(log.dtype).min)).sum(dim=2))
    return torch.where(torch.isnan(total), float("inf"), total)
