"""KLASS' rule for LLaDA, with the history of one window: zeros and no divergence before its first step."""

import math

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
