"""Attention both ways over keys and values where they lie; the columns are parted so that few rows fill the device."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from . import early
from .scratch import counters
from .turn import Kept

COLUMNS = 64  # columns of a tile
PROGRAMS = 64  # fewer than these leave a large device idle, more spend their time on putting parts together


@triton.jit
def _attend(
    query, keys, values, visible, rows, out, parts, sums, locks,
    count, length, scale, query_row, query_column,
    key_row, key_head, key_column, value_row, value_head, value_column,
    HEADS: tl.constexpr, GROUP: tl.constexpr, SIZE: tl.constexpr, BLOCK: tl.constexpr, TILE: tl.constexpr,
    SPLITS: tl.constexpr, SPAN: tl.constexpr, HAS_VISIBLE: tl.constexpr, HAS_ROWS: tl.constexpr,
    EARLY: tl.constexpr,
):  # fmt: skip
    if EARLY:
        early.wait()
    block, pair, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    row, head = (pair // HEADS).to(tl.int64), pair % HEADS
    place, channel = block * BLOCK + tl.arange(0, BLOCK), tl.arange(0, SIZE)
    inside = place[:, None] < count
    here = query + row * query_row + place[:, None] * query_column + head * SIZE + channel[None, :]
    q = tl.load(here, mask=inside, other=0.0)
    kept = row
    if HAS_ROWS:
        kept = tl.load(rows + row).to(tl.int64)
    keys += kept * key_row + (head // GROUP) * key_head
    values += kept * value_row + (head // GROUP) * value_head
    best = tl.full([BLOCK], float("-inf"), tl.float32)
    total = tl.zeros([BLOCK], tl.float32)
    mixed = tl.zeros([BLOCK, SIZE], tl.float32)
    first = split * SPAN
    for start in range(first, min(first + SPAN, length), TILE):
        column = start + tl.arange(0, TILE)
        known = column < length
        k = tl.load(keys + column[None, :].to(tl.int64) * key_column + channel[:, None], mask=known[None, :], other=0.0)
        if HAS_VISIBLE:
            known = known & tl.load(visible + row * length + column, mask=known, other=0).to(tl.int1)
        likeness = tl.where(known[None, :], tl.dot(q, k) * scale, float("-inf"))
        peak = tl.maximum(best, tl.max(likeness, 1))
        # Where nothing is visible yet, minus infinity must not meet itself.
        anchor = tl.where(peak == float("-inf"), 0.0, peak)
        weight = tl.exp2(likeness - anchor[:, None])
        fade = tl.exp2(best - anchor)
        total = total * fade + tl.sum(weight, 1)
        v = tl.load(values + column[:, None].to(tl.int64) * value_column + channel[None, :],
                    mask=(column < length)[:, None], other=0.0)  # fmt: skip
        mixed = tl.dot(weight.to(v.dtype), v, mixed * fade[:, None])
        best = peak
    target = out + ((row * count + place[:, None]) * HEADS + head) * SIZE + channel[None, :]
    if SPLITS == 1:
        tl.store(target, (mixed / total[:, None]).to(out.dtype.element_ty), mask=inside)
    else:
        slot = (pair.to(tl.int64) * tl.num_programs(0) + block) * SPLITS
        mine = (slot + split) * BLOCK + tl.arange(0, BLOCK)
        tl.store(parts + mine[:, None] * SIZE + channel[None, :], mixed)
        tl.store(sums + mine * 2, best)
        tl.store(sums + mine * 2 + 1, total)
        tl.debug_barrier()
        # Whoever comes last puts the parts together.
        if tl.atomic_add(locks + slot // SPLITS, 1, sem="acq_rel") == SPLITS - 1:
            best = tl.full([BLOCK], float("-inf"), tl.float32)
            total = tl.zeros([BLOCK], tl.float32)
            mixed = tl.zeros([BLOCK, SIZE], tl.float32)
            for other in range(SPLITS):
                theirs = (slot + other) * BLOCK + tl.arange(0, BLOCK)
                their_best = tl.load(sums + theirs * 2)
                peak = tl.maximum(best, their_best)
                anchor = tl.where(peak == float("-inf"), 0.0, peak)
                fade, share = tl.exp2(best - anchor), tl.exp2(their_best - anchor)
                total = total * fade + tl.load(sums + theirs * 2 + 1) * share
                part = tl.load(parts + theirs[:, None] * SIZE + channel[None, :])
                mixed = mixed * fade[:, None] + part * share[:, None]
                best = peak
            tl.store(target, (mixed / total[:, None]).to(out.dtype.element_ty), mask=inside)
            tl.store(locks + slot // SPLITS, 0)


def attend(query: Tensor, heads: int, size: int, kept: Kept, length: int, visible: Tensor | None) -> Tensor:
    """Mix `length` kept columns for every query: `[B, Q, >= heads * size]` (queries first) to `[B, Q, heads * size]`.

    `visible` `[B, length]` hides columns; a query that sees none gives NaN.
    """
    rows, count = query.shape[:2]
    block = 16 if count <= 16 else 32 if count <= 32 else 64 if count <= 256 else 128
    pairs, blocks = rows * heads, triton.cdiv(count, block)
    wanted = max(1, PROGRAMS // (pairs * blocks))
    span = triton.cdiv(triton.cdiv(length, COLUMNS), wanted) * COLUMNS
    splits = triton.cdiv(length, span)
    out = query.new_empty(rows, count, heads * size)
    parts = sums = locks = out
    if splits > 1:
        parts = query.new_empty(pairs * blocks * splits * block * size, dtype=torch.float32)
        sums = query.new_empty(pairs * blocks * splits * block * 2, dtype=torch.float32)
        locks = counters(query.device, pairs * blocks)
    keys, values, store_rows = kept
    is_early = early.is_possible(query.device)
    _attend[(blocks, pairs, splits)](
        query, keys, values, visible, store_rows, out, parts, sums, locks,
        count, length, size**-0.5 * 1.4426950408889634, query.stride(0), query.stride(1),
        *keys.stride()[:3], *values.stride()[:3],
        heads, heads // keys.shape[1], size, block, COLUMNS, splits, span, visible is not None, store_rows is not None,
        is_early, num_warps=8 if block == 128 else 4, num_stages=3, launch_pdl=is_early,
    )  # fmt: skip
    return out
