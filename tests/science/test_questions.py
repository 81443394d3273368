"""What each question counts, by hand."""

from types import SimpleNamespace

import pytest
import torch

from dlldecode.batch import Prompt, Result
from dlldecode.bench.items import Item
from dlldecode.science import questions
from dlldecode.science.look import Look
from dlldecode.science.questions import bound, divergence, lengths, repair, trajectory
from dlldecode.science.source import Decoding, Source
from dlldecode.trace.events import Commit, Forwards, Interval, Started, Stepped

MASK = 63


def step(commits, revocations=(), block=(0, 5), phase="none", clusters=()):
    """A step from `{position: (token, confidence)}`."""
    written = tuple(Commit(at, token, sure, "plain", sure) for at, (token, sure) in commits.items())
    spans = tuple(Interval(*cluster) for cluster in clusters)
    return Stepped(0, 0, 1, Interval(*block), phase, written, tuple(revocations), (), (), spans, 0.0)


def decoding(*steps, final=(1, 2, 3, 4, 5, 6), effective=6, preset="made", score=1.0, item="0", block_length=6):
    setting = SimpleNamespace(label=preset, preset=preset)
    resolved = SimpleNamespace(settings=SimpleNamespace(block_length=block_length))
    group = SimpleNamespace(setting=setting, task=SimpleNamespace(task="task"), resolved=resolved)
    result = Result(item, 0, "p", token_ids=final, effective=effective, counts=Forwards())
    started = Started(0, (1, 2), len(final), MASK)
    return Decoding(group, Item(item, {}, Prompt("p")), started, steps, result, score)


TAKEN_BACK = (
    step({0: (1, 0.9), 3: (9, 0.5)}),
    step({1: (2, 0.9), 0: (1, 0.9)}, revocations=[3]),  # 0 is written anew, as it was
    step({2: (3, 0.9), 3: (4, 0.9), 4: (5, 0.9), 5: (6, 0.9)}),
)


def test_states_are_what_stood_before_each_step():
    canvases = [state.canvas for state in decoding(*TAKEN_BACK).states()]
    assert canvases == [[MASK] * 6, [1, MASK, MASK, 9, MASK, MASK], [1, 2, MASK, MASK, MASK, MASK]]


def test_every_question_has_presets_axes_and_a_picture_or_none():
    assert questions.available() == ("bound", "divergence", "lengths", "repair", "trajectory")
    assert all(questions.load(name).PRESETS for name in questions.available())


# bound


def test_a_step_is_a_set_and_so_is_each_of_its_clusters():
    made = decoding(step({0: (1, 0.9), 1: (2, 0.8), 4: (5, 0.7), 5: (6, 0.6)}, clusters=[(0, 1), (4, 5)]))
    sets = list(bound.sets_of(made, next(made.states())))
    assert [(one.case.unit, one.places, one.case.size) for one in sets] == [
        ("step", [0, 1, 4, 5], "3 to 4"), ("cluster", [0, 1], "2"), ("cluster", [4, 5], "2"),
    ]  # fmt: skip
    # 5 * 0.4, 3 * 0.2 and 3 * 0.4 against 1
    assert [one.case.bears for one in sets] == [False, True, False]
    assert sets[0].doubt == pytest.approx(0.1 + 0.2 + 0.3 + 0.4)


def test_rewritten_tokens_and_single_ones_are_no_set():
    made = decoding(*TAKEN_BACK)
    assert [len(list(bound.sets_of(made, state))) for state in made.states()] == [1, 0, 1]


@pytest.mark.parametrize(("count", "name"), [(2, "2"), (3, "3 to 4"), (4, "3 to 4"), (8, "5 to 8"), (40, "9 or more")])
def test_sizes(count, name):
    assert bound.size_of(count) == name


def test_what_one_at_a_time_would_write_decides(monkeypatch):
    """A set of two, of which the model alone would have written one otherwise."""
    monkeypatch.setattr(bound, "filled", lambda model, prompt, canvases, hidden: (torch.full_like(canvases, 7), None))
    made = decoding(step({0: (7, 0.9), 1: (2, 0.9)}))
    table = bound.answer(SimpleNamespace(model=None, decodings=lambda: [made]))
    assert table.rows == (("made", "step", "2", "yes", 1, 100.0, 50.0, 20.0),)


# divergence


def test_sets_are_in_a_row_or_one_in_each_stretch_and_the_same_every_time():
    made = decoding(final=tuple(range(40)), effective=36)
    sets = list(divergence.hidden_sets(made))
    assert sets == list(divergence.hidden_sets(made))
    assert {case.hidden for case, _ in sets} == {1, 2, 4, 8, 16} and len(sets) == 20
    for (count, shape), places in sets:
        assert len(set(places)) == count and max(places) < 36
        if shape == "contiguous":
            assert places == list(range(places[0], places[0] + count))
        else:
            assert [36 * at // count <= place < 36 * (at + 1) // count for at, place in enumerate(places)] == [
                True
            ] * count


def test_counts_of_which_an_answer_has_not_twice_as_many_are_left_out():
    assert {case.hidden for case, _ in divergence.hidden_sets(decoding(effective=6))} == {1, 2}
    assert not list(divergence.hidden_sets(decoding(effective=1)))


def test_the_divergence_is_what_many_steps_are_surer_by(monkeypatch):
    """Many write 7 everywhere at -1 a set; one step writes 7 on even places, and gives 7 a chance of e^-2."""
    place = torch.arange(6)
    monkeypatch.setattr(
        divergence,
        "filled",
        lambda model, prompt, canvases, hidden: (torch.full_like(canvases, 7), -torch.ones(len(canvases))),
    )
    one = torch.where(place % 2 == 0, 7, 8)
    monkeypatch.setattr(
        divergence, "look",
        lambda model, prompt, canvases, asked: Look(one.expand(canvases.shape), None, torch.full(canvases.shape, -2.0)),
    )  # fmt: skip
    monkeypatch.setattr(divergence, "hidden_sets", lambda made: [(divergence.Case(2, "contiguous"), [2, 3])])
    found = list(divergence.outcomes(SimpleNamespace(model=None), decoding()))
    assert found == [(divergence.Case(2, "contiguous"), divergence.Outcome(1, (-1 + 4) / 2))]


# lengths


def test_blocks_that_the_answer_fills_are_counted():
    steps = [step({}, block=(at, at + 1)) for at in (0, 0, 0, 2, 4, 4)]
    assert list(lengths.counted(decoding(*steps, effective=5, block_length=2))) == [(("made", 2), 3), (("made", 2), 1)]
    assert list(lengths.counted(decoding(*steps, effective=5, block_length=6))) == []


# trajectory


def test_distances_are_to_the_nearest_written_token_and_the_prompt_is_written():
    marks = "__#____#__"
    assert trajectory.distances([mark == "_" for mark in marks]) == [1, 1, 0, 1, 2, 2, 1, 0, 1, 2]
    assert trajectory.distances([True] * 4) == [1, 2, 3, 4]
    assert [trajectory.class_of(at) for at in (1, 2, 3, 4, 5, 16, 17, 90)] == [1, 2, 3, 3, 5, 9, 17, 17]


def test_masks_of_the_answer_are_taken_down_with_what_becomes_of_them(monkeypatch):
    """Half of the answer of 4 is written; the masks behind it do not count."""
    made = decoding(step({0: (1, 0.9), 3: (4, 0.9)}), step({1: (2, 0.9), 2: (3, 0.9)}), effective=4)

    def seen(model, prompt, canvases):
        tokens = torch.tensor([1, 2, 9, 4, 5, 6]).expand(canvases.shape)
        return Look(tokens, *[torch.full(canvases.shape, 0.95).log()] * 2)

    monkeypatch.setattr(trajectory, "look", seen)
    rows = trajectory.answer(SimpleNamespace(model=None, decodings=lambda: [made])).rows
    assert [row[1:4] for row in rows[:3]] == [("0 to 25 %", 1, 1), ("0 to 25 %", 2, 1), ("0 to 25 %", 3, 2)]
    assert rows[3:] == (("made", "50 to 75 %", 1, 2, 0.95, 100.0, 50.0),)


# repair


def test_doubts_are_tokens_taken_back_and_written_anew():
    assert list(repair.doubts(decoding(*TAKEN_BACK))) == [repair.Doubt(0, 1), repair.Doubt(3, 9)]


def test_a_replaced_token_is_judged_by_the_finished_answer(monkeypatch):
    """The 9 at 3 became a 4, which the model likes better there; the other doubt changed nothing."""
    shown = []

    def seen(model, prompt, canvases, asked):
        shown.append(canvases[0].tolist())
        return Look(None, None, torch.where(asked == 4, -0.1, -3.0))

    monkeypatch.setattr(repair, "look", seen)
    first = decoding(score=0.0, preset="first")
    second = decoding(*TAKEN_BACK, preset="second")
    rows = repair.answer(SimpleNamespace(model=None, decodings=lambda: [first, second])).rows
    assert shown[0] == [1, 2, 3, MASK, 5, 6]
    assert rows == (
        ("first", 0.0, 0, 0, 0.0, 0.0, None, None, None),
        ("second", 100.0, 1, 0, 3.0, 2.0, 50.0, 50.0, 0.0),
    )


def test_a_source_hands_on_every_decoding(monkeypatch):
    from dlldecode.science import source

    monkeypatch.setattr(source, "decoded", lambda model, group: [decoding(item=group)])
    told = []
    found = list(Source(None, ["a", "b"], told.append).decodings())
    assert found == told and [each.item.id for each in found] == ["a", "b"]
