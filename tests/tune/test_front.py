import random

import pytest

from dlldecode.bench.report import Estimate
from dlldecode.errors import UsageError
from dlldecode.tune import front
from dlldecode.tune.goal import goal

from .rows import row

POINTS = [(0.5, 4.0), (0.9, 2.0), (0.8, 3.0), (0.8, 2.5), (0.4, 3.9), (0.8, 3.0)]


def test_ranks_take_one_front_away_after_the_other():
    assert front.ranks(POINTS) == [0, 0, 0, 1, 1, 0]
    assert front.front(POINTS) == [0, 1, 2]


def test_ranks_are_those_of_the_definition():
    for seed in range(20):
        chance = random.Random(seed)
        points = [(chance.randrange(5), chance.randrange(5), chance.randrange(5)) for _ in range(30)]
        found, left, rank = front.ranks(points), set(range(30)), 0
        while left:
            best = {p for p in left if not any(front.beats(points[o], points[p]) for o in left)}
            assert {p for p in range(30) if found[p] == rank} == best
            left, rank = left - best, rank + 1


def test_the_knee_is_worth_most_and_stays_when_the_ends_change():
    assert front.knee(POINTS) == 2
    assert front.knee([*POINTS, (0.05, 9.0), (0.91, 0.5)]) == 2
    assert front.knee([(0.7,), (0.9,), (0.9,)]) == 1
    assert front.knee([(0.0, 5.0), (0.0, 6.0)]) == 1


def picked(rule, rows, objectives="accuracy,tpf", constraint=None):
    return goal(objectives, constraint, rule, []).picked(dict(enumerate(rows)))


def test_a_pick_follows_its_rule_and_the_condition():
    rows = [row(score, tpf) for score, tpf in POINTS]
    assert [picked(rule, rows) for rule in ("knee", "best:accuracy", "best:tpf", "trial:3")] == [2, 1, 0, 3]
    assert picked("knee", rows, constraint="accuracy>=0.85") == 1
    assert picked("best:tpf", rows, constraint="tpf<3.95") == 4
    assert picked("knee", rows, constraint="accuracy>0.95") is None
    assert picked("knee", rows, objectives="tpf") == 0
    with pytest.raises(UsageError, match="trial 9 was not decoded"):
        picked("trial:9", rows)


def test_a_condition_may_be_about_the_reference():
    rows = [row(0.5, 4.0, difference=Estimate(-0.2, -0.4, 0.0)), row(0.7, 2.0, difference=Estimate(0.0, -0.1, 0.1))]
    assert picked("best:tpf", rows, constraint="difference>=-0.05") == 1


def test_the_reference_itself_meets_it_with_no_difference_and_no_speedup():
    rows = [row(0.7, 3.0), row(0.7, 2.0, difference=Estimate(0.0, -0.1, 0.1), speedup=0.9)]
    assert picked("best:tpf", rows, constraint="difference>=0") == 0
    assert picked("best:tpf", rows, constraint="speedup>=1") == 0
    assert picked("best:tpf", rows, constraint="difference>0") is None


def test_the_order_of_promise():
    rows = [row(score, tpf) for score, tpf in POINTS]
    assert goal("accuracy,tpf", None, "knee", []).order(rows) == [2, 5, 0, 1, 3, 4]
    assert goal("accuracy,tpf", "accuracy>=0.85", "knee", []).order(rows)[:2] == [1, 2]


@pytest.mark.parametrize(
    ("objectives", "constraint", "pick", "sentence"),
    [
        ("acuracy", None, "knee", "--objective acuracy: 'acuracy' is no figure to be high; did you mean accuracy?"),
        ("tpf,tpf", None, "knee", "--objective tpf,tpf: tpf stands there twice"),
        ("accuracy", "accuracy>=85", "knee", "--constraint 'accuracy>=85': accuracy lies within 0 and 1"),
        ("accuracy", "speed>1", "knee", "--constraint 'speed>1': there is no figure 'speed'"),
        ("accuracy", None, "elbow", "--pick elbow: write knee, best:KEY"),
        ("accuracy", None, "best:speed", "--pick best:speed: 'speed' is no figure"),
    ],
)
def test_words_that_are_none_are_told(objectives, constraint, pick, sentence):
    with pytest.raises(UsageError) as raised:
        goal(objectives, constraint, pick, [])
    assert sentence in str(raised.value)
