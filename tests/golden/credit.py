"""CreditDecoding as dInfer has it, for one row over lists: a number for every position and token of the vocabulary."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """The credit of one block."""

    weight: float
    decay: float
    boost: float
    credit: list[list[float]] = field(default_factory=list)

    def fuse(self, logits: list[list[float]]) -> list[list[float]]:
        """Logits with the credit on top, this step's included."""
        self.credit = self.credit or [[0.0] * len(row) for row in logits]
        fused = []
        for row, credit in zip(logits, self.credit, strict=True):
            chances = softmax(row)
            favourite = chances.index(max(chances))
            credit[:] = [self.decay * value for value in credit]
            credit[favourite] += chances[favourite] ** self.boost
            fused.append([value + self.weight * math.log(extra + 1) for value, extra in zip(row, credit, strict=True)])
        return fused


def softmax(row: list[float]) -> list[float]:
    top = max(row)
    whole = sum(math.exp(value - top) for value in row)
    return [math.exp(value - top) / whole for value in row]


def select(masked: list[bool], confidence: list[float], threshold: float, slack: float) -> set[int]:
    """Everything at the threshold; else, as released, all within `slack` of the best; without slack the leftmost."""
    places = [at for at, open_ in enumerate(masked) if open_]
    if not places:
        return set()
    best = max(places, key=lambda at: (confidence[at], -at))
    bar = min(threshold, confidence[best] - slack) if slack else threshold
    return {at for at in places if confidence[at] >= bar} | {best}


def decode(look: Callable, canvas: int, block: int, mask: int, options: dict) -> list[list]:
    """The canvas after every forward, None for masks; `look(board)` gives the logits of every place."""
    board: list = [None] * canvas
    told = []
    for first in range(0, canvas, block):
        end = min(first + block, canvas)
        ledger = Ledger(options["weight"], options["decay"], options["boost"])
        while None in board[first:end]:
            fused = ledger.fuse(look(board)[first:end])
            token = [max((at for at in range(len(row)) if at != mask), key=lambda at: (row[at], -at)) for row in fused]
            confidence = [softmax(row)[at] for row, at in zip(fused, token, strict=True)]
            masked = [token_ is None for token_ in board[first:end]]
            for at in select(masked, confidence, options["threshold"], options["slack"]):
                board[first + at] = token[at]
            told.append(list(board))
    return told
