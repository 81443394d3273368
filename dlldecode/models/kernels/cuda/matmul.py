"""Products of few columns with a large weight, which take as long as reading the weight does.

One program reads some rows of the weight once and multiplies them with all columns. The product is computed transposed,
weight first, so that the tensor cores see many rows however few columns there are. A weight of 8 bits meets columns of
8 bits, so that nothing is converted; their coarse and fine parts lie side by side as if they were twice the columns.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..operations import Matrix
from . import early
from .narrow import FINER, Narrow
from .scratch import counters


class Tiling(NamedTuple):
    """Weight rows and channels of a tile, parts that the channels are cut into, warps, and tiles on their way.

    `ahead` is how many channels of its rows a program fetches before it waits for the kernel before.
    """

    rows: int
    channels: int
    splits: int
    warps: int
    stages: int
    ahead: int = 128


@triton.jit
def _together(both, FINER: tl.constexpr):
    """The products of coarse and fine columns, side by side `[R, 2C]`, as one `[R, C]`."""
    coarse, fine = tl.split(tl.permute(tl.reshape(both, (both.shape[0], 2, both.shape[1] // 2)), (0, 2, 1)))
    return coarse + fine * (1 / FINER)


@triton.jit
def _product(
    x, step, weight, scale, bias, residual, out, parts, locks, count, height, width,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, COLUMNS: tl.constexpr, SPLITS: tl.constexpr, SPAN: tl.constexpr,
    NARROW: tl.constexpr, FINER: tl.constexpr, HAS_BIAS: tl.constexpr, HAS_RESIDUAL: tl.constexpr,
    GATED: tl.constexpr, EARLY: tl.constexpr, AHEAD: tl.constexpr,
):  # fmt: skip
    block, split = tl.program_id(0), tl.program_id(1)
    row, channel = tl.arange(0, ROWS), tl.arange(0, CHANNELS)
    place = block * ROWS + row
    first = split * SPAN
    at = weight + place[:, None].to(tl.int64) * width + first + channel[None, :]
    each = tl.arange(0, COLUMNS * (2 if NARROW else 1))
    is_real = each % COLUMNS < count
    of = x + (each // COLUMNS * count + each % COLUMNS)[None, :] * width + first + channel[:, None]
    if EARLY:
        # The weight depends on nothing: its first part comes into the cache while the kernel before still runs.
        line: tl.constexpr = 128 // (weight.dtype.element_ty.primitive_bitwidth // 8)
        lines = weight + place[:, None].to(tl.int64) * width + first + tl.arange(0, AHEAD // line)[None, :] * line
        early.fetch(lines)
        if GATED:
            early.fetch(lines + height.to(tl.int64) * width)
        early.wait()
    total = tl.zeros([ROWS, COLUMNS * (2 if NARROW else 1)], tl.float32)
    second = total
    for _ in range(0, SPAN, CHANNELS):
        tile = tl.load(of, mask=is_real[None, :], other=0.0)
        total = tl.dot(tl.load(at), tile, total)
        if GATED:
            second = tl.dot(tl.load(at + height.to(tl.int64) * width), tile, second)
        at += CHANNELS
        of += CHANNELS
    if NARROW:
        total = _together(total, FINER)
        second = _together(second, FINER) if GATED else total
    column = tl.arange(0, COLUMNS)
    known = column < count
    last = True
    if SPLITS > 1:
        slot = (block * SPLITS + split).to(tl.int64) * ROWS * COLUMNS * (2 if GATED else 1)
        cell = row[:, None] * COLUMNS + column[None, :]
        tl.store(parts + slot + cell, total)
        if GATED:
            tl.store(parts + slot + ROWS * COLUMNS + cell, second)
        tl.debug_barrier()
        last = tl.atomic_add(locks + block, 1, sem="acq_rel") == SPLITS - 1
        if last:
            total = tl.zeros([ROWS, COLUMNS], tl.float32)
            second = tl.zeros([ROWS, COLUMNS], tl.float32)
            for other in range(SPLITS):
                slot = (block * SPLITS + other).to(tl.int64) * ROWS * COLUMNS * (2 if GATED else 1)
                total += tl.load(parts + slot + cell)
                if GATED:
                    second += tl.load(parts + slot + ROWS * COLUMNS + cell)
            tl.store(locks + block, 0)
    if last:
        if NARROW:
            steps = tl.load(step + column, mask=known, other=0.0)[None, :]
            total *= tl.load(scale + place)[:, None] * steps
            if GATED:
                second *= tl.load(scale + height + place)[:, None] * steps
        if HAS_BIAS:
            total += tl.load(bias + place)[:, None].to(tl.float32)
        kind = out.dtype.element_ty
        value = total.to(kind)
        target = column[None, :].to(tl.int64) * height + place[:, None]
        if GATED:
            gate = value.to(tl.float32)
            value = (gate * tl.sigmoid(gate)).to(kind) * second.to(kind)
        if HAS_RESIDUAL:
            value += tl.load(residual + target, mask=known[None, :], other=0.0)
        tl.store(out + target, value.to(kind), mask=known[None, :])


def product(
    x: Tensor | Narrow, matrix: Matrix, tiling: Tiling, *, residual: Tensor | None = None, gated: bool = False
) -> Tensor:
    """`x` `[.., K]` times the weight `[N, K]`; plus a residual, or with SiLU of the first half times the second.

    A weight of 8 bits wants `x` in 8 bits, too.
    """
    weight = matrix.weight
    height, width = weight.shape[0] // (2 if gated else 1), weight.shape[1]
    is_narrow = isinstance(x, Narrow)
    columns, step = (x.parts, x.step) if isinstance(x, Narrow) else (x, None)
    shape, dtype = (x.shape, x.dtype)
    count = columns.numel() // width // (2 if is_narrow else 1)
    padded = max(16, triton.next_power_of_2(count))
    rows, channels, splits, warps, stages, ahead = tiling
    out = columns.new_empty(*shape[:-1], height, dtype=dtype)
    parts = locks = out
    blocks = height // rows
    is_early = early.is_possible(out.device)
    if splits > 1:
        parts = out.new_empty(blocks * splits * rows * padded * (2 if gated else 1), dtype=torch.float32)
        locks = counters(out.device, blocks)
    _product[(blocks, splits)](
        columns, step, weight, matrix.scale, matrix.bias, residual, out, parts, locks, count, height, width,
        rows, channels, padded, splits, width // splits,
        is_narrow, FINER, matrix.bias is not None, residual is not None, gated, is_early, ahead,
        num_warps=warps, num_stages=stages, launch_pdl=is_early,
    )  # fmt: skip
    return out
