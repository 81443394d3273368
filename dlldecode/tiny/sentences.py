"""Plain sentences of an exact number of words."""

from __future__ import annotations

import random

from dlldecode.tiny.words import ADJECTIVES, ADVERBS, ANIMALS, JOBS, LINKS, PLACES, PREPOSITIONS, STARTS, TIMES, VERBS

NOUNS = ANIMALS + JOBS
SHORT_TIMES = tuple(time for time in TIMES if " " not in time)
WORDS = frozenset(" ".join(NOUNS + ADJECTIVES + PLACES).split())


def clause(rng: random.Random, size: int) -> list[str]:
    """Make a clause of `size` words, three at least, all in lower case."""
    head, tail = [rng.choice(STARTS)], [rng.choice(NOUNS), rng.choice(VERBS)]
    rest, described = size - 3, 0
    while rest:
        way = rng.random()
        if rest >= 4 and way < 0.45:
            return [*head, *tail, rng.choice(LINKS), *clause(rng, rest - 1)]
        if rest >= 3 and way < 0.7:
            tail += [rng.choice(PREPOSITIONS), "the", rng.choice(PLACES)]
            rest -= 3
        elif described < 2 and way < 0.9:
            head.append(rng.choice(ADJECTIVES))
            described, rest = described + 1, rest - 1
        else:
            time = rng.choice(TIMES).split()
            if len(time) > rest:
                time = [rng.choice(ADVERBS)]
            return spread(rng, [*head, *tail], time, rest)
    return [*head, *tail]


def spread(rng: random.Random, front: list[str], back: list[str], rest: int) -> list[str]:
    """Fill the words between the front and the closing words of time."""
    missing = rest - len(back)
    if missing >= 3:
        front = [*front, rng.choice(PREPOSITIONS), "the", rng.choice(PLACES)]
        missing -= 3
    return [*front, *rng.sample(ADVERBS, missing), *back]


def sentence(rng: random.Random, size: int) -> str:
    """Make a sentence of `size` words with a capital and a full stop."""
    text = " ".join(clause(rng, size))
    return text[0].upper() + text[1:] + "."
