"""How far one step strays from many: hide n tokens of a finished answer, in a row or apart, and write them both ways.

Hierarchy-dLLM's motivation, https://openreview.net/forum?id=ZsIQUjQtdW. There the truth is the model's own one-hot
output; here it is what the model writes one token at a time, the surest first, from the same state.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import torch

from ..look import filled, look
from ..source import Decoding, Source, gathered
from ..table import Lines, Table

PRESETS = ("vanilla",)
AXES = ()
LINES = Lines("hidden", "tokens that differ %", "shape", doubling=True)
COUNTS = (1, 2, 4, 8, 16)  # tokens hidden
DRAWS = 2  # places drawn for each count and shape, in every answer
SHAPES = ("contiguous", "sparse")


class Case(NamedTuple):
    """So many hidden tokens, in a row or apart."""

    hidden: int
    shape: str


class Outcome(NamedTuple):
    """Tokens that differ between one step and many, and what the many wrote is likelier by, in nats a token."""

    different: int
    divergence: float


def answer(source: Source) -> Table:
    """A line for each number of hidden tokens and shape."""
    found = gathered(source, partial(outcomes, source))
    return Table(
        "Tokens of finished answers, hidden and written in one step or one at a time",
        ("hidden", "shape", "sets", "tokens that differ %", "sets that differ %", "divergence (nats a token)"),
        tuple(_line(case, found[case]) for case in sorted(found)),
    )


def _line(case: Case, outcomes: list[Outcome]) -> tuple[object, ...]:
    sets = len(outcomes)
    tokens = sum(outcome.different for outcome in outcomes) / (sets * case.hidden)
    wrong = sum(outcome.different > 0 for outcome in outcomes) / sets
    divergence = sum(outcome.divergence for outcome in outcomes) / sets
    return (case.hidden, case.shape, sets, round(100 * tokens, 2), round(100 * wrong, 1), round(divergence, 4))


def outcomes(source: Source, decoding: Decoding) -> Iterator[tuple[Case, Outcome]]:
    """What becomes of each set of hidden positions of one answer."""
    sets = list(hidden_sets(decoding))
    if not sets:
        return
    final = torch.tensor([decoding.final] * len(sets))
    hidden = torch.zeros_like(final, dtype=torch.bool)
    for row, (_, places) in enumerate(sets):
        hidden[row, places] = True
    canvases = torch.where(hidden, decoding.mask_id, final)
    many, sure = filled(source.model, decoding.prompt, canvases, hidden)
    one = look(source.model, decoding.prompt, canvases, many)
    different = (hidden & (one.token != many)).sum(dim=1).tolist()
    divergence = (sure - torch.where(hidden, one.known, 0).sum(dim=1)).tolist()
    for (case, _), count, nats in zip(sets, different, divergence, strict=True):
        yield case, Outcome(count, nats / case.hidden)


def hidden_sets(decoding: Decoding) -> Iterator[tuple[Case, list[int]]]:
    """Positions to hide, drawn by the item's name; a count of which an answer has not twice as many is left out."""
    draw = random.Random(f"{decoding.task}/{decoding.item.id}")
    length = decoding.effective
    for count in COUNTS:
        for shape in SHAPES if 2 * count <= length else ():
            for _ in range(DRAWS):
                yield Case(count, shape), sorted(_drawn(draw, shape, count, length))


def _drawn(draw: random.Random, shape: str, count: int, length: int) -> list[int]:
    """A run of positions, or one in each of `count` equal stretches."""
    if shape == "contiguous":
        start = draw.randrange(length - count + 1)
        return list(range(start, start + count))
    edges = [length * place // count for place in range(count + 1)]
    return [draw.randrange(first, last) for first, last in pairwise(edges)]
