"""The verdict is not fooled by noise, and sees what is there."""

import random

import pytest

from dlldecode.tune.halving import race, rungs
from dlldecode.tune.heldout import judged, verdict
from dlldecode.tune.outcome import outcome

from .synthetic import Made, evaluator, trials

STUDIES = 100


@pytest.fixture(scope="module")
def found():
    made = trials(grid="high=0.7..0.9..0.1,low=0.3,0.4", count=24)
    made.listed = made.some(made.space.grid())
    return made


def judge(folder, found, formula, seed):
    work = evaluator(folder, Made(formula, seed), found)
    race(found.listed, work, found.halves.search, True)
    picked = outcome(work, found.listed, found.halves.search, rungs(12)).pick
    trial = next(each for each in found.listed if each.number == picked)
    result = verdict(work, trial, found.halves.heldout)
    work.records.close()
    return result


def noise(axes, item, chance):
    """No setting is better than another: all that differs is luck."""
    length = random.Random(item).randrange(40, 120)
    return chance.random() < 0.7, length, max(1, round(length / 4 * chance.uniform(0.8, 1.2)))


def test_of_pure_noise_it_is_said_that_nothing_beats_the_reference(found, tmp_path):
    results = [judge(tmp_path / str(seed), found, noise, seed) for seed in range(STUDIES)]
    told = [result for result in results if result.outcome == "nothing"]
    assert len(told) >= 0.9 * STUDIES
    assert all(result.sentence.startswith("Nothing beats the reference") for result in told)


def test_where_nothing_is_right_nothing_is_faster(found, tmp_path):
    result = judge(tmp_path, found, lambda axes, item, chance: (False, 100, 10 if axes["high"] < 0.75 else 40), 1)
    assert result.outcome == "nothing" and result.sentence.startswith("Nothing was right on held-out items")


def test_what_is_faster_is_seen_and_a_score_that_falls_is_too(found, tmp_path):
    def faster(axes, item, chance):
        return chance.random() < 0.7, 100, 20 if axes["high"] < 0.75 else 30

    def hasty(axes, item, chance):
        is_fast = axes["high"] < 0.75
        return not is_fast or chance.random() < 0.4, 100, 10 if is_fast else 40

    result = judge(tmp_path / "a", found, faster, 1)
    assert (
        result.outcome == "faster"
        and result.tpf.value == pytest.approx(1.5)
        and "cannot be ruled out. --constraint 'difference>=0' picks among those" in result.sentence
    )
    result = verdict(evaluator(tmp_path / "b", Made(hasty), found), found.listed[1], found.halves.heldout)
    assert result.outcome == "nothing" and result.report.overall[-1].difference.high < 0
    assert "Keep the reference" in result.sentence


def test_the_held_out_items_are_others_and_only_two_settings_see_them(found, tmp_path):
    made = Made(noise, 3)
    work = evaluator(tmp_path, made, found)
    race(found.listed, work, found.halves.search, True)
    before = set(made.decoded)
    verdict(work, found.listed[3], found.halves.heldout)
    new = [each for each in made.decoded if each not in before]
    assert {label for label, *_ in new} == {found.listed[3].label, found.reference.label} and len(new) == 24
    searched = {(each.task.task, each.item.id) for each in found.halves.search}
    assert not searched & {(task, item) for _, task, item in new}


def test_the_reference_itself_as_the_pick_costs_nothing(found, tmp_path):
    made = Made(noise)
    result = verdict(evaluator(tmp_path, made, found), found.reference, found.halves.heldout)
    assert result.outcome == "nothing" and made.decoded == []


@pytest.mark.parametrize(
    ("difference", "tpf", "expected"),
    [
        ((0.1, 0.01, 0.2), (0.9, 0.8, 1.0), "better"),
        ((0.1, 0.0, 0.2), (1.2, 0.99, 1.3), "nothing"),
        ((-0.1, -0.2, 0.0), (1.2, 1.01, 1.3), "faster"),
        ((-0.1, -0.2, -0.01), (2.0, 1.9, 2.1), "nothing"),
    ],
)
def test_the_conclusion(difference, tpf, expected):
    from dlldecode.bench.report import Estimate

    assert judged(Estimate(*difference), Estimate(*tpf)) == expected
