"""SlowFast's loop on plain lists, one row at a time: phase after phase, as the paper or as the release has it."""

from dataclasses import dataclass

from .remembering import Paper, surest


@dataclass
class Rule:
    block: int
    explore: int
    k: int
    tau_min: float
    tau_high: float
    released: bool


def decode(paper: Paper, rule: Rule) -> tuple:
    for number in range(-(-paper.canvas // rule.block)):
        start = paper.first + number * rule.block
        Cycles(paper, rule, start, min(start + rule.block, len(paper.tokens))).run()
    return paper.result


@dataclass
class Cycles:
    """One block."""

    paper: Paper
    rule: Rule
    start: int
    end: int
    is_open: bool = False

    def run(self) -> None:
        begin = self.start
        while self.paper.masks(self.start, self.end):
            limit = self.slow(begin)
            while self.paper.masks(begin, limit):
                self.fast(begin, limit)
            begin = limit

    def looks(self) -> list:
        looks = self.paper.go_on(self.start, self.end) if self.is_open else self.paper.open()
        self.is_open = True
        return looks

    def passes(self, confidence: float, bar: float) -> bool:
        return confidence >= bar if self.rule.released else confidence > bar

    def slow(self, begin: int) -> int:
        history, settled = [], None
        for _ in range(self.rule.explore):
            ahead = self.paper.masks(begin, self.end)
            if not ahead or (settled is not None and not self.rule.released):
                break
            looks = self.looks()
            likely = [at for at in ahead if self.passes(looks[at].confidence, self.rule.tau_min)]
            if settled is None:
                history.append((max(likely) if likely else begin) + 1)
                settled = self.agreed(history)
            self.paper.write(self.slow_picks(ahead, looks), looks)
        return settled or sum(history[-2:]) // len(history[-2:])

    def agreed(self, history: list[int]) -> int | None:
        if len(history) < 2:
            return None
        mean = sum(history[-2:]) / 2
        variance = sum((record - mean) ** 2 for record in history[-2:]) / 2
        return history[-1] if variance < 1 else None

    def slow_picks(self, ahead: list[int], looks: list) -> list[int]:
        sure = [at for at in ahead if self.passes(looks[at].confidence, self.rule.tau_high)]
        if self.rule.released and len(sure) > 1:
            return sure
        return sorted(ahead, key=lambda at: (-looks[at].confidence, at))[: self.rule.k]

    def fast(self, begin: int, limit: int) -> None:
        looks, inside = self.looks(), self.paper.masks(begin, limit)
        sure = [at for at in inside if self.passes(looks[at].confidence, self.rule.tau_high)]
        self.paper.write(sure or [surest(inside, looks)], looks)
