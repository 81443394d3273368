"""From records to figures: intervals, rates, differences, areas."""

import math
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of

from dlldecode.bench.compare import report
from dlldecode.bench.report import Estimate
from dlldecode.bench.statistics import area, averaged, bootstrap, interval, wilson

from .records import SWEEP, failed, record, scored, sweep

SCORES = any_of.lists(any_of.floats(0, 1), min_size=1, max_size=12)
quick = settings(max_examples=25, deadline=None)


def of(records, labels=("vanilla", "dico"), tasks=("sums",)):
    return report(records, labels, tasks, {})


def only(records, **wanted):
    (row,) = of(records, **wanted).rows
    return row


# Intervals


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [(5, 10, 0.236593, 0.763407), (0, 10, 0, 0.277533), (10, 10, 0.722467, 1), (1, 29, 0.006113, 0.171755)],
)
def test_wilson_as_newcombe_and_others_tabulate_it(successes, count, low, high):
    assert wilson(successes, count) == pytest.approx((successes / count, low, high), abs=5e-6)


@quick
@given(any_of.lists(SCORES, min_size=1, max_size=3))
def test_the_bootstrap_holds_the_mean_and_repeats(strata):
    found = bootstrap(strata)
    assert found.low <= found.value <= found.high and found == bootstrap(strata)
    assert found.value == pytest.approx(fmean(map(fmean, strata)))
    assert min(map(min, strata)) - 1e-9 <= found.low and found.high <= max(map(max, strata)) + 1e-9


@quick
@given(any_of.lists(SCORES, min_size=1, max_size=3))
def test_the_bootstrap_of_what_is_swapped_is_negated(strata):
    found, swapped = bootstrap(strata), bootstrap([[-value for value in values] for values in strata])
    assert swapped == pytest.approx((-found.value, -found.high, -found.low), abs=1e-9)


def test_the_bootstrap_agrees_with_the_normal_law_where_items_are_many():
    values = [number % 10 / 10 for number in range(400)]
    reach = 1.96 * stdev(values) / math.sqrt(len(values))
    assert bootstrap([values]) == pytest.approx((0.45, 0.45 - reach, 0.45 + reach), abs=0.002)


def test_strata_are_resampled_within_themselves():
    assert bootstrap([[0.0] * 9, [1.0] * 9]) == (0.5, 0.5, 0.5)


def test_only_zeros_and_ones_are_shares():
    assert interval([0, 1, 1]) == wilson(2, 3) and interval([0, 0.5, 1]) == bootstrap([[0, 0.5, 1]])


def test_means_of_tasks_recover_their_interval_from_the_tasks():
    perfect = wilson(10, 10)
    assert averaged([perfect]) == pytest.approx(perfect)
    both = averaged([perfect, Estimate(0.5, 0.2, 0.9)])
    assert both.value == 0.75
    assert both.low == pytest.approx(0.75 - math.hypot(perfect.value - perfect.low, 0.3) / 2)
    assert both.high == pytest.approx(0.75 + 0.4 / 2)


# AUP: figures that the leaderboard of d3LLM publishes, and what a pencil finds


@pytest.mark.parametrize(
    ("points", "best", "published"),
    [
        ([(1, 74.79), (2.77, 74.68)], 74.98, 205.8),
        ([(1, 74.02), (9.11, 73.09)], 74.98, 637.7),
        ([(1, 32.1), (1.97, 30.82)], 41.15, 47.2),
        ([(1, 32.76), (5.74, 30.36)], 41.15, 107.6),
        ([(1, 41.58), (2.13, 38.6)], 63.6, 56.6),
        ([(1, 42.0), (4.21, 40.6)], 63.6, 88.4),
        ([(1, 38.16), (2.56, 37.8)], 67.73, 54.0),
    ],
)
def test_areas_are_those_of_the_leaderboard(points, best, published):
    assert area(points, best) == (pytest.approx(published, abs=0.06), 2)


def test_areas_by_hand():
    assert area([(2, 80)], 90) == (160, 1)  # the first rectangle is not discounted
    assert area([(3, 80), (1, 80)], 80) == (80 + 160, 2)
    assert area([(1, 80), (2, 75), (3, 74.9)], 80) == (pytest.approx(80 + (80 + 75 * math.exp(-3 / 16)) / 2), 2)
    assert area([(1, 0), (2, 0)], 0) == (0, 2)


def test_presets_that_axes_gave_points_have_areas():
    found = of(sweep("sums", "tales"), tuple(SWEEP), ("sums", "tales"))
    assert [(each.preset, each.task) for each in found.areas] == [
        (preset, task) for preset in ("threshold", "dico") for task in ("sums", "tales", "all")
    ]
    rows = [row for row in found.rows if (row.preset, row.task) == ("dico", "sums")]
    best = max(100 * row.score.value for row in found.rows if row.task == "sums")
    each = next(each for each in found.areas if (each.preset, each.task) == ("dico", "sums"))
    assert (each.value, each.points) == area([(row.tpf, 100 * row.score.value) for row in rows], best)
    assert found.about["aup"] == {"alpha": 3, "drop": 5, "y_max": {"sums": best, "tales": 80}}
    means = [each.value for each in found.areas if each.preset == "dico"]
    assert means[2] == pytest.approx((means[0] + means[1]) / 2)


# Rows


def test_a_row_by_hand():
    slow = {"seconds": {"decode": 3.5, "prepare": 0.5, "elapsed": 9.0, "score": 0.0}}
    tokens = {"prompt": 1, "effective": 40, "canvas": 64}
    forwards = {"total": 30, "full": 30, "window": 0, "idle": 0, "positions": 900}
    pair = [
        record(item="a", memory=7, joules=2.0),
        record(item="b", memory=5, joules=4.0, steps=30, **slow, **scored(0.0), tokens=tokens, forwards=forwards),
    ]
    row = only(pair)
    assert (row.items, row.failed, row.runs, row.metric, row.metrics) == (2, 0, 1, "accuracy", {"accuracy": 0.5})
    assert row.score == wilson(1, 2)
    assert (row.tpf, row.canvas_tpf, row.tps, row.canvas_tps) == (60 / 40, 96 / 40, 60 / 4, 96 / 4)
    assert (row.forwards, row.full, row.window, row.positions, row.steps, row.remasked) == (20, 16, 4, 600, 20, 1)
    assert (row.seconds, row.memory, row.joules, row.difference, row.speedup) == (2, 7, 3, None, None)
    assert row.tps_deviation is None


def test_rows_of_a_batch_share_the_clock():
    assert only([record(batch_size=4)]).tps == 20 / 2


def test_runs_are_averaged_by_item_and_tell_a_deviation():
    fast = {"seconds": {"decode": 0.75, "prepare": 0.25, "elapsed": 9, "score": 0}}
    row = only([record(item="a"), record(item="a", run=1, **scored(0.0), **fast), record(item="b", **scored(0.0))])
    assert (row.items, row.runs, row.score.value) == (2, 2, 0.25)
    assert row.tps_deviation == pytest.approx(stdev([20, 40]))


def test_failed_items_count_as_zero_and_in_nothing_else():
    whole, row = only([record()]), only([record(), record(item="b", **failed())])
    assert (row.failed, row.items, row.score.value, row.metrics) == (1, 2, 0.5, {"accuracy": 0.5})
    assert (row.tpf, row.tps, row.forwards, row.steps) == (whole.tpf, whole.tps, whole.forwards, whole.steps)
    nothing = only([record(**failed())])
    assert (nothing.score.value, nothing.tpf, nothing.tps, nothing.memory) == (0, 0, 0, None)


def test_metrics_of_parts_weigh_every_part_alike():
    parts = ({"accuracy": 1.0, "parts": [1.0, 1.0, 0.0]}, {"accuracy": 0.0, "parts": [0.0]})
    row = only([record(item=str(number), metrics=metrics) for number, metrics in enumerate(parts)])
    assert row.metrics == {"accuracy": 0.5, "parts": 0.5}


def test_a_record_that_comes_twice_counts_as_its_last():
    assert only([record(**scored(0.0)), record()]).score.value == 1


def test_differences_are_of_the_items_that_both_have():
    vanilla = [record(item=item, **scored(score)) for item, score in (("a", 1.0), ("b", 1.0), ("c", 0.0))]
    dico = [record("dico", item, **scored(score)) for item, score in (("b", 0.0), ("c", 0.0), ("d", 1.0))]
    first, second = of(vanilla + dico).rows
    assert first.difference is None and second.difference == bootstrap([[-1.0, 0.0]])
    assert second.score.value == pytest.approx(1 / 3) and second.speedup == 1
    assert of([*vanilla, record("dico", "z")]).rows[1].difference is None


def test_all_tasks_weigh_alike_however_many_items_they_have():
    pair = [record(task="long", item=str(item)) for item in range(9)] + [record(task="short", **scored(0.0))]
    found = of([*pair, record("dico", task="long")], tasks=("long", "short"))
    assert [(row.label, row.task) for row in found.rows] == [
        ("vanilla", "long"), ("vanilla", "short"), ("vanilla", "all"), ("dico", "long")
    ]  # fmt: skip
    assert found.overall == (whole := found.rows[2],)
    assert (whole.score.value, whole.items, whole.forwards, whole.metrics) == (0.5, 10, 10, {"accuracy": 0.5})
    assert whole.score == averaged([wilson(9, 9), wilson(0, 1)])


def test_differences_over_all_tasks_are_stratified():
    found = of(sweep("sums", "tales"), tuple(SWEEP), ("sums", "tales"))
    sums, tales, whole = (row.difference for row in found.rows if row.label == "topk")
    assert whole.value == pytest.approx((sums.value + tales.value) / 2)
    assert whole.high - whole.low < min(sums.high - sums.low, tales.high - tales.low)


def test_nothing_is_a_report_too():
    assert of([]).rows == () and report([], [], [], {"model": "tiny"}).about["model"] == "tiny"
