"""Settings beside others, like with like."""

import csv
import io

import pytest

from dlldecode.bench import pairs
from dlldecode.bench.compare import beside, report
from dlldecode.bench.export import text
from dlldecode.errors import UsageError

from .records import failed, record, scored


def records():
    """Two items: what the threshold got wrong the others get right, in half of the forwards."""
    quick = {"forwards": {"total": 5, "full": 1, "window": 4, "idle": 0, "positions": 9}}
    for item in ("0", "1"):
        for near in (1.0, 2.0):
            yield record(f"threshold near={near}", item, **scored(0.0))
            yield record(f"dico near={near}", item, **scored(1.0), **quick)
        yield record("hierarchy", item, **scored(float(item)))


LABELS = ["threshold near=1.0", "threshold near=2.0", "dico near=1.0", "dico near=2.0", "hierarchy"]


def paired(found, against=("threshold",)):
    found = list(found)
    return beside(report(found, LABELS, ["sums"], {}), found, against)


def of(found, against=("threshold",)):
    return {row.label: row.beside for row in paired(found, against).rows}


def test_axes_that_both_have_are_alike_and_the_others_are_named():
    found = of(records())
    assert [(pair.other, pair.name) for pair in found["dico near=2.0"]] == [("threshold near=2.0", "threshold")]
    assert [pair.name for pair in found["hierarchy"]] == ["threshold near=1.0", "threshold near=2.0"]
    assert found["threshold near=1.0"] == ()


def test_a_pair_tells_the_difference_and_the_quotient():
    (pair,) = of(records())["dico near=1.0"]
    assert pair.difference == (1.0, 1.0, 1.0) and pair.tpf == (2.0, 2.0, 2.0)


def test_items_that_failed_count_for_the_score_and_not_for_the_rate():
    broken = [record("dico near=1.0", "0", **failed()), *(each for each in records() if each["item"] == "1")]
    (pair,) = of([*broken, *(each for each in records() if each["setting"] == LABELS[0])])["dico near=1.0"]
    assert pair.difference.value == 0.5 and pair.tpf.value == 2.0


def test_nothing_is_paired_unless_asked_for():
    assert not any(of(records(), against=()).values())


def test_a_preset_that_is_not_compared_is_refused():
    with pytest.raises(UsageError, match="--against wino: it is not among what is compared, which is dico, threshold"):
        pairs.check(["dico", "wino"], ["dico", "threshold", "dico"])


@pytest.mark.parametrize("format", ["table", "md"])
def test_pairs_stand_in_tables(format):
    shown = text(paired(records()), format, 120)
    assert "beside threshold" in shown and "+100.0 [+100.0, +100.0], 2.00×" in shown


def test_pairs_have_columns_of_their_own_in_csv():
    rows = list(csv.DictReader(io.StringIO(text(paired(records()), "csv"))))
    assert rows[2]["beside_threshold_difference"] == "1.0" and rows[2]["beside_threshold_tpf_low"] == "2.0"
    assert rows[0]["beside_threshold_difference"] == "" and rows[4]["beside_threshold near=2.0_tpf"] == "1.0"
