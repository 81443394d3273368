"""SwiGLU's product of both halves as one Triton kernel."""

from __future__ import annotations

import triton
import triton.language as tl
from torch import Tensor

from . import early


@triton.jit
def _gate(both, out, WIDTH: tl.constexpr, BLOCK: tl.constexpr, EARLY: tl.constexpr):
    if EARLY:
        early.wait()
    row = tl.program_id(0).to(tl.int64)
    place = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = place < WIDTH
    gate = tl.load(both + row * 2 * WIDTH + place, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(both + row * 2 * WIDTH + WIDTH + place, mask=inside, other=0.0)
    # Rounded between, as plain torch does.
    passed = (gate * tl.sigmoid(gate)).to(out.dtype.element_ty)
    tl.store(out + row * WIDTH + place, passed * up, mask=inside)


def gate(both: Tensor) -> Tensor:
    """`[.., 2M]` to `[.., M]`: SiLU of the first half times the second."""
    *rows, double = both.shape
    width, block = double // 2, 2048
    out = both.new_empty(*rows, width)
    is_early = early.is_possible(both.device)
    grid = (both.numel() // double, triton.cdiv(width, block))
    _gate[grid](both, out, width, block, is_early, num_warps=8, launch_pdl=is_early)
    return out
