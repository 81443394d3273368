"""Whole decodings equal straight transcriptions of the published loops: tokens, full and partial forwards."""

import random

import pytest

from . import adablock, multiblock, slowfast
from .remembering import Paper, engine, minds

ROWS, BATCHES = 10, 4  # 240 decodings a rule
every_cache = pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
either_stop = pytest.mark.parametrize("stop", ["none", "first"])


def compare(batch: int, stop: str, transcribe, strategy: str, parts, **settings) -> None:
    seeds = [ROWS * batch + row for row in range(ROWS)]
    ends = 0.1 if stop == "first" else 0.0
    found = engine(seeds, ends, strategy, parts, stop=stop, **settings)
    for mind, got in zip(minds(seeds, ends), found, strict=True):
        assert got == transcribe(Paper(mind, settings["max_tokens"], settings["cache"], stop)), mind.world


@every_cache
@either_stop
@pytest.mark.parametrize("batch", range(BATCHES))
def test_adablock(batch, stop, cache):
    dice = random.Random(batch)
    rule = adablock.Rule(
        dice.randint(1, 9), dice.choice([(3,), (3, 5), (0, 4, 9)]), dice.choice([0.0, 0.3, 0.6, 1.0]),
        dice.choice([0.05, 0.25, 0.5, 1.0]), dice.choice([0.5, 0.7, 0.9]),
    )  # fmt: skip
    options = {"delimiters": rule.delimiters, "likely": rule.likely, "outlook": rule.outlook}
    compare(
        batch, stop, lambda paper: adablock.decode(paper, rule), "threshold",
        ({"threshold": rule.threshold}, {}, options),
        max_tokens=dice.randint(15, 28), block_length=rule.block, cache=cache, window="adablock",
    )  # fmt: skip


@every_cache
@either_stop
@pytest.mark.parametrize("batch", range(BATCHES))
def test_multiblock(batch, stop, cache):
    dice = random.Random(batch)
    rule = multiblock.Rule(
        dice.randint(1, 7), dice.choice([0.3, 0.5, 0.7, 1.0]), dice.choice([0.5, 1.2, 2.0]),
        dice.choice([None, None, 1, 2, 3]),
    )  # fmt: skip
    compare(
        batch, stop, lambda paper: multiblock.decode(paper, rule), "multiblock",
        ({"entropy": rule.bound}, {}, {"opening": rule.opening, "most": rule.most}),
        max_tokens=dice.randint(15, 28), block_length=rule.block, cache=cache, window="multiblock",
    )  # fmt: skip


@every_cache
@either_stop
@pytest.mark.parametrize("batch", range(BATCHES))
def test_slowfast(batch, stop, cache):
    dice = random.Random(batch)
    canvas = dice.randint(15, 28)
    rule = slowfast.Rule(
        dice.choice([canvas, canvas, 6, 9]), dice.randint(1, 8), dice.choice([1, 1, 2]), dice.choice([0.1, 0.3, 0.6]),
        dice.choice([0.6, 0.75, 0.9]), bool(batch % 2),
    )  # fmt: skip
    options = {"explore": rule.explore, "k": rule.k, "tau_min": rule.tau_min, "tau_high": rule.tau_high}
    options["conventions"] = "released" if rule.released else "paper"
    compare(
        batch, stop, lambda paper: slowfast.decode(paper, rule), "slowfast", (options,),
        max_tokens=canvas, block_length=rule.block, cache=cache,
    )  # fmt: skip
