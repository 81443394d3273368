"""A whole decode, block by block and step by step, in plain Python: what the engine must agree with."""

import math
from collections.abc import Callable
from typing import NamedTuple

Rule = Callable[["Seen"], set[int]]


class Seen(NamedTuple):
    """The open block as a rule sees it: which positions are masked, and what the model says of each."""

    masked: list[bool]
    token: list[int]
    confidence: list[float]
    entropy: list[float]
    logits: list[list[float]]


class Decoded(NamedTuple):
    tokens: list[int]
    forwards: int
    steps: list[set[int]]


def read(logits: list[list[float]], masked: list[bool], mask: int) -> Seen:
    token, confidence, entropy = [], [], []
    for values in logits:
        top = max(values)
        whole = sum(math.exp(value - top) for value in values)
        chances = [math.exp(value - top) / whole for value in values]
        best = max((entry for entry in range(len(values)) if entry != mask), key=lambda entry: (values[entry], -entry))
        token.append(best)
        confidence.append(chances[best])
        entropy.append(-sum(p * math.log(p) for p in chances if p > 0))
    return Seen(masked, token, confidence, entropy, logits)


def decode(look: Callable, start: Callable[[int], Rule], canvas: int, block: int, mask: int) -> Decoded:
    """`look(board, first, last, opens)` gives the block's logits; `start(width)` a rule without memory of the past."""
    board, steps = [mask] * canvas, []
    for first in range(0, canvas, block):
        last = min(first + block, canvas)
        rule, opens = start(last - first), True
        while mask in board[first:last]:
            seen = read(look(board, first, last, opens), [token == mask for token in board[first:last]], mask)
            written = rule(seen)
            for at in written:
                board[first + at] = seen.token[at]
            steps.append({first + at for at in written})
            opens = False
    return Decoded(board, len(steps), steps)
