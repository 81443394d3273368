"""What is shown of a study: chart, pictures, importance, the folder."""

import json

import pytest

from dlldecode.errors import UsageError
from dlldecode.tune import study
from dlldecode.tune.chart import Spot, chart
from dlldecode.tune.halving import race, rungs
from dlldecode.tune.importance import explained
from dlldecode.tune.outcome import outcome, shares
from dlldecode.tune.plot import picture

from .synthetic import Made, evaluator, trials


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    found = trials(grid="high=0.7..0.9..0.1,low=0.3,0.4,0.5", count=24)
    listed = found.some(found.space.grid())
    work = evaluator(
        tmp_path_factory.mktemp("study"), Made(lambda axes, item, chance: (1, 90, round(40 * axes["high"]))), found
    )
    race(listed, work, found.halves.search, True)
    return outcome(work, listed, found.halves.search, rungs(12)), work, listed, found


def test_the_chart_is_small_and_shows_every_end():
    lines = chart([Spot(1, 50), Spot(3, 90, "●"), Spot(2, 70, "◇"), Spot(1, 50)], 20, 5)
    assert len(lines) == 7 and lines[0].startswith(" 90.0 %") and lines[0].endswith("●")
    assert lines[4].startswith(" 50.0 %") and lines[4].partition("│")[2] == "·"
    assert "1.00" in lines[-1] and "3.00 TPF" in lines[-1] and max(map(len, lines)) <= 30
    assert chart([]) == [] and len(chart([Spot(1, 1)])) == 8


@pytest.mark.parametrize("axes", [None, ("high", "low")])
def test_pictures(result, axes):
    assert picture(result[0], "png", axes).startswith(b"\x89PNG")
    drawn = picture(result[0], "svg", axes)
    assert b"<svg" in drawn and drawn == picture(result[0], "svg", axes)
    words = [b"reference", b"pick", b"dropped", b"TPF"] if axes is None else [b"high", b"low", b"score", b"TPF", b"*"]
    assert all(word in drawn for word in words)


def test_importance_is_the_share_of_variance_between_groups(result):
    points = [{"a": a, "b": b} for a in (1, 2, 3) for b in (1, 2)]
    assert explained([point["a"] for point in points], points) == {"a": 1.0, "b": 0.0}
    found = explained([point["a"] * 2 + point["b"] for point in points], points)
    assert found["a"] == pytest.approx(32 / 35) and found["b"] == pytest.approx(3 / 35)
    assert explained([1.0] * 6, points) == {"a": 0.0, "b": 0.0}
    _, work, listed, made = result
    assert shares(work, listed, made.halves.search[:3])["tpf"]["high"] > 0.99


def test_trials_on_few_items_stand_where_they_stood_beside_the_reference(result):
    found, work, listed, made = result
    (fewest, *_) = [entry for entry in found.entries if entry.items == 3]
    own = work.row(listed[0], made.halves.search[:3])
    whole = work.row(listed[0], made.halves.search)
    assert fewest.level.tpf == pytest.approx(fewest.row.tpf * whole.tpf / own.tpf)


def about(**changes):
    return {**study.identity("topk", "x", {"k": {"values": [1, 2]}}, "items"), **changes}


def test_a_study_of_something_else_is_refused(tmp_path):
    study.opened(tmp_path / "one", about()).close()
    study.opened(tmp_path / "one", about()).close()
    for key, value, word in [
        ("space", {"k": {"values": [1]}}, "another space (k with 2 values, not k with 1 values)"),
        ("preset", "dico", "another preset (topk, not dico)"),
        ("items", "others", "another set of items"),
    ]:
        with pytest.raises(UsageError) as raised:
            study.opened(tmp_path / "one", about(**{key: value}))
        assert word in str(raised.value) and "--study" in str(raised.value)


def test_folders(tmp_path):
    assert study.folder(tmp_path, "mine", about()) == tmp_path / "mine"
    assert study.folder(tmp_path, None, about()) != study.folder(tmp_path, None, about(items="others"))
    for name in ("a/b", "", ".."):
        with pytest.raises(UsageError, match="--study"):
            study.folder(tmp_path, name, about())
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "records.jsonl").write_text(json.dumps({"key": "1"}) + "\n")
    with pytest.raises(UsageError, match="no study"):
        study.opened(tmp_path / "bench", about())
