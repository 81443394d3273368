"""Activations in 8 bits with one scale a row, for products whose both sides have 8 bits."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..operations import Matrix

LARGEST = 448.0  # of float8_e4m3fn


@triton.jit
def _narrow(x, out, scale, LARGEST: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)
    inside = place < WIDTH
    wide = tl.load(x + row * WIDTH + place, mask=inside, other=0.0).to(tl.float32)
    step = tl.maximum(tl.max(tl.abs(wide)), 1e-12) / LARGEST
    tl.store(out + row * WIDTH + place, (wide / step).to(tl.float8e4nv), mask=inside)
    tl.store(scale + row, step)


def narrow(x: Tensor) -> tuple[Tensor, Tensor]:
    """Contiguous `[N, K]` as 8 bits and float32 scales `[N, 1]`."""
    rows, width = x.shape
    out = torch.empty(rows, width, dtype=torch.float8_e4m3fn, device=x.device)
    scale = torch.empty(rows, 1, dtype=torch.float32, device=x.device)
    block = triton.next_power_of_2(width)
    _narrow[(rows,)](x, out, scale, LARGEST, width, block, num_warps=min(16, max(4, block // 512)))
    return out, scale


def product(x: Tensor, matrix: Matrix) -> Tensor:
    """`x` `[.., K]` in 8 bits times a weight in 8 bits, in the model's dtype."""
    assert matrix.scale is not None
    small, scale = narrow(x.reshape(-1, x.shape[-1]))
    out = torch._scaled_mm(
        small, matrix.weight.t(), scale_a=scale, scale_b=matrix.scale.unsqueeze(0), bias=matrix.bias, out_dtype=x.dtype
    )
    return out.view(*x.shape[:-1], -1)
