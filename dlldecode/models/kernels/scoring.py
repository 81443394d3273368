"""The scoring kernel behind plain types; imported without Triton, which only CUDA machines need to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import choose

if TYPE_CHECKING:
    from ...core.shapes import Ids, Logits
    from .cuda.score import Read


def fits(logits: Logits) -> bool:
    """Whether the kernel can read these logits."""
    return logits.is_cuda and logits.is_contiguous() and choose.has_triton()


def score(logits: Logits, current: Ids, mask_id: int) -> Read:
    """Read logits `[B, W, V]`; every field of the answer is `[B, W]`."""
    from .cuda import score as kernel

    found = kernel.score(logits.flatten(0, 1), current.flatten(), mask_id)
    return kernel.Read(*(field.view_as(current) for field in found))
