"""Fresh training batches without end: sequences of a few fixed lengths, so that nothing is padded or masked out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from dlldecode.tiny import tokenizer as text
from dlldecode.tiny.data import mixture
from dlldecode.tiny.families import available

CANVAS = 128
LENGTHS = (128, 160, 192, 224, 256)
# Shares of the families; word problems are the hardest to learn.
SHARES = {"gsm": 0.32, "math": 0.19, "code": 0.12, "ifeval": 0.14, "lists": 0.15, "sudoku": 0.08}
# Canvases of other lengths must work, too: some just hold the answer, a few are as long as it comes.
TIGHT_SHARE, ANY_SHARE = 0.3, 0.06


class Batch(NamedTuple):
    """Sequences `[B, L]` of prompt, answer and end-of-text; lengths `[B]` of prompt and answer; family number `[B]`."""

    tokens: Tensor
    prompt: Tensor
    answer: Tensor
    family: Tensor


class Example(NamedTuple):
    """One encoded problem."""

    prompt: list[int]
    answer: list[int]
    family: int


def choose_length(rng: random.Random, prompt: int, answer: int) -> int | None:
    """Pick a sequence length: mostly the least that gives a whole canvas; None where the answer does not fit one."""
    holding = [length for length in LENGTHS if length > prompt + answer]
    if not holding or answer > CANVAS or prompt + CANVAS > LENGTHS[-1]:
        return None
    chance = rng.random()
    if chance < TIGHT_SHARE:
        return holding[0]
    if chance < TIGHT_SHARE + ANY_SHARE:
        return rng.choice(holding)
    return next(length for length in LENGTHS if length >= prompt + CANVAS)


def collate(examples: list[Example], length: int, end: int) -> Batch:
    """Lay examples out side by side; 16-bit ids keep the pipe between processes narrow."""
    rows = []
    for example in examples:
        row = example.prompt + example.answer
        rows.append(row + [end] * (length - len(row)))
    prompt, answer = [len(example.prompt) for example in examples], [len(example.answer) for example in examples]
    return Batch(
        torch.tensor(rows, dtype=torch.int16),
        torch.tensor(prompt, dtype=torch.int16),
        torch.tensor(answer, dtype=torch.int16),
        torch.tensor([example.family for example in examples]),
    )


class Batches(IterableDataset[Batch]):
    """Batches of `size` sequences for ever; every worker draws from its own seed."""

    def __init__(self, folder: Path, shares: dict[str, float], size: int, seed: str) -> None:
        self.folder, self.shares, self.size, self.seed = folder, shares, size, seed

    def examples(self, tokenizer: Tokenizer, seed: str) -> Iterator[Example]:
        """Encode fresh problems one by one."""
        numbers = {name: number for number, name in enumerate(available())}
        for problem in mixture(self.shares, seed):
            prompt, answer = text.encode(tokenizer, problem)
            yield Example(prompt, answer, numbers[problem.family])

    def __iter__(self) -> Iterator[Batch]:
        """Sort examples into lengths and hand over each full batch."""
        worker = get_worker_info()
        seed = f"{self.seed}/{worker.id if worker else 0}"
        rng, tokenizer = random.Random(seed), text.load(self.folder)
        end = text.identity(tokenizer, text.END)
        waiting: dict[int, list[Example]] = {length: [] for length in LENGTHS}
        for example in self.examples(tokenizer, seed):
            length = choose_length(rng, len(example.prompt), len(example.answer))
            if length is None:
                continue
            waiting[length].append(example)
            if len(waiting[length]) == self.size:
                yield collate(waiting[length], length, end)
                waiting[length] = []


def loader(dataset: Batches, workers: int, pinned: bool) -> DataLoader[Batch]:
    """Spread a dataset over worker processes."""
    ahead = 4 if workers else None
    return DataLoader(dataset, batch_size=None, num_workers=workers, prefetch_factor=ahead, pin_memory=pinned)
