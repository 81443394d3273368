"""How many steps a block takes, as blocks get longer: Hierarchy-dLLM hopes for log2 of the length and one more.

https://openreview.net/forum?id=ZsIQUjQtdW. Counted are blocks that the answer fills; those behind it are written at
once by any rule.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from ..source import Decoding, Source, gathered
from ..table import Lines, Table

PRESETS = ("topk", "threshold", "factor", "hierarchy", "dico")
AXES = ("block_length=4,8,16,32,64",)
LINES = Lines("block length", "steps", "preset", doubling=True)
HOPED = "log2(length) + 1"


def answer(source: Source) -> Table:
    """A line for each setting, and the bound for each length."""
    found = gathered(source, counted)
    lengths = sorted({length for _, length in found})
    lines = [_line(preset, length, counts) for (preset, length), counts in found.items()]
    hoped = [(HOPED, length, None, round(math.log2(length) + 1, 2), None, None, None) for length in lengths]
    return Table(
        "Steps of blocks that the answer fills",
        ("preset", "block length", "blocks", "steps", "fewest", "most", "tokens a step"),
        (*lines, *hoped),
    )


def _line(preset: str, length: int, counts: list[int]) -> tuple[object, ...]:
    mean = sum(counts) / len(counts)
    return (preset, length, len(counts), round(mean, 2), min(counts), max(counts), round(length / mean, 2))


def counted(decoding: Decoding) -> Iterator[tuple[tuple[str, int], int]]:
    """Steps of each block that lies in the answer as a whole, under the preset and the blocks' length."""
    counts, length = Counter(step.block.first for step in decoding.steps), decoding.block_length
    for start in range(0, decoding.effective - length + 1, length):
        yield (decoding.setting.preset, length), counts[start]
