"""Wrapped strategies equal straight transcriptions: on random windows, and in whole decodes."""

import itertools
import random

import pytest
import torch

from dlldecode.engine.advance import decided
from dlldecode.engine.loop import decode
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings

from ..contract.test_caches import FAMILIES, PROMPTS, network
from ..fakes import MASK, VOCABULARY, end_of, recipe
from ..views import view_of
from . import early_exit, prior, smoothing
from .engine import agree_on_worlds
from .windows import SEEDS, commits, masks, numbers

STRATEGIES = pytest.mark.parametrize("strategy", ["threshold", "vanilla"])
BAR, BARS = 0.75, (1.8, 1.4, 1.0)


def bare(strategy: str, masked: list[bool], confidence: list[float], quota: int = 1) -> set[int]:
    """What the strategies do without wrappers."""
    order = sorted((at for at, is_open in enumerate(masked) if is_open), key=lambda at: (-confidence[at], at))
    sure = {at for at in order if confidence[at] >= BAR} if strategy == "threshold" else set()
    return sure | set(order[: quota if strategy == "vanilla" else 1])


def wrapped(strategy: str, name: str, options: dict, view):
    """What the engine makes of a view with a wrapper around the strategy."""
    own = {"threshold": BAR} if strategy == "threshold" else {}
    made = build(Settings(wrap=(name,)), strategy, own, {f"wrap_options.{name}": options})
    return decided(view, made.strategy.init(view.masked, VOCABULARY), made)[0]


def drawn(dice: random.Random, grid: int):
    """Windows, confidences and shares; the numbers on a grid, so that bars are met exactly."""
    width = dice.choice([1, 2, 3, 8, 33])
    masked, valid = masks(dice, width)
    progress = [dice.choice([0.0, 0.25, 0.5, 0.75, 1.0, dice.randint(0, 64) / 64]) for _ in masked]
    return masked, valid, numbers(dice, width, grid), progress


@STRATEGIES
def test_priors_on_random_windows(strategy):
    seen = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        fall = dice.choice(["decay", "decay", "exponential", "linear"])
        # Ties of rational products would be rounding's to break.
        masked, valid, confidence, progress = drawn(dice, dice.choice([4, 8]) if fall == "decay" else 2**20)
        options = {
            "fall": fall, "rate": dice.choice([0.0, 0.05, 0.25, 2.0]),
            "alpha": dice.choice([0.0, 0.5, 1.0]), "beta": dice.choice([0.05, 0.5, 1.0]),
        }  # fmt: skip
        quota = [dice.randint(0, 3) for _ in masked]
        view = view_of(masked, confidence, valid=valid, progress=torch.tensor(progress), quota=torch.tensor(quota))
        expected = []
        for row, is_open in enumerate(masked):
            weights = prior.weights(is_open, valid[row].tolist(), progress[row], options)
            worth = [number * weight for number, weight in zip(confidence[row], weights, strict=True)]
            expected.append(bare(strategy, is_open, worth, quota[row]))
        assert commits(wrapped(strategy, "prior", options, view).commit) == expected
        seen += len(expected)
    assert seen >= 1000


@STRATEGIES
def test_early_exits_on_random_windows(strategy):
    left = stayed = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        grid = dice.choice([4, 8, 2**12])
        masked, valid, confidence, progress = drawn(dice, grid)
        margin = [[8 * number for number in row] for row in numbers(dice, len(masked[0]), grid)]
        bars = (dice.choice([3.0, 4.0, 6.0]), dice.choice([2.0, 4.0]), dice.choice([0.0, 1.0, 3.0]))
        options = dict(zip(("early", "middle", "late"), bars, strict=True))
        view = view_of(masked, confidence, valid=valid, progress=torch.tensor(progress), margin=torch.tensor(margin))
        expected = []
        for row, is_open in enumerate(masked):
            exits = early_exit.exits(is_open, margin[row], progress[row], bars)
            every = {at for at, flag in enumerate(is_open) if flag}
            expected.append(every if exits else bare(strategy, is_open, confidence[row]))
            left, stayed = left + exits, stayed + (len(every) > 1 and not exits)
        assert commits(wrapped(strategy, "early_exit", options, view).commit) == expected
    assert left >= 100 and stayed >= 100 and len(SEEDS) * len(masked) >= 1000


def test_whole_decodes_with_a_prior():
    def start(width: int):
        def rule(seen) -> set[int]:
            weights = prior.weights(seen.masked, [True] * width, 0.0, {"fall": "decay", "rate": 0.02})
            worth = [number * weight for number, weight in zip(seen.confidence, weights, strict=True)]
            return bare("threshold", seen.masked, worth)

        return rule

    parts = {"wrap_options.prior": {"rate": 0.02}}
    plain = agree_on_worlds("threshold", {"threshold": BAR}, start, wrap=("prior",), parts=parts)
    assert min(decoded.forwards for decoded in plain) < 21


@pytest.mark.parametrize("block", [8, 21])
def test_whole_decodes_with_early_exits(block):
    """Progress is the written share of the whole canvas."""

    opened = itertools.count()

    def start(width: int):
        before = next(opened) % -(-21 // block) * block

        def rule(seen) -> set[int]:
            progress = (before + width - sum(seen.masked)) / 21
            gaps = [gap(values) for values in seen.logits]
            every = {at for at, is_open in enumerate(seen.masked) if is_open}
            exits = early_exit.exits(seen.masked, gaps, progress, BARS)
            return every if exits else bare("vanilla", seen.masked, seen.confidence)

        return rule

    options = dict(zip(("early", "middle", "late"), BARS, strict=True))
    parts = {"wrap_options.early_exit": options}
    plain = agree_on_worlds("vanilla", {}, start, wrap=("early_exit",), parts=parts, block_length=block)
    assert min(decoded.forwards for decoded in plain) < 18


def gap(values: list[float]) -> float:
    """Between the two best of all but the mask."""
    best, second = sorted((value for at, value in enumerate(values) if at != MASK), reverse=True)[:2]
    return best - second


@FAMILIES
@pytest.mark.parametrize(
    "options", [{}, {"weight": 1.0, "growth": 0.5, "most": 2.0}, {"weight": 0.0, "growth": 0.1, "most": 0.5}], ids=repr
)
def test_smoothed_decodes_of_a_network(options, shifted):
    """The same tokens, and others than without."""
    model, full = network(shifted), {"weight": 0.15, "growth": 0.02, "most": 0.3} | options
    made = recipe(
        "vanilla",
        wrap=("smoothing",),
        parts={"wrap_options.smoothing": options},
        max_tokens=14,
        block_length=8,
        stop="none",
    )
    bare = recipe("vanilla", max_tokens=14, block_length=8, stop="none")
    changed = 0
    for prompt in PROMPTS[:2]:
        end, plain = (end_of(list(decode(model, [prompt], each))) for each in (made, bare))
        assert (list(end.token_ids), end.forwards.total) == smoothing.decode(model, prompt, 14, 8, full)
        changed += end.token_ids != plain.token_ids
    assert changed or not options.get("weight")
