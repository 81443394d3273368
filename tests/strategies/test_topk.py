"""Topk: the same number every step."""

from dlldecode import strategies

from ..fakes import World, model_of, play, recipe, steps_of
from ..views import check


def test_the_k_best_leftmost_first_among_equals():
    check(
        strategies.load("topk", k=3),
        """
        __a___#
        5897559
        WW.W...
        """,
    )


def test_not_a_number_only_when_nothing_else_is_left():
    check(
        strategies.load("topk", k=2),
        """
        b_a__
        nn9n0
        .W..W
        """,
    )


def test_fewer_masks_than_k_are_all_written():
    check(
        strategies.load("topk", k=4),
        """
        a_b_
        9192
        .W.W
        """,
    )


def test_every_step_writes_k():
    made = recipe("topk", {"k": 3}, max_tokens=11, block_length=7, stop="none")
    steps = steps_of(play(model_of([World(3)], 11), made))
    assert [len(step.commits) for step in steps] == [3, 3, 1, 3, 1]
