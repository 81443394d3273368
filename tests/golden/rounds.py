"""Whole blocks played on numbers drawn beforehand: the same ones for a strategy and for its plain transcription."""

import random

import torch

from ..fakes import VOCABULARY
from ..views import view_of

WIDTH = 17
FINE = 2**16  # sums and differences of such numbers are exact in float32


def numbers(dice: random.Random, size: int) -> tuple[list[float], list[int]]:
    """A confidence and a token for every position; often on a coarse grid, so that ties and equalities happen."""
    grid = dice.choice([2, 4, 8, 16, FINE])
    power = dice.choice([0.3, 1.0, 3.0])
    return [round(dice.random() ** power * grid) / grid for _ in range(size)], [dice.randrange(12) for _ in range(size)]


def draws(seed: int, rows: int) -> tuple[list[int], list]:
    """Block lengths (1, 2 and the width among them), and for each row, forward and position the numbers."""
    dice = random.Random(seed)
    sizes = [1, 2, WIDTH, *(dice.randint(1, WIDTH) for _ in range(rows - 3))]
    return sizes, [[numbers(dice, WIDTH) for _ in range(3 * WIDTH)] for _ in sizes]


def played(strategy, sizes: list[int], drawn: list, blocks: int = 1) -> list[list]:
    """What stands in each row's canvas of `blocks` blocks after every step, None for masks."""
    told: list[list] = [[] for _ in sizes]
    done: list[list] = [[] for _ in sizes]
    state = strategy.init(torch.tensor([[at < size for at in range(WIDTH)] for size in sizes]), VOCABULARY)
    for _ in range(blocks):
        boards = [[None] * size for size in sizes]
        for block_step in range(WIDTH):
            open_rows = [None in board for board in boards]
            turn = [len(told[row]) for row in range(len(sizes))]
            view = seen(boards, [drawn[row][turn[row]] for row in range(len(sizes))], block_step)
            decision, following = strategy.step(view, state)
            state = chosen(torch.tensor(open_rows), following, state)
            for row, board in enumerate(boards):
                if open_rows[row]:
                    boards[row] = after(board, decision, row)
                    rest = sizes[row] * blocks - len(done[row]) - sizes[row]
                    told[row].append(done[row] + boards[row] + [None] * rest)
        assert not any(None in board for board in boards)
        done = [one + two for one, two in zip(done, boards, strict=True)]
    return told


def looking(drawn: list, size: int, blocks: int = 1):
    """A row's numbers as a transcription looks at them, whatever is written; every block finds the same ones."""
    each = iter(drawn)

    def look(board: list) -> tuple[list[float], list[int]]:
        confidence, token = next(each)
        return confidence[:size] * blocks, token[:size] * blocks

    return look


def seen(boards: list, given: list, block_step: int):
    """The view of boards, with as many rows."""
    pad = [board + [0] * (WIDTH - len(board)) for board in boards]
    steps = torch.full((len(boards),), block_step)
    return view_of(
        [[token is None for token in board] for board in pad],
        [confidence for confidence, _ in given],
        proposal=torch.tensor([token for _, token in given]),
        current=torch.tensor([[14 if token is None else token for token in board] for board in pad]),
        valid=torch.tensor([[at < len(board) for at in range(WIDTH)] for board in boards]),
        block_step=steps,
        step=steps,
    )


def after(board: list, decision, row: int) -> list:
    """A board with a decision carried out; writes only go on masks, or where something is taken back as well."""
    result = list(board)
    for at, token in enumerate(board):
        commit, revoke = bool(decision.commit[row, at]), bool(decision.revoke[row, at])
        assert not revoke or token is not None
        assert not commit or revoke or token is None
        result[at] = int(decision.tokens[row, at]) if commit else None if revoke else token
    return result


def chosen(rows, new, old):
    """The new state in rows that took the step."""
    if not isinstance(old, tuple):
        return torch.where(rows.reshape(-1, *(1,) * (old.dim() - 1)), new, old)
    return type(old)(*(chosen(rows, one, other) for one, other in zip(new, old, strict=True))) if old else ()
