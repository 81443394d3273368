"""Conditions on a report."""

import pytest

from dlldecode.bench.compare import report
from dlldecode.bench.gate import parse
from dlldecode.errors import UsageError

from .records import failed, record, scored

RECORDS = [
    record(item="a"), record(item="b"), record("dico", "a"), record("dico", "b", **scored(0.0)),
    record(task="tales", metrics={"accuracy": 1.0, "rhymes": 0.25}), record("dico", task="tales", **failed()),
]  # fmt: skip
REPORT = report(RECORDS, ["vanilla", "dico"], ["sums", "tales"], {})


@pytest.mark.parametrize(
    ("expression", "sentences"),
    [
        ("accuracy<0.75", ["dico on all: accuracy 0.25 < 0.75"]),
        ("accuracy<0.25", []),
        (" accuracy <= 0.25 ", ["dico on all: accuracy 0.25 <= 0.25"]),
        ("accuracy==1", ["vanilla on all: accuracy 1 == 1"]),
        ("tpf>=2", ["vanilla on all: tpf 2 >= 2", "dico on all: tpf 2 >= 2"]),
        ("forwards>10", []),
        ("difference<0", ["dico on all: difference -0.75 < 0"]),
        ("difference>-0.5", []),
        ("speedup<1.5", ["dico on all: speedup 1 < 1.5"]),
        ("failed>0", ["dico on all: failed 1 > 0"]),
        ("rhymes<5e-1", ["vanilla on tales: rhymes 0.25 < 0.5"]),
        ("joules>3", ["joules was not measured, so joules>3 cannot be ruled out"]),
    ],
)
def test_what_holds(expression, sentences):
    assert parse(expression, ["rhymes"]).holds(REPORT) == sentences


def test_a_single_task_is_the_whole():
    alone = report(RECORDS[:4], ["vanilla", "dico"], ["sums"], {})
    assert parse("accuracy<0.75").holds(alone) == ["dico on sums: accuracy 0.5 < 0.75"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("acuracy<0.7", "there is no figure 'acuracy'; did you mean accuracy?"),
        ("rhyme<0.7", "there is no figure 'rhyme'; did you mean rhymes?"),
        ("zzz<1", "there is no figure 'zzz'; there are accuracy, tpf, tps, forwards, difference, "),
        ("accuracy", "is no condition (KEY, one of < <= > >= ==, a number); write one such as accuracy<0.75."),
        ("accuracy=0.5", "is no condition"),
        ("tpf!=3", "is no condition"),
        ("", "is no condition"),
        ("accuracy<high", "'high' is no number; write one such as accuracy<0.75."),
        ("tpf<nan", "'nan' is no number"),
        ("accuracy<75", "accuracy lies within 0 and 1; write accuracy<0.75."),
    ],
)
def test_what_is_no_condition(expression, reason):
    with pytest.raises(UsageError) as found:
        parse(expression, ["rhymes"])
    assert reason in str(found.value) and repr(expression) in str(found.value) and "\n" not in str(found.value)
