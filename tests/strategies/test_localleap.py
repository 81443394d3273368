"""LocalLeap: near a confident position a lower confidence is enough."""

import random

import pytest

from dlldecode import strategies

from ..golden import localleap as golden
from ..golden.engine import agree_on_a_network, agree_on_worlds
from ..golden.windows import SEEDS, commits, masks, numbers
from ..views import check, view_of


def test_the_neighbourhood_of_an_anchor_ends_at_the_radius():
    """Bars of 0.9 and 0.75; places 4 and 12 are 4 away from the anchor at 8, places 3 and 13 are not."""
    check(
        strategies.load("localleap"),
        """
        _________________
        88888888X88888888
        ....WWWWWWWWW....
        """,
    )


def test_near_is_not_enough():
    check(strategies.load("localleap"), "_____\n878X7\nW.WW.")
    check(strategies.load("localleap", relaxed=0.65), "_____\n878X6\nWWWW.")


def test_written_tokens_are_no_anchors_and_nothing_is_written_in_vain():
    check(strategies.load("localleap"), "_aa__#\n8XX78X\nW.....")


def test_without_an_anchor_only_the_best_the_leftmost_of_equals():
    for drawing in ("____\n7887\n.W..", "__\n11\nW.", "a_b\n919\n.W.", "ab#\n999\n...", "__\nnn\nW."):
        check(strategies.load("localleap"), drawing)


def test_the_best_is_no_anchor_below_the_threshold():
    check(strategies.load("localleap"), "___\n888\nW..")


def test_anchors_reach_to_both_edges_and_over_written_tokens():
    check(strategies.load("localleap", radius=2), "_a_a_a_\n8.X.8.8\nW.W.W..")
    check(strategies.load("localleap"), "__b__\nX8.88\nWW.WW")


def test_a_radius_of_nothing_is_the_threshold():
    check(strategies.load("localleap", radius=0), "____\n8X8X\n.W.W")


def test_both_comparisons_let_equality_pass():
    view = view_of([[True] * 3], [[0.5, 0.75, 0.4999]])
    decision, _ = strategies.load("localleap", threshold=0.75, relaxed=0.5).step(view, ())
    assert decision.commit[0].tolist() == [True, True, False]


def test_random_windows_equal_the_rule():
    seen = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        width, grid = dice.choice([1, 2, 3, 8, 33]), dice.choice([4, 8, 2**20])
        masked, valid = masks(dice, width)
        confidence = numbers(dice, width, grid)
        options = {
            "threshold": dice.choice([0.75, 0.875, 1.0]),
            "relaxed": dice.choice([0.25, 0.5, 0.75]),
            "radius": dice.choice([0, 1, 4, 40]),
        }
        decision, _ = strategies.load("localleap", **options).step(view_of(masked, confidence, valid=valid), ())
        expected = [golden.chosen(*row, **options) for row in zip(masked, confidence, strict=True)]
        assert commits(decision.commit) == expected
        seen += len(expected)
    assert seen >= 1000


def start(threshold: float, relaxed: float, radius: int):
    return lambda width: lambda seen: golden.chosen(seen.masked, seen.confidence, threshold, relaxed, radius)


@pytest.mark.parametrize(("threshold", "relaxed", "radius"), [(0.9, 0.75, 4), (0.7, 0.4, 2), (0.55, 0.3, 1)])
def test_whole_decodes_equal_the_rule(threshold, relaxed, radius):
    options = {"threshold": threshold, "relaxed": relaxed, "radius": radius}
    plain = agree_on_worlds("localleap", options, start(**options))
    assert min(decoded.forwards for decoded in plain) < 21


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
def test_whole_decodes_of_a_network_equal_the_rule_with_any_cache(cache):
    options = {"threshold": 0.8, "relaxed": 0.5, "radius": 3}
    plain = agree_on_a_network("localleap", options, start(**options), cache)
    assert max(decoded.forwards for decoded in plain) < 40
