"""Halving keeps what the whole grid would have picked, for half of what the grid takes, on surfaces like real ones."""

import math

import pytest

from dlldecode.tune.evaluate import forwards
from dlldecode.tune.goal import Goal
from dlldecode.tune.halving import Costs, planned, race, rungs
from dlldecode.tune.outcome import outcome

from .synthetic import Made, evaluator, trials

GRID = "high=0.7..0.95..0.05,low=0.3..0.6..0.1"


@pytest.fixture(scope="module")
def found():
    trials_ = trials(grid=GRID, count=48)
    trials_.listed = trials_.some(trials_.space.grid())
    return trials_


def difficulty(item):
    """A number between 0 and 1 that belongs to an item, whoever decodes it."""
    return sum(map(ord, item)) * 0.37 % 1


def surface(peak):
    """Scores fall and TPF rises as thresholds fall, items alike for all settings; one setting is best by far."""

    def formula(axes, item, chance):
        caution = (axes["high"] - 0.7) * 2 + (axes["low"] - 0.3)
        is_peak = peak is not None and math.isclose(axes["high"], peak[0]) and math.isclose(axes["low"], peak[1])
        tpf = 5.0 - 3 * caution + 2 * is_peak
        score = difficulty(item) < 0.5 + 0.4 * caution + 0.4 * is_peak
        return score, 100, round(100 / tpf * (0.7 + 0.6 * difficulty(item[::-1])))

    return formula


def raced(folder, found, formula, is_halving, seed=0):
    made = Made(formula, seed)
    work = evaluator(folder, made, found)
    race(found.listed, work, found.halves.search, is_halving)
    return work, made, outcome(work, found.listed, found.halves.search, rungs(24, is_halving))


def test_a_planted_best_survives_and_half_is_saved(found, tmp_path):
    for place, peak in enumerate([(0.7, 0.3), (0.95, 0.6), (0.8, 0.5), (0.9, 0.3)]):
        work, made, result = raced(tmp_path / str(place), found, surface(peak), True)
        whole, *_ = raced(tmp_path / f"{place} whole", found, surface(peak), False)
        best = next(entry for entry in result.entries if entry.number == result.pick)
        assert (best.row.axes["high"], best.row.axes["low"]) == peak and best.items == 24
        spent, full = (forwards(each.records.known.values()) for each in (work, whole))
        assert spent <= full / 2
        assert len(made.decoded) == len(set(made.decoded))


@pytest.mark.parametrize("steepness", [1, 2, 3])
def test_on_smooth_surfaces_the_pick_is_worth_nearly_as_much_as_the_whole_grids(found, tmp_path, steepness):
    """Many settings are nearly alike there, and which of them is best on so many items is luck."""

    def formula(axes, item, chance):
        caution = (axes["high"] - 0.7) * 2 + (axes["low"] - 0.3)
        return difficulty(item) < 0.9 - (1 - caution) ** steepness / 2, 100, round(100 / (5 - 3 * caution))

    work, _, result = raced(tmp_path / "half", found, formula, True)
    whole, _, full = raced(tmp_path / "full", found, formula, False)
    ours, theirs = (each.entry(each.pick).row for each in (result, full))
    assert ours.score.value * ours.tpf >= 0.9 * theirs.score.value * theirs.tpf
    assert forwards(work.records.known.values()) <= forwards(whole.records.known.values()) / 2


def test_the_reference_is_never_dropped_and_everyone_is_compared_on_the_same_items(found, tmp_path):
    def bad_reference(axes, item, chance):
        return axes != dict(found.reference.setting.axes), 100, 90 if axes == dict(found.reference.setting.axes) else 30

    work, made, result = raced(tmp_path, found, bad_reference, True)
    assert work.reached[0] == 24 and result.entry(0).row.score.value == 0
    reached = sorted(work.reached.values())
    assert set(reached) <= {6, 12, 24} and reached.count(6) >= 11
    order = [(each.task.task, each.item.id) for each in found.halves.search]
    for trial in found.listed:
        own = [(task, item) for label, task, item in made.decoded if label == trial.label]
        assert sorted(own) == sorted(order[: work.reached[trial.number]])


def test_what_the_whole_grid_would_take_is_estimated_well(found, tmp_path):
    work, *_ = raced(tmp_path / "half", found, surface((0.8, 0.5)), True)
    whole, *_ = raced(tmp_path / "full", found, surface((0.8, 0.5)), False)
    costs = Costs(work, found.reference, found.halves.search)
    assert costs.full(found.listed) == pytest.approx(forwards(whole.records.known.values()), rel=0.03)
    assert costs.spent(found.listed) == forwards(work.records.known.values())


def test_rounds():
    assert rungs(12) == [3, 6, 12] and rungs(2) == [1, 2] and rungs(1) == [1] and rungs(12, False) == [12]
    assert planned(24, [3, 6, 12]) == 12 * 3 + 6 * 6


def test_a_condition_decides_who_goes_on(found, tmp_path):
    from dlldecode.bench.gate import parse

    made = Made(surface(None))
    work = evaluator(tmp_path, made, found, Goal(constraint=parse("tpf>=3.5")))
    race(found.listed, work, found.halves.search, True)
    last = [number for number, items in work.reached.items() if items == 24 and number]
    assert last and all(work.row(found.listed[number], found.halves.search).tpf >= 3.5 for number in last)
