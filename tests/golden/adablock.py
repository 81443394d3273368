"""AdaBlock's loop on plain lists, one row at a time."""

from dataclasses import dataclass

from .remembering import Paper, surest


@dataclass
class Rule:
    block: int
    delimiters: tuple[int, ...]
    likely: float
    outlook: float
    threshold: float


def decode(paper: Paper, rule: Rule) -> tuple:
    begun, last = 0, len(paper.tokens)
    while begun < paper.canvas and paper.masks(paper.first, last):
        start = paper.first + begun
        looks = paper.open()
        length = block_length(looks, start, paper.canvas - begun, rule, paper.canvas)
        end, begun = start + length, begun + length
        commit(paper, looks, start, end, rule.threshold)
        while paper.masks(start, end):
            commit(paper, paper.go_on(start, end), start, end, rule.threshold)
    return paper.result


def block_length(looks, start, remaining, rule, canvas) -> int:
    best = None
    for at in range(start, start + min(int(rule.outlook * canvas), remaining)):
        if looks[at].token in rule.delimiters and (best is None or looks[at].confidence > looks[best].confidence):
            best = at
    if best is not None and looks[best].confidence >= rule.likely:
        return best - start + 1
    return min(rule.block, remaining)


def commit(paper, looks, start, end, threshold) -> None:
    open_ = paper.masks(start, end)
    chosen = {at for at in open_ if looks[at].confidence >= threshold} | {surest(open_, looks)}
    paper.write(chosen, looks)
