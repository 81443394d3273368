"""Random windows as lists: every number of masks, rows of different lengths, numbers that tie and hit thresholds."""

import random

import torch

SEEDS, ROWS = range(40), 32  # of one rule's test: 1,280 windows


def masks(dice: random.Random, width: int) -> tuple[list[list[bool]], torch.Tensor]:
    """Which positions of each row are masked, and which belong to its block at all."""
    masked, valid = [], []
    for _ in range(ROWS):
        size = dice.choice([width, width, dice.randint(1, width)])
        count = min(size, dice.choice([0, 1, 2, dice.randint(0, size), size]))
        open_ = set(dice.sample(range(size), count))
        masked.append([at in open_ for at in range(width)])
        valid.append([at < size for at in range(width)])
    return masked, torch.tensor(valid)


def numbers(dice: random.Random, width: int, grid: int) -> list[list[float]]:
    """Numbers from 0 to 1 on a grid that float32 holds exactly."""
    return [[dice.randint(0, grid) / grid for _ in range(width)] for _ in range(ROWS)]


def commits(commit: torch.Tensor) -> list[set[int]]:
    """The written positions of each row."""
    return [{at for at, is_written in enumerate(row) if is_written} for row in commit.tolist()]
