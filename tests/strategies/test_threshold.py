"""Threshold: everything confident enough, and always the best."""

import random

import pytest

from dlldecode import strategies

from ..views import check, random_view


def test_everything_at_or_above_the_threshold():
    check(
        strategies.load("threshold", threshold=0.9),
        """
        a__b__#
        9959X89
        .W..W..
        """,
    )


def test_the_best_when_nothing_passes_the_leftmost_of_equals():
    check(
        strategies.load("threshold", threshold=0.9),
        """
        a_____
        967877
        ...W..
        """,
    )
    check(
        strategies.load("threshold", threshold=0.9),
        """
        a____
        96888
        ..W..
        """,
    )


def test_not_a_number_is_never_confident():
    check(
        strategies.load("threshold", threshold=0.0),
        """
        __a_
        n09n
        .W..
        """,
    )
    check(
        strategies.load("threshold", threshold=0.0),
        """
        __a_
        nn9n
        W...
        """,
    )


@pytest.mark.parametrize("seed", range(20))
def test_random_windows_equal_fast_dllms_rule(seed):
    """Sort all candidates, keep the first always, drop any other below the threshold."""
    dice = random.Random(seed)
    threshold = dice.choice([0.25, 0.5, 0.75, 0.9])
    view = random_view(8, dice.choice([1, 5, 32]), seed, grid=dice.choice([0, 4, 16]))
    decision, _ = strategies.load("threshold", threshold=threshold).step(view, ())
    rows = zip(view.confidence.tolist(), view.masked.tolist(), decision.commit.tolist(), strict=True)
    for c, masked, commit in rows:
        order = sorted((at for at, flag in enumerate(masked) if flag), key=lambda at: (-c[at], at))
        kept = {at for place, at in enumerate(order) if place == 0 or c[at] >= threshold}
        assert {at for at, flag in enumerate(commit) if flag} == kept
