"""KLASS' rule for LLaDA, with the history of one window: zeros and no divergence before its first step.

Below it the released loop, whose history is the whole sequence's. Where the project differs, so does this: the mask is
never proposed, equals go to the leftmost position, and a block goes on until it is full.
"""

import math

from .released import Look, Written

SMALL = 1e-12


def softmax(logits: list[float]) -> list[float]:
    top = max(logits)
    powers = [math.exp(value - top) for value in logits]
    return [power / sum(powers) for power in powers]


class Klass:
    def __init__(self, width: int, threshold: float, divergence: float, history: int) -> None:
        self.threshold, self.divergence, self.history = threshold, divergence, history
        self.before: list[list[float] | None] = [None] * width
        self.divergences: list[list[float]] = [[] for _ in range(width)]

    def chosen(self, masked: list[bool], confidence: list[float], logits: list[list[float]], quota: int) -> set[int]:
        ready = set()
        for at, values in enumerate(logits):
            now, then = softmax(values), self.before[at] or [0.0] * len(values)
            pairs = zip(now, then, strict=True)
            self.divergences[at].append(sum(p * (math.log(p + SMALL) - math.log(q + SMALL)) for p, q in pairs))
            self.before[at] = now
            last = self.divergences[at][-self.history :]
            stable = len(self.divergences[at]) >= self.history and all(value < self.divergence for value in last)
            if masked[at] and stable and confidence[at] > self.threshold:
                ready.add(at)
        order = sorted((at for at, open_ in enumerate(masked) if open_), key=lambda at: (-confidence[at], at))
        return ready or set(order[:quota])


def released(block: int, steps: int, threshold: float, divergence: float, history: int):
    """The released loop: `steps` in every block, one history of all positions, zeros before the first forward."""

    def generate(look: Look, mask: int, canvas: int) -> Written:
        board, writes = [mask] * canvas, []
        before, last = [None] * canvas, [[0.0] * history for _ in range(canvas)]
        for first in range(0, canvas, block):
            step, place = 0, range(first, first + block)
            while mask in board[first : first + block]:
                rows = look(board, 0, canvas, True)
                chances = [softmax(row) for row in rows]
                for at, now in enumerate(chances):
                    then = before[at] or [0.0] * len(now)
                    kl = sum(p * (math.log(p + SMALL) - math.log(q + SMALL)) for p, q in zip(now, then, strict=True))
                    before[at], last[at] = now, [*last[at][1:], kl]
                found = {}
                for at in place:
                    token = max((v for v in range(len(rows[at])) if v != mask), key=lambda v: (rows[at][v], -v))
                    if board[at] == mask:
                        found[at] = (token, chances[at][token])
                ready = [
                    at
                    for at, (_, chance) in found.items()
                    if step >= history - 1 and max(last[at]) < divergence and chance > threshold
                ]
                quota = block // steps + (step < block % steps)
                chosen = ready or sorted(found, key=lambda at: (-found[at][1], at))[:quota]
                writes.append({at: found[at][0] for at in chosen})
                for at, token in writes[-1].items():
                    board[at] = token
                step += 1
        return Written(board, writes, [set() for _ in writes])

    return generate
