"""Fréchet profile: the prefix of the ranks that is jointly right more surely than its weakest is wrong."""

import random

import pytest

from dlldecode import strategies

from ..golden import frechet as golden
from ..golden.engine import agree_on_a_network, agree_on_worlds
from ..golden.windows import SEEDS, commits, masks, numbers
from ..views import check, view_of


def test_the_whole_profile_counts():
    """Doubts 0.005, 0.1, 0.1: 1 - 0.205 - 0.1 is above the margin of 0.25; with 0.3 more, 1 - 0.505 - 0.3 is not."""
    check(
        strategies.load("frechet"),
        """
        _a___#
        89X979
        W.WW..
        """,
    )


def test_at_least_one_is_written_the_leftmost_of_equals():
    for drawing in ("_a___\n29343\n...W.", "_a___\n29333\n..W..", "__a_\nn1.n\n.W..", "__a_\nnn.n\nW..."):
        check(strategies.load("frechet"), drawing)


def test_one_mask_is_written_whatever_its_confidence():
    check(strategies.load("frechet"), "a_b#\n9199\n.W..")


def test_none_is_written_where_none_is_masked():
    check(strategies.load("frechet"), "abc#\n9999\n....")


def test_two_masks_are_no_special_case():
    """Unlike Fast-dLLM's factor rule as released."""
    check(strategies.load("frechet"), "_a_\n991\nW..")
    check(strategies.load("frechet"), "_a_\n999\nW.W")


def test_equality_does_not_pass():
    """Doubts 0.125 and 0.25: 1 - 0.375 - 0.25 = 0.375."""
    view = view_of([[True] * 2], [[0.875, 0.75]])
    for margin, expected in ((0.375, [True, False]), (0.3749, [True, True])):
        decision, _ = strategies.load("frechet", margin=margin).step(view, ())
        assert decision.commit[0].tolist() == expected


@pytest.mark.parametrize("doubt", [0.03, 0.07, 0.15, 0.22, 0.4])
@pytest.mark.parametrize("margin", [0.0, 0.26, 0.51])
def test_with_equal_confidences_it_is_the_factor_rule(doubt, margin):
    view = view_of([[True] * 40], [[1 - doubt] * 40])
    profile, _ = strategies.load("frechet", margin=margin).step(view, ())
    factor, _ = strategies.load("factor", factor=1 - margin).step(view, ())
    assert profile.commit.tolist() == factor.commit.tolist()


def test_random_windows_equal_the_rule():
    seen = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        width, grid = dice.choice([1, 2, 3, 8, 33]), dice.choice([8, 32, 2**20])
        masked, valid = masks(dice, width)
        closer = dice.choice([1, 4, 16])
        confidence = [[1 - (1 - c) / closer for c in row] for row in numbers(dice, width, grid)]
        margin = dice.choice([0.0, 0.125, 0.25, 0.5])
        decision, _ = strategies.load("frechet", margin=margin).step(view_of(masked, confidence, valid=valid), ())
        expected = [golden.chosen(*row, margin) for row in zip(masked, confidence, strict=True)]
        assert commits(decision.commit) == expected
        seen += len(expected)
    assert seen >= 1000


def start(margin: float):
    return lambda width: lambda seen: golden.chosen(seen.masked, seen.confidence, margin)


@pytest.mark.parametrize("margin", [0.0, 0.25, 0.6])
def test_whole_decodes_equal_the_rule(margin):
    plain = agree_on_worlds("frechet", {"margin": margin}, start(margin))
    assert min(decoded.forwards for decoded in plain) < 21


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
def test_whole_decodes_of_a_network_equal_the_rule_with_any_cache(cache):
    plain = agree_on_a_network("frechet", {"margin": 0.0}, start(0.0), cache)
    assert max(decoded.forwards for decoded in plain) < 40
