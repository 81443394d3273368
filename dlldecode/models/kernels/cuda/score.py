"""Everything that is read off the logits, in one pass over them."""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from .scratch import counters

CHUNK, PROGRAMS = 2048, 264
FIELDS = 7  # numbers that a part of a row leaves for the whole


class Read(NamedTuple):
    """Per row of the logits `[N]`: the best token but the mask, and float32 numbers about the softmax over all.

    `chance` and `written` are the probabilities of the best and of the current token, `margin` the gap between the two
    best logits, `entropy` is in nats. What is not a number is minus infinity; the entropy, plus infinity.
    """

    token: Tensor
    chance: Tensor
    written: Tensor
    margin: Tensor
    entropy: Tensor


@triton.jit
def _score(
    logits, current, token, numbers, parts, locks, rows, vocabulary, mask,
    CHUNK: tl.constexpr, SPLITS: tl.constexpr, SPAN: tl.constexpr, PADDED: tl.constexpr, FIELDS: tl.constexpr,
):  # fmt: skip
    row, split = tl.program_id(0).to(tl.int64), tl.program_id(1)
    lowest: tl.constexpr = -3.4028234663852886e38
    never: tl.constexpr = float("-inf")
    offset = tl.arange(0, CHUNK)
    # A running best of every lane; the lanes meet at the end.
    peak = tl.full([CHUNK], float("-inf"), tl.float32)  # over all tokens, the mask too
    total = tl.zeros([CHUNK], tl.float32)
    spread = tl.zeros([CHUNK], tl.float32)
    best = tl.full([CHUNK], float("-inf"), tl.float32)
    second = tl.full([CHUNK], float("-inf"), tl.float32)
    place = tl.full([CHUNK], 2147483647, tl.int32)
    odd = tl.zeros([CHUNK], tl.int32)
    for start in range(split * SPAN, split * SPAN + SPAN, CHUNK):
        entry = start + offset
        inside = entry < vocabulary
        value = tl.load(logits + row * vocabulary + entry, mask=inside, other=float("-inf")).to(tl.float32)
        is_odd = value != value
        odd = tl.where(is_odd, tl.where(entry == mask, tl.maximum(odd, 1), 2), odd)
        clean = tl.where(is_odd, float("-inf"), value)
        higher = tl.maximum(peak, clean)
        anchor = tl.where(higher == float("-inf"), 0.0, higher)
        fade = tl.exp(peak - anchor)
        power = tl.exp(clean - anchor)
        total = total * fade + power
        spread = spread * fade + tl.where(power > 0, power * clean, 0.0)
        peak = higher
        candidate = tl.where(inside & (entry != mask), tl.maximum(clean, lowest), float("-inf"))
        is_better = candidate > best
        second = tl.where(is_better, best, tl.maximum(second, candidate))
        place = tl.where(is_better, entry, place)
        best = tl.where(is_better, candidate, best)
    whole = tl.max(peak, 0)
    anchor = tl.where(whole == float("-inf"), 0.0, whole)
    fade = tl.where(peak == float("-inf"), 0.0, tl.exp(peak - anchor))
    sum_total, sum_spread = tl.sum(total * fade, 0), tl.sum(tl.where(fade > 0, spread * fade, 0.0), 0)
    top = tl.max(best, 0)
    at = tl.min(tl.where(best == top, place, 2147483647), 0)
    runner = tl.max(tl.where((best == top) & (place == at), second, best), 0)
    slot = parts + (row * SPLITS + split) * FIELDS
    tl.store(slot, whole)
    tl.store(slot + 1, sum_total)
    tl.store(slot + 2, sum_spread)
    tl.store(slot + 3, top)
    tl.store(slot + 4, runner)
    tl.store(slot + 5, at.to(tl.float32, bitcast=True))
    tl.store(slot + 6, tl.max(odd, 0).to(tl.float32))
    tl.debug_barrier()
    if tl.atomic_add(locks + row, 1, sem="acq_rel") == SPLITS - 1:
        other = tl.arange(0, PADDED)
        real = other < SPLITS
        slots = parts + (row * SPLITS + other) * FIELDS
        peaks = tl.load(slots, mask=real, other=float("-inf"))
        whole = tl.max(peaks, 0)
        anchor = tl.where(whole == float("-inf"), 0.0, whole)
        fades = tl.where(peaks == float("-inf"), 0.0, tl.exp(peaks - anchor))
        total_all = tl.sum(tl.load(slots + 1, mask=real, other=0.0) * fades, 0)
        spreads = tl.load(slots + 2, mask=real, other=0.0)
        spread_all = tl.sum(tl.where(fades > 0, spreads * fades, 0.0), 0)
        bests = tl.load(slots + 3, mask=real, other=float("-inf"))
        seconds = tl.load(slots + 4, mask=real, other=float("-inf"))
        places = tl.load(slots + 5, mask=real, other=0.0).to(tl.int32, bitcast=True)
        top_all = tl.max(bests, 0)
        at_all = tl.min(tl.where(real & (bests == top_all), places, 2147483647), 0)
        runner_all = tl.max(tl.where((bests == top_all) & (places == at_all), seconds, bests), 0)
        # Not a number: 1 at the mask alone, which the margin leaves out, 2 elsewhere.
        oddity = tl.max(tl.load(slots + 6, mask=real, other=0.0), 0)
        has_nan = oddity > 0
        is_endless = (whole == float("inf")) | (whole == float("-inf"))
        partition = tl.where(is_endless, whole, anchor + tl.log(total_all))
        partition = tl.where(has_nan, float("nan"), partition)
        standing = tl.load(logits + row * vocabulary + tl.load(current + row)).to(tl.float32)
        chosen = tl.load(logits + row * vocabulary + at_all).to(tl.float32)
        chance, written = tl.exp(chosen - partition), tl.exp(standing - partition)
        gap = top_all - tl.where(runner_all <= lowest, never, runner_all)
        gap = tl.where((oddity > 1) | (gap != gap) | (top_all <= lowest), never, gap)
        surprise = tl.where(has_nan | is_endless, -never, partition - spread_all / total_all)
        tl.store(token + row, at_all.to(tl.int64))
        tl.store(numbers + row, tl.where(chance != chance, never, chance))
        tl.store(numbers + rows + row, tl.where(written != written, never, written))
        tl.store(numbers + 2 * rows + row, gap)
        tl.store(numbers + 3 * rows + row, surprise)
        tl.store(locks + row, 0)


def score(logits: Tensor, current: Tensor, mask: int) -> Read:
    """Read `[N, V]` logits, contiguous in any floating point type; `current` `[N]` stands at each row now."""
    rows, vocabulary = logits.shape
    splits = max(1, min(triton.cdiv(PROGRAMS, rows), triton.cdiv(vocabulary, CHUNK)))
    span = triton.cdiv(triton.cdiv(vocabulary, splits), CHUNK) * CHUNK
    splits = triton.cdiv(vocabulary, span)
    token = torch.empty(rows, dtype=torch.int64, device=logits.device)
    numbers = torch.empty(4, rows, dtype=torch.float32, device=logits.device)
    parts = torch.empty(rows * splits * FIELDS, dtype=torch.float32, device=logits.device)
    locks = counters(logits.device, rows)
    _score[(rows, splits)](
        logits, current, token, numbers, parts, locks, rows, vocabulary, mask,
        CHUNK, splits, span, triton.next_power_of_2(splits), FIELDS, num_warps=8,
    )  # fmt: skip
    return Read(token, *numbers.unbind(0))
