"""Factor: as many of the best positions as their joint confidence bears."""

import random

import pytest
import torch

from dlldecode import strategies

from ..views import check, random_view, view_of


def count(confidences: list[float], **options) -> int:
    """How many positions are written, which must be the best ones."""
    view = view_of([[True] * len(confidences)], [confidences])
    decision, _ = strategies.load("factor", **options).step(view, ())
    commit = decision.commit[0].tolist()
    assert commit == sorted(commit, reverse=True)
    return sum(commit)


def test_the_bound_admits_a_prefix_of_the_ranks():
    check(
        strategies.load("factor"),
        """
        _a____#
        89X9739
        W.WW...
        """,
    )


def test_at_least_one_is_written_the_leftmost_of_equals():
    check(
        strategies.load("factor"),
        """
        _a___
        29343
        ...W.
        """,
    )
    check(
        strategies.load("factor"),
        """
        _a___
        29333
        ..W..
        """,
    )


def test_not_a_number_is_written_only_when_nothing_else_is_left():
    check(
        strategies.load("factor"),
        """
        __a_
        n1.n
        .W..
        """,
    )
    check(
        strategies.load("factor"),
        """
        __a_
        nn.n
        W...
        """,
    )


@pytest.mark.parametrize(("n", "floor"), [(2, 2 / 3), (3, 0.75), (4, 0.8), (5, 5 / 6), (6, 6 / 7)])
def test_the_floor_of_rank_n_at_factor_one(n, floor):
    """The n-th best confidence must lie above 1 - 1 / (n + 1); the others are beyond doubt."""
    for last_rank in (False, True):
        tail = [0.0, 0.0]
        assert count([0.999] * (n - 1) + [floor + 1e-4, *tail], last_rank=last_rank) == n
        assert count([0.999] * (n - 1) + [floor - 1e-4, *tail], last_rank=last_rank) == n - 1


@pytest.mark.parametrize(
    ("confidences", "stated", "released"),
    [
        ([0.9, 0.1], 1, 2),
        ([0.9, 0.1, 0.05], 1, 1),
        ([0.99, 0.98, 0.1], 2, 3),
        ([0.1], 1, 1),
        ([0.99, 0.98, 0.97], 3, 3),
        ([0.3, 0.2], 1, 2),
    ],
)
def test_the_released_last_rank(confidences, stated, released):
    assert count(confidences) == stated
    assert count(confidences, last_rank=True) == released


def test_equality_passes_as_released_only():
    """(2 + 1)(1 - 0.75) = 0.75."""
    assert count([0.9, 0.75, 0.1, 0.1], factor=0.75) == 1
    assert count([0.9, 0.75, 0.1, 0.1], factor=0.75, last_rank=True) == 2


def released(order: list[float], factor: float) -> int:
    """Fast-dLLM's loop: the break at the very last rank looks like no break."""
    if not order:
        return 0
    for n in range(1, len(order) + 1):
        floor = -1 if n == 1 else 1 - factor / (n + 1)
        if order[n - 1] < floor:
            break
    return n if n == len(order) else n - 1


def stated(order: list[float], factor: float) -> int:
    """The largest n with (n + 1)(1 - c_n) < factor, at least one."""
    passing = [n for n, c in enumerate(order, 1) if (n + 1) * (1 - c) < factor]
    return max(passing, default=min(1, len(order)))


@pytest.mark.parametrize("seed", range(30))
def test_random_windows_equal_the_rules(seed):
    dice = random.Random(seed)
    view = random_view(8, dice.choice([1, 2, 3, 5, 32]), seed)
    view = view._replace(confidence=1 - (1 - view.confidence) * dice.choice([0.1, 0.5, 1.0]))
    factor = dice.choice([0.3, 0.75, 1.0, 2.0])
    for rule, last_rank in ((stated, False), (released, True)):
        decision, _ = strategies.load("factor", factor=factor, last_rank=last_rank).step(view, ())
        for c, masked, commit in zip(view.confidence, view.masked, decision.commit, strict=True):
            order = torch.sort(c[masked], descending=True).values.tolist()
            chosen = torch.sort(c[commit], descending=True).values.tolist()
            assert chosen == order[: rule(order, factor)]
            assert not (commit & ~masked).any()
