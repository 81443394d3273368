"""EB-Sampler: the least uncertain positions, as long as the entropies of all but one of them stay within a bound."""

import random

import pytest
import torch

from dlldecode import strategies

from ..golden import eb as golden
from ..golden.engine import agree_on_a_network, agree_on_worlds
from ..golden.windows import SEEDS, commits, masks, numbers
from ..views import check, view_of


def decide(entropy: list[float], masked: list[bool] | None = None, **options) -> list[bool]:
    view = view_of([masked or [True] * len(entropy)], [[0.5] * len(entropy)], entropy=torch.tensor([entropy]))
    decision, _ = strategies.load("eb", **options).step(view, ())
    return decision.commit[0].tolist()


def test_the_greatest_entropy_is_not_counted():
    """0.02 + 0.05 stay within 0.1, whatever the third has; with the third counted the fourth is beyond it."""
    assert decide([3.0, 0.05, 0.02, 1.5]) == [False, True, True, True]


def test_at_least_one_is_written_the_leftmost_of_equals():
    assert decide([2.0, 1.0, 1.0]) == [False, True, False]
    assert decide([torch.inf] * 3) == [True, False, False]
    assert decide([torch.inf, 2.0]) == [False, True]


def test_the_second_is_written_when_the_first_is_within_the_bound():
    assert decide([5.0, 0.1], gamma=0.1) == [True, True]
    assert decide([5.0, 0.125], gamma=0.125) == [True, True]
    assert decide([5.0, 0.125], gamma=0.124) == [False, True]


def test_a_bound_of_nothing_writes_the_certain_and_one_more():
    assert decide([0.0, 0.5, 0.0, 0.25], gamma=0.0) == [True, False, True, True]


def test_one_and_none():
    assert decide([9.0, 0.0, 0.0], [True, False, False]) == [True, False, False]
    assert decide([9.0, 0.0], [False, False]) == [False, False]


def test_confidence_orders_and_entropy_bounds():
    """Ranked 2nd, 1st, 3rd: 0.5 + 0.05 less the greatest is within the bound, 0.5 + 0.05 + 0.4 less it is not."""
    entropy = torch.tensor([[0.05, 0.5, 0.4]])
    check(strategies.load("eb", order="confidence"), "___\n798\n.WW", entropy=torch.tensor([[0.4, 0.5, 0.05]]))
    check(strategies.load("eb", order="confidence"), "___\n897\nWW.", entropy=entropy)


def test_random_windows_equal_the_rule():
    seen = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        width, grid = dice.choice([1, 2, 3, 8, 33]), dice.choice([8, 32, 2**12])
        masked, valid = masks(dice, width)
        size = dice.choice([0.125, 1.0, 8.0])
        entropy = [[value * size for value in row] for row in numbers(dice, width, grid)]
        confidence = numbers(dice, width, grid)
        gamma = dice.choice([0.0, 0.125, 0.5, 2.0])
        view = view_of(masked, confidence, valid=valid, entropy=torch.tensor(entropy))
        for order, scores in (("entropy", [None] * len(masked)), ("confidence", confidence)):
            decision, _ = strategies.load("eb", gamma=gamma, order=order).step(view, ())
            rows = zip(masked, entropy, scores, strict=True)
            expected = [golden.chosen(open_, values, gamma, score) for open_, values, score in rows]
            assert commits(decision.commit) == expected
            seen += len(expected)
    assert seen >= 2000


def start(gamma: float):
    return lambda width: lambda seen: golden.chosen(seen.masked, seen.entropy, gamma)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 4.0])
def test_whole_decodes_equal_the_rule(gamma):
    plain = agree_on_worlds("eb", {"gamma": gamma}, start(gamma))
    assert min(decoded.forwards for decoded in plain) < 21


def test_one_block_for_the_canvas_is_the_released_loop():
    start_ = start(2.0)
    assert min(decoded.forwards for decoded in agree_on_worlds("eb", {"gamma": 2.0}, start_, block_length=21)) < 21


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
def test_whole_decodes_of_a_network_equal_the_rule_with_any_cache(cache):
    plain = agree_on_a_network("eb", {"gamma": 1.0}, start(1.0), cache)
    assert max(decoded.forwards for decoded in plain) < 40
