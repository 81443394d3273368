"""Columns in 8 bits, for products whose both sides have 8 bits; with a second, finer part where nothing may be lost."""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..operations import Norm
from . import early

LARGEST = 448.0  # of float8_e4m3fn
FINER = 16.0  # by how much finer the second part is: three bits after the point, one before, and room to round


class Narrow(NamedTuple):
    """Columns `[N, K]` as multiples of one float32 step each `[N]`: `parts` `[2 or 1, N, K]`, coarse and then fine.

    Together both parts lose about as much as bfloat16 does. `shape` and `dtype` are those of what was narrowed.
    """

    parts: Tensor
    step: Tensor
    shape: torch.Size
    dtype: torch.dtype


@triton.jit
def _narrow(
    x, weight, eps, out, steps, count,
    LARGEST: tl.constexpr, FINER: tl.constexpr, HAS_FINE: tl.constexpr, NORMED: tl.constexpr, WIDTH: tl.constexpr,
    BLOCK: tl.constexpr, EARLY: tl.constexpr,
):  # fmt: skip
    if EARLY:
        early.wait()
    row = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)
    inside = place < WIDTH
    wide = tl.load(x + row * WIDTH + place, mask=inside, other=0.0).to(tl.float32)
    if NORMED:
        wide *= tl.rsqrt(tl.sum(wide * wide) / WIDTH + eps)
        # The scale is applied in the model's dtype, as plain torch does.
        scaled = wide.to(x.dtype.element_ty) * tl.load(weight + place, mask=inside, other=0.0)
        wide = scaled.to(x.dtype.element_ty).to(tl.float32)
    step = tl.maximum(tl.max(tl.abs(wide)), 1e-12) / LARGEST
    wide /= step
    coarse = wide.to(tl.float8e4nv)
    here = out + row * WIDTH + place
    tl.store(here, coarse, mask=inside)
    if HAS_FINE:
        fine = ((wide - coarse.to(tl.float32)) * FINER).to(tl.float8e4nv)
        tl.store(here + count.to(tl.int64) * WIDTH, fine, mask=inside)
    tl.store(steps + row, step)


def narrow(x: Tensor, norm: Norm | None = None, is_fine: bool = True) -> Narrow:
    """Contiguous `[.., K]`, normed first if so asked, in 8 bits."""
    width = x.shape[-1]
    count = x.numel() // width
    parts = torch.empty(2 if is_fine else 1, count, width, dtype=torch.float8_e4m3fn, device=x.device)
    step = torch.empty(count, dtype=torch.float32, device=x.device)
    block = triton.next_power_of_2(width)
    is_early = early.is_possible(x.device)
    _narrow[(count,)](
        x, norm and norm.weight, norm.eps if norm else 0.0, parts, step, count,
        LARGEST, FINER, is_fine, norm is not None, width, block, is_early,
        num_warps=min(16, max(4, block // 512)), launch_pdl=is_early,
    )  # fmt: skip
    return Narrow(parts, step, x.shape, x.dtype)
