"""Rotary positions and the store in one kernel: queries turn in place, keys and values go where they are kept."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from . import early


class Kept(NamedTuple):
    """Keys and values `[R, H, S, E]` as attention reads them, and the store's row of each of the query's rows, or None.

    Any strides will do as long as the channels are adjacent.
    """

    keys: Tensor
    values: Tensor
    rows: Tensor | None


@triton.jit
def _turn(
    qkv, cos, sin, position, position_stride, keys, values, rows, columns,
    key_row, key_head, key_column, length, table,
    HEADS: tl.constexpr, KV_HEADS: tl.constexpr, HALF: tl.constexpr, BLOCK: tl.constexpr, STORED: tl.constexpr,
    HAS_ROWS: tl.constexpr, HAS_COLUMNS: tl.constexpr, EARLY: tl.constexpr,
):  # fmt: skip
    if EARLY:
        early.wait()
    column, row, part = tl.program_id(0), tl.program_id(1).to(tl.int64), tl.program_id(2)
    count = tl.num_programs(0)
    head, half = tl.arange(0, BLOCK)[:, None], tl.arange(0, HALF)[None, :]
    here = qkv + (row * count + column) * (HEADS + 2 * KV_HEADS) * 2 * HALF
    place = tl.load(position + row * position_stride + column)
    angle = tl.minimum(tl.maximum(place, 0), table - 1) * HALF + half
    c, s = tl.load(cos + angle), tl.load(sin + angle)
    slot = column
    if HAS_COLUMNS:
        slot = tl.load(columns + row * count + column).to(tl.int32)
        # The slot after the last column is one that nobody reads.
        slot = tl.where((slot >= 0) & (slot < length), slot, length)
    kept = row
    if HAS_ROWS:
        kept = tl.load(rows + row).to(tl.int64)
    target = kept * key_row + head * key_head + slot.to(tl.int64) * key_column + half
    if part == 0:
        inside = head < HEADS
        at = here + head * 2 * HALF + half
        left, right = tl.load(at, mask=inside).to(tl.float32), tl.load(at + HALF, mask=inside).to(tl.float32)
        tl.store(at, (left * c - right * s).to(qkv.dtype.element_ty), mask=inside)
        tl.store(at + HALF, (right * c + left * s).to(qkv.dtype.element_ty), mask=inside)
    elif part == 1:
        inside = head < KV_HEADS
        at = here + (HEADS + head) * 2 * HALF + half
        left, right = tl.load(at, mask=inside).to(tl.float32), tl.load(at + HALF, mask=inside).to(tl.float32)
        turned_left = (left * c - right * s).to(qkv.dtype.element_ty)
        turned_right = (right * c + left * s).to(qkv.dtype.element_ty)
        if STORED:
            tl.store(keys + target, turned_left, mask=inside)
            tl.store(keys + target + HALF, turned_right, mask=inside)
        else:
            tl.store(at, turned_left, mask=inside)
            tl.store(at + HALF, turned_right, mask=inside)
    elif STORED:
        inside = head < KV_HEADS
        at = here + (HEADS + KV_HEADS + head) * 2 * HALF + half
        tl.store(values + target, tl.load(at, mask=inside), mask=inside)
        tl.store(values + target + HALF, tl.load(at + HALF, mask=inside), mask=inside)


def turn(
    qkv: Tensor, heads: int, kv_heads: int, angles: tuple[Tensor, Tensor, Tensor], kept: Kept | None,
    columns: Tensor | None, length: int,
) -> Kept:  # fmt: skip
    """Turn `qkv` `[B, Q, (heads + 2 kv_heads) E]` in place; keys and values go to `kept`, or stay where they are.

    `angles` are cosines, sines `[P, E/2]` and positions `[B or 1, Q]`. Gives back where keys and values lie.
    """
    rows, count, width = qkv.shape
    size = width // (heads + 2 * kv_heads)
    cos, sin, position = angles
    block = triton.next_power_of_2(max(heads, kv_heads))
    store = qkv if kept is None else kept.keys
    is_early = early.is_possible(qkv.device)
    _turn[(count, rows, 2 if kept is None else 3)](
        qkv, cos, sin, position, position.stride(0) if position.shape[0] > 1 else 0,
        store, qkv if kept is None else kept.values,
        None if kept is None else kept.rows, columns,
        *((0, 0, 0) if kept is None else store.stride()[:3]), length, cos.shape[0],
        heads, kv_heads, size // 2, block, kept is not None,
        kept is not None and kept.rows is not None, columns is not None, is_early,
        num_warps=4, launch_pdl=is_early,
    )  # fmt: skip
    if kept is not None:
        return kept
    _, keys, values = (
        qkv.unflatten(2, (heads + 2 * kv_heads, size)).transpose(1, 2).split((heads, kv_heads, kv_heads), 1)
    )
    return Kept(keys, values, None)
