"""Streams of problems: what is held out never appears in training."""

from __future__ import annotations

import hashlib
import itertools
import random
import re
from collections.abc import Iterator
from functools import cache

from dlldecode.tiny.families import available, load
from dlldecode.tiny.problem import Problem

HELDOUT_SEED, HELDOUT_COUNT = "held out", 200
SHORTEST_ANSWER = 20


def digest(problem: Problem) -> bytes:
    """Hash the family and the prompt, 16 bytes."""
    return hashlib.blake2b(f"{problem.family}\0{problem.prompt}".encode(), digest_size=16).digest()


def is_long_enough(answer: str) -> bool:
    """Say whether an answer takes 20 tokens or more: it has as many words, digits and signs."""
    return len(re.findall(r"[A-Za-z]+|\d|[^\w\s]", answer)) >= SHORTEST_ANSWER


def stream(family: str, seed: int | str) -> Iterator[Problem]:
    """Draw problems for ever, those with short answers left out; equal seeds give equal streams."""
    rng, sample = random.Random(f"{family}/{seed}"), load(family).sample
    drawn = (sample(rng) for _ in itertools.count())
    return (problem for problem in drawn if is_long_enough(problem.answer))


@cache
def heldout(family: str) -> list[Problem]:
    """Give the 200 distinct problems that training never sees."""
    chosen: dict[bytes, Problem] = {}
    for problem in stream(family, HELDOUT_SEED):
        chosen.setdefault(digest(problem), problem)
        if len(chosen) == HELDOUT_COUNT:
            break
    return list(chosen.values())


@cache
def forbidden(family: str) -> frozenset[bytes]:
    """Collect the digests of the held-out problems."""
    return frozenset(digest(problem) for problem in heldout(family))


def training(family: str, seed: int | str) -> Iterator[Problem]:
    """Draw training problems for ever, stepping over held-out prompts."""
    barred = forbidden(family)
    return (problem for problem in stream(family, f"training {seed}") if digest(problem) not in barred)


def problems(family: str, seed: int, count: int) -> list[Problem]:
    """Draw `count` training problems."""
    return list(itertools.islice(training(family, seed), count))


def mixture(weights: dict[str, float], seed: int | str) -> Iterator[Problem]:
    """Draw training problems of all families in proportion to `weights`, for ever."""
    unknown = set(weights) - set(available())
    if unknown:
        raise ValueError(f"no task families {sorted(unknown)}; there are {available()}")
    rng, streams = random.Random(f"mixture {seed}"), {name: training(name, seed) for name in weights}
    names, shares = list(weights), list(weights.values())
    while True:
        for name in rng.choices(names, shares, k=256):
            yield next(streams[name])
