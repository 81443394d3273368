"""Items decoded, judged and counted, on the weightless toy model."""

import pytest

from dlldecode.bench import measure as measuring
from dlldecode.bench import session
from dlldecode.bench import task as tasks
from dlldecode.bench.items import Item, items
from dlldecode.bench.matrix import named, settings
from dlldecode.bench.records import Records
from dlldecode.bench.verdict import Verdict
from dlldecode.config.layers import Layer
from dlldecode.errors import ModelError, UsageError
from dlldecode.models.toy import Toy

ANSWER = "seven"
FLAGS = Layer({"decode.max_tokens": 16, "decode.block_length": 8}, dict.fromkeys(["decode.max_tokens"], "-n"))


@pytest.fixture
def asked(tmp_path):
    """A task of four questions, of which the toy answers two rightly."""
    lines = "".join(f'{{"prompt": "p{n}", "answer": "{ANSWER if n % 2 else n}"}}\n' for n in range(4))
    (tmp_path / "own.jsonl").write_text(lines)
    (task,) = tasks.find(str(tmp_path / "own.jsonl"))
    return task, items(task)


@pytest.fixture(autouse=True)
def scorer(monkeypatch):
    """A scorer that wants the answer as it stands."""

    class Exact:
        RUNS_CODE = False

        def score(self, doc, text):
            if doc["answer"] == "raise":
                raise ZeroDivisionError("by zero")
            return Verdict({"accuracy": float(text == doc["answer"])}, answer=text)

    monkeypatch.setattr(measuring.scorers, "load", lambda name: Exact())


def plan(asked, *presets, flags=FLAGS, runs=1):
    return session.plan(settings(named(presets), [], (flags,), Layer()), [asked], runs)


def decoded(model, groups, warm_ups=0):
    return [item for item in session.decoded(model, groups, warm_ups) if not isinstance(item, session.WarmedUp)]


def test_every_item_is_judged_and_counted(asked):
    found = decoded(Toy(answer=ANSWER), plan(asked, "vanilla", "topk").groups)
    assert [(record["setting"], record["item"]) for record in found] == [
        (name, str(n)) for name in ("vanilla", "topk") for n in range(4)
    ]
    assert [record["metrics"]["accuracy"] for record in found] == [0, 1, 0, 1] * 2
    first, last = found[0], found[-1]
    assert first["text"] == first["answer"] == ANSWER and first["error"] is None
    assert first["tokens"]["canvas"] == 16 and first["forwards"]["total"] > last["forwards"]["total"]
    assert first["seconds"]["elapsed"] >= first["seconds"]["decode"] > 0 and first["memory"] > 2**20
    assert first["joules"] is None and len({record["key"] for record in found}) == 8


def test_runs_repeat_every_item_with_the_same_tokens(asked):
    found = decoded(Toy(seed=3), plan(asked, "threshold", runs=2).groups)
    once, again = found[:4], found[4:]
    assert [record["run"] for record in found] == [0] * 4 + [1] * 4
    assert [record["token_ids"] for record in once] == [record["token_ids"] for record in again]


def test_a_session_that_was_cut_off_goes_on(asked, tmp_path):
    whole, records = plan(asked, "vanilla", "topk"), Records(tmp_path / "out")
    found = session.decoded(Toy(answer=ANSWER), whole.left(records), 0)
    for _ in range(5):
        records.append(next(found))
    records.close()
    again = Records(tmp_path / "out", go_on=True)
    left = whole.left(again)
    assert [(group.setting.label, [item.id for item in group.items]) for group in left] == [("topk", ["1", "2", "3"])]
    for record in decoded(Toy(answer=ANSWER), left):
        again.append(record)
    assert whole.left(again) == []
    fresh = decoded(Toy(answer=ANSWER), whole.groups)
    assert [record["token_ids"] for record in whole.results(again)] == [record["token_ids"] for record in fresh]


def test_keys_tell_settings_tasks_and_data_apart(asked, tmp_path):
    task, listed = asked
    whole = plan(asked, "threshold")
    other = Layer({**FLAGS.values, "strategy_options.threshold": 0.8}, {})
    changed = [Item(item.id, {**item.doc, "answer": "new"}, item.prompt) for item in listed]
    others = [plan(asked, "threshold", flags=other), plan((task, changed), "threshold"), plan(asked, "factor")]
    for each in others:
        assert not set(each.keys) & set(whole.keys)
    assert plan(asked, "threshold").digest == whole.digest


def test_a_scorer_that_raises_marks_its_item_and_the_run_goes_on(asked):
    task, listed = asked
    broken = [Item(item.id, {"answer": "raise"} if item.id == "2" else item.doc, item.prompt) for item in listed]
    found = decoded(Toy(answer=ANSWER), plan((task, broken), "threshold").groups)
    assert [bool(record["error"]) for record in found] == [False, False, True, False]
    assert found[2]["error"].endswith("failed: ZeroDivisionError: by zero") and found[2]["metrics"] == {}
    assert found[2]["text"] == ANSWER


def test_an_item_that_cannot_be_decoded_is_marked(asked):
    task, listed = asked
    long = [Item(item.id, item.doc, item.prompt) for item in listed]
    long[1] = Item("1", listed[1].doc, type(listed[1].prompt)("x" * 10**6, id="own/1"))
    found = decoded(Toy(answer=ANSWER), plan((task, long), "threshold").groups)
    assert [bool(record["error"]) for record in found] == [False, True, False, False]
    assert "reads at most" in found[1]["error"] and found[1]["forwards"]["total"] == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_a_strategy_that_raises_over_one_item_costs_that_item_alone(asked, monkeypatch, rows):
    class Broken(Toy):
        def forward(self, query, store):
            if any(bytes(token for token in row if token < 128) == b"p2" for row in prompts(query)):
                raise RuntimeError("a row too much")
            return super().forward(query, store)

    def prompts(query):
        return [[token for token in row if token < 128][:2] for row in query.tokens.tolist()]

    flags = Layer({**FLAGS.values, "batch_size": rows}, {})
    found = decoded(Broken(answer=ANSWER), plan(asked, "vanilla", flags=flags).groups)
    assert [record["item"] for record in found] == ["0", "1", "2", "3"]
    assert [record["error"] for record in found] == [None, None, "RuntimeError: a row too much", None]


def test_a_model_that_fails_ends_the_run(asked, monkeypatch):
    def forward(self, query, store):
        raise ModelError("its weights hold NaN")

    monkeypatch.setattr(Toy, "forward", forward)
    with pytest.raises(ModelError, match="NaN"):
        decoded(Toy(answer=ANSWER), plan(asked, "vanilla").groups)


def test_a_metric_that_the_scorer_does_not_give_is_told(asked):
    task, listed = asked
    wrong = task.model_copy(update={"metric": "accurcy"})
    with pytest.raises(UsageError, match="gives accuracy, not accurcy"):
        decoded(Toy(answer=ANSWER), plan((wrong, listed), "vanilla").groups)


def test_every_setting_is_warmed_up_once(asked):
    events = list(session.decoded(Toy(answer=ANSWER), plan(asked, "vanilla", "topk", runs=2).groups, 2))
    kinds = ["w" if isinstance(event, session.WarmedUp) else "r" for event in events]
    assert "".join(kinds) == "w" + "r" * 8 + "w" + "r" * 8


def test_the_tally(asked):
    tally = session.Tally(4)
    for event in session.decoded(Toy(answer=ANSWER), plan(asked, "vanilla").groups, 1):
        tally.add(event)
    assert (tally.done, tally.failed) == (4, 0) and 0 < tally.decoding < tally.seconds and 0 < tally.beside < 1
