"""dInfer's released decoders over lists, and its loop over a block with and without a cache.

Where the project differs, so does this: the mask token is never proposed, and loops are not unrolled.
"""

import math

from .credit import Ledger, select
from .released import Look, Written


def scored(rows: list[list[float]], mask: int) -> list[tuple[int, float]]:
    """The likeliest token of every position and its probability."""
    found = []
    for row in rows:
        token = max((at for at in range(len(row)) if at != mask), key=lambda at: (row[at], -at))
        found.append((token, math.exp(row[token] - max(row)) / math.fsum(math.exp(x - max(row)) for x in row)))
    return found


def segments(area: list[bool]) -> list[list[int]]:
    found, open_ = [], False
    for at, inside in enumerate(area):
        if inside and not open_:
            found.append([])
        if inside:
            found[-1].append(at)
        open_ = inside
    return found


def by_class(masked: list[bool], c: list[float], high: float, low: float) -> set[int]:
    """The decoder class: whoever equals a segment's maximum wins it."""
    chosen = {at for at, open_ in enumerate(masked) if open_ and c[at] > high}
    for segment in segments(masked):
        peak = max(c[at] for at in segment)
        chosen |= {at for at in segment if c[at] == peak and c[at] > low}
    if any(masked):
        chosen.add(max((at for at, open_ in enumerate(masked) if open_), key=lambda at: (c[at], -at)))
    return chosen


def by_function(
    masked: list[bool], c: list[float], high: float, low: float, remask: float
) -> tuple[set[int], set[int]]:
    """The remasking function: what is written, maybe over a token, and what goes back."""
    doubted = {at for at, open_ in enumerate(masked) if not open_ and c[at] < remask}
    area = [open_ or at in doubted for at, open_ in enumerate(masked)]
    chosen = set()
    for segment in segments(area):
        leader = max(segment, key=lambda at: (c[at], -at))
        chosen |= {leader} if c[leader] > low else set()
        chosen |= {at for at in segment if c[at] > high}
    gap = len(doubted) + 1 - len(chosen)
    if gap > 0:
        rest = [at for at, inside in enumerate(area) if inside and at not in chosen]
        chosen |= set(sorted(rest, key=lambda at: (-c[at], at))[:gap])
    return chosen, doubted - chosen


class Hierarchy:
    """Either of the two, for one block."""

    def __init__(self, mask: int, high: float, low: float, remask: float = 0.0) -> None:
        self.mask, self.bars, self.remask = mask, (high, low), remask

    def decode(self, rows: list[list[float]], masked: list[bool]) -> tuple[dict[int, int], set[int]]:
        found = scored(rows, self.mask)
        c = [chance for _, chance in found]
        if self.remask > 0:
            chosen, back = by_function(masked, c, *self.bars, self.remask)
        else:
            chosen, back = by_class(masked, c, *self.bars), set()
        return {at: found[at][0] for at in chosen}, back


class Credit:
    """The threshold on logits with credit, for one block."""

    def __init__(self, mask: int, threshold: float, weight: float, decay: float, boost: float, slack: float) -> None:
        self.mask, self.threshold, self.slack, self.ledger = mask, threshold, slack, Ledger(weight, decay, boost)

    def decode(self, rows: list[list[float]], masked: list[bool]) -> tuple[dict[int, int], set[int]]:
        found = scored(self.ledger.fuse(rows), self.mask)
        chosen = select(masked, [chance for _, chance in found], self.threshold, self.slack)
        return {at: found[at][0] for at in chosen}, set()


def runner(start, block: int, has_cache: bool):
    """A block's turn is one forward; the first one with a cache is two, decoded one after the other."""

    def generate(look: Look, mask: int, canvas: int) -> Written:
        board, writes, returned = [mask] * canvas, [], []

        def forward(decoder, first: int, opens: bool) -> None:
            place = range(first, first + block)
            wrote, back = decoder.decode(look(board, first, first + block, opens), [board[at] == mask for at in place])
            writes.append({first + at: token for at, token in wrote.items()})
            returned.append({first + at for at in back})
            for at, token in writes[-1].items():
                board[at] = token
            for at in returned[-1]:
                board[at] = mask

        for first in range(0, canvas, block):
            decoder, is_stored = start(mask), False
            while mask in board[first : first + block]:
                if has_cache and not is_stored:
                    forward(decoder, first, opens=True)
                    is_stored = True
                forward(decoder, first, opens=not has_cache)
        return Written(board, writes, returned)

    return generate
