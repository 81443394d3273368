"""Root-mean-square norm as one Triton kernel."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from . import early


@triton.jit
def _norm(x, weight, out, eps, WIDTH: tl.constexpr, BLOCK: tl.constexpr, EARLY: tl.constexpr):
    if EARLY:
        early.wait()
    row = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)
    inside = place < WIDTH
    wide = tl.load(x + row * WIDTH + place, mask=inside, other=0.0).to(tl.float32)
    wide *= tl.rsqrt(tl.sum(wide * wide) / WIDTH + eps)
    scale = tl.load(weight + place, mask=inside, other=0.0)
    # The scale is applied in the model's dtype, as plain torch does.
    value = wide.to(out.dtype.element_ty) * scale
    tl.store(out + row * WIDTH + place, value.to(out.dtype.element_ty), mask=inside)


def norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Normalise the last axis of a contiguous tensor."""
    out, width = torch.empty_like(x), x.shape[-1]
    block = triton.next_power_of_2(width)
    is_early = early.is_possible(x.device)
    warps = min(16, max(4, block // 512))
    _norm[(x.numel() // width,)](
        x, weight, out, eps, width, block, is_early, num_warps=warps, launch_pdl=is_early
    )  # fmt: skip
    return out
