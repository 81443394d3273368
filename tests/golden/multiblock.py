"""d3LLM's pipelined loop on plain lists, one row at a time: blocks as records, opened one a forward."""

import math
from dataclasses import dataclass

from ..fakes import realise
from .remembering import Paper


@dataclass
class Rule:
    block: int
    opening: float
    bound: float
    most: int | None = None


@dataclass
class Block:
    start: int
    end: int
    masks: int

    @property
    def progress(self) -> float:
        return 1 - self.masks / (self.end - self.start)


def decode(paper: Paper, rule: Rule) -> tuple:
    last = len(paper.tokens)
    blocks = [Block(paper.first, min(paper.first + rule.block, last), min(rule.block, paper.canvas))]
    opened_at = None
    while paper.masks(paper.first, last):
        grow(paper, blocks, rule)
        leading = next(block for block in blocks if block.masks)
        start, end = leading.start, blocks[-1].end
        looks = paper.open() if opened_at != start else paper.go_on(start, end)
        opened_at = start
        narrow = {at: entropy(looks[at]) for at in paper.masks(paper.first, end)}
        chosen = {at for at, number in narrow.items() if number <= rule.bound}
        mine = paper.masks(leading.start, leading.end)
        if not chosen & set(mine):
            chosen.add(min(mine, key=lambda at: (narrow[at], at)))
        paper.write(chosen, looks)
        for block in blocks:
            block.masks = len(paper.masks(block.start, block.end))
    return paper.result


def grow(paper, blocks, rule) -> None:
    newest, last = blocks[-1], len(paper.tokens)
    unfinished = [block.start for block in blocks if block.masks] or [newest.end]
    is_full = rule.most is not None and newest.end - unfinished[0] >= rule.most * rule.block
    if newest.end < last and newest.progress >= rule.opening and not is_full:
        end = min(newest.end + rule.block, last)
        masks = len(paper.masks(newest.end, end))
        if masks:
            blocks.append(Block(newest.end, end, masks))


def entropy(outlook) -> float:
    numbers = [math.exp(number) for number in realise(outlook)]
    return -sum(number * math.log(number + 1e-12) for number in numbers)
