"""The masked-diffusion loss of LLaDA (https://arxiv.org/abs/2502.09992), and a variant for decoding in blocks."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from dlldecode.tiny.batches import Batch

LEAST = 1e-3  # the least masking rate
BLOCK = 32


class Noised(NamedTuple):
    """What the model sees `[B, L]`, what it should say, and each column's weight in the loss."""

    tokens: Tensor
    target: Tensor
    weight: Tensor


def rates(rows: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Draw a masking rate for every row `[B, 1]`, uniform, one in each of B equal strata (lower variance)."""
    shift = torch.rand(1, generator=generator, device=device)
    order = torch.randperm(rows, generator=generator, device=device)
    spread = (shift + order / rows) % 1
    return (LEAST + (1 - LEAST) * spread).unsqueeze(1)


def noise(batch: Batch, mask_id: int, generator: torch.Generator, block_share: float = 0.0) -> Noised:
    """Mask canvas tokens at a random rate per row; the prompt is never masked.

    Masked columns weigh 1 / (rate * canvas length). In `block_share` of the rows only a block is masked at that rate:
    the answer before it stands clean, and all that follows is masked without weight, as in decoding by blocks.
    """
    target = batch.tokens.long()
    rows, length = target.shape
    device = target.device
    rate = rates(rows, generator, device)
    place = torch.arange(length, device=device).unsqueeze(0)
    prompt, answer = batch.prompt.long().unsqueeze(1), batch.answer.long().unsqueeze(1)
    hit = torch.rand(rows, length, generator=generator, device=device) < rate
    masked = hit & (place >= prompt)
    weight = masked / (rate * (length - prompt))
    if block_share > 0:
        chance = torch.rand(2, rows, 1, generator=generator, device=device)
        start = prompt + (chance[0] * answer).long()
        stop = (start + BLOCK).clamp(max=length)
        inside = hit & (place >= start) & (place < stop)
        by_block = chance[1] < block_share
        masked = torch.where(by_block, inside | (place >= stop), masked)
        weight = torch.where(by_block, inside / (rate * (stop - start)), weight)
    return Noised(target.masked_fill(masked, mask_id), target, weight)


def row_losses(hidden: Tensor, head: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted cross-entropy of every row `[B]`, from hidden states `[B, L, D]` and the head's matrix `[V, D]`."""
    logits = functional.linear(hidden, head).float()
    each = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return (each.view_as(weight) * weight).sum(1)
