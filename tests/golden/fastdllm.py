"""Fast-dLLM's released loops over lists: LLaDA's with threshold and factor, and Dream's.

Where the project differs, so does this: the mask token is never proposed, and equals go to the leftmost position.
"""

import math

import torch

from .dream import sample
from .released import Look, Written


def scored(row: list[float], mask: int) -> tuple[int, float]:
    """The likeliest token and its probability, in float64."""
    token = max((at for at in range(len(row)) if at != mask), key=lambda at: (row[at], -at))
    top = max(row)
    return token, math.exp(row[token] - top) / math.fsum(math.exp(value - top) for value in row)


def by_threshold(score: dict[int, float], threshold: float) -> list[int]:
    """Sorted; the first is kept, and of the others what is not below the threshold."""
    order = sorted(score, key=lambda at: (-score[at], at))
    return [at for place, at in enumerate(order) if place == 0 or not score[at] < threshold]


def by_factor(score: dict[int, float], factor: float) -> list[int]:
    """Up to the first that is below its own bar; a failure at the very last rank is mistaken for none."""
    order = sorted(score, key=lambda at: (-score[at], at))
    bars = [1 - factor / (n + 1) for n in range(1, len(order) + 1)]
    bars[:1] = [-1.0] * len(bars[:1])
    count = 0
    for count, at in enumerate(order):
        if score[at] < bars[count]:
            break
    if order and count in (0, len(order) - 1):
        count += 1
    return order[:count]


def llada(rule, block: int, is_late: bool):
    """The loop of none, prefix and dual alike; if `is_late`, a full block is noticed after its second forward only."""

    def generate(look: Look, mask: int, canvas: int) -> Written:
        board, writes = [mask] * canvas, []
        for first in range(0, canvas, block):
            turn = 0
            while mask in board[first : first + block] or (turn == 1 and is_late):
                rows = look(board, first, first + block, turn == 0)
                found = {first + at: scored(row, mask) for at, row in enumerate(rows) if board[first + at] == mask}
                chosen = rule({at: chance for at, (_, chance) in found.items()})
                writes.append({at: found[at][0] for at in chosen})
                for at, token in writes[-1].items():
                    board[at] = token
                turn += 1
        return Written(board, writes, [set() for _ in writes])

    return generate


def dream(block: int, options: dict, steps: int | None = None):
    """Dream's loop, which always has a cache: threshold without `steps`, else the schedule by negative entropy."""

    def second(found, turn):
        if steps is None:
            return by_threshold({at: chance for at, (_, chance) in found.items()}, options["threshold"])
        times = torch.linspace(1, options["eps"], steps + 1)
        count = len(found)
        if turn < steps - 1:
            count = int(torch.tensor(float(len(found))) * (1 - times[turn + 1] / times[turn]))
        return sorted(found, key=lambda at: (-found[at][1], at))[:count]

    alg = {"alg": "maskgit_plus" if steps is None else "entropy", "temperature": 0.0}

    def generate(look: Look, mask: int, canvas: int) -> Written:
        board, writes = [mask] * canvas, []
        for first in range(0, canvas, block):
            token, _ = sample(look(board, first, first + block, True)[0], mask, options | alg)
            board[first], turn = token, 1
            writes.append({first: token})
            while True:
                rows = look(board, first, first + block, False)
                masked = [at for at in range(block) if board[first + at] == mask]
                found = {first + at: sample(rows[at], mask, options | alg) for at in masked}
                writes.append({at: found[at][0] for at in second(found, turn)})
                for at, token in writes[-1].items():
                    board[at] = token
                turn += 1
                if mask not in board[first : first + block]:
                    break
        return Written(board, writes, [set() for _ in writes])

    return generate
