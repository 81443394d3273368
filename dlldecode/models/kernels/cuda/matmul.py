"""Products of few columns with a large weight, which take as long as reading the weight does.

One program reads some rows of the weight once and multiplies them with all columns. The product is computed transposed,
weight first, so that the tensor cores see many rows however few columns there are.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..operations import Matrix
from . import early
from .scratch import counters

AHEAD = 128  # channels of its rows that a program fetches before it waits


class Tiling(NamedTuple):
    """Weight rows and channels of a tile, parts that the channels are cut into, warps, and tiles on their way."""

    rows: int
    channels: int
    splits: int
    warps: int
    stages: int


@triton.jit
def _product(
    x, weight, scale, bias, residual, out, parts, locks, count, height, width,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr, COLUMNS: tl.constexpr, SPLITS: tl.constexpr, SPAN: tl.constexpr,
    HAS_SCALE: tl.constexpr, HAS_BIAS: tl.constexpr, HAS_RESIDUAL: tl.constexpr, GATED: tl.constexpr,
    EARLY: tl.constexpr, AHEAD: tl.constexpr,
):  # fmt: skip
    block, split = tl.program_id(0), tl.program_id(1)
    row, column, channel = tl.arange(0, ROWS), tl.arange(0, COLUMNS), tl.arange(0, CHANNELS)
    place = block * ROWS + row
    known = column < count
    first = split * SPAN
    at = weight + place[:, None].to(tl.int64) * width + first + channel[None, :]
    of = x + column[None, :] * width + first + channel[:, None]
    if EARLY:
        # The weight depends on nothing: its first part comes into the cache while the kernel before still runs.
        line: tl.constexpr = 128 // (weight.dtype.element_ty.primitive_bitwidth // 8)
        lines = weight + place[:, None].to(tl.int64) * width + first + tl.arange(0, AHEAD // line)[None, :] * line
        early.fetch(lines)
        if GATED:
            early.fetch(lines + height.to(tl.int64) * width)
        early.wait()
    total = tl.zeros([ROWS, COLUMNS], tl.float32)
    second = tl.zeros([ROWS, COLUMNS], tl.float32)
    for _ in range(0, SPAN, CHANNELS):
        tile = tl.load(of, mask=known[None, :], other=0.0)
        total = tl.dot(tl.load(at).to(tile.dtype), tile, total)
        if GATED:
            second = tl.dot(tl.load(at + height.to(tl.int64) * width).to(tile.dtype), tile, second)
        at += CHANNELS
        of += CHANNELS
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
        if HAS_SCALE:
            total *= tl.load(scale + place)[:, None]
            if GATED:
                second *= tl.load(scale + height + place)[:, None]
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
    x: Tensor, matrix: Matrix, tiling: Tiling, *, residual: Tensor | None = None, gated: bool = False
) -> Tensor:
    """`x` `[.., K]` times the weight `[N, K]`; plus a residual, or with SiLU of the first half times the second."""
    weight = matrix.weight
    height, width = weight.shape[0] // (2 if gated else 1), weight.shape[1]
    count = x.numel() // width
    columns = max(16, triton.next_power_of_2(count))
    rows, channels, splits, warps, stages = tiling
    out = x.new_empty(*x.shape[:-1], height)
    parts = locks = out
    blocks = height // rows
    is_early = early.is_possible(x.device)
    if splits > 1:
        parts = x.new_empty(blocks * splits * rows * columns * (2 if gated else 1), dtype=torch.float32)
        locks = counters(x.device)
    _product[(blocks, splits)](
        x, weight, matrix.scale, matrix.bias, residual, out, parts, locks, count, height, width,
        rows, channels, columns, splits, width // splits,
        matrix.scale is not None, matrix.bias is not None, residual is not None, gated, is_early, AHEAD,
        num_warps=warps, num_stages=stages, launch_pdl=is_early,
    )  # fmt: skip
    return out
