"""DUS: levels of a dilated schedule."""

import pytest
import torch

from dlldecode import strategies
from dlldecode.engine.loop import Watch, decode

from ..fakes import VOCABULARY, World, end_of, model_of, play, recipe, steps_of
from ..views import expect, view_of


def turns(length: int, **options) -> str:
    """The number of the step that writes each position of a block."""
    model = model_of([World(1)], length)
    made = recipe("dus", {"threshold": 0.0, **options}, max_tokens=length, block_length=length, stop="none")
    marks = [""] * length
    for number, step in enumerate(steps_of(list(decode(model, [(1,)], made, watch=Watch(steps=True))))):
        for commit in step.commits:
            marks[commit.position] = str(number)
    return "".join(marks)


@pytest.mark.parametrize(
    ("length", "options", "expected"),
    [
        (16, {}, "0323132303231323"),
        (16, {"base_skip": 2}, "0212021202120212"),
        (8, {}, "02120212"),
        (4, {}, "0101"),
        (2, {}, "00"),
        (1, {}, "0"),
        (9, {"base": 3}, "011011011"),
        (12, {}, "022122022122"),
        (20, {"base": 3}, "02121202121202121202"),
        (4, {"base_skip": 9}, "0000"),
        (4, {"base_skip": 2**31 - 1}, "0000"),
    ],
)
def test_schedules(length, options, expected):
    """Strides of 16: 8, 4, 2, 1. Of 20 in thirds: 6, 2, and the rest."""
    assert turns(length, **options) == expected


def test_a_small_last_level_goes_with_the_one_before():
    """Of 7 in fifths: stride 1 at once. Of 3 in halves: 1 at once. Of 5 in halves: 0, 2, 4 and then fewer."""
    assert turns(7, base=5) == "0000000" and turns(3) == "000"
    assert turns(5) == "00000"


def played(strategy, *drawings):
    """Confidences of one step after the other, and what is written."""
    lines = [drawing.split() for drawing in drawings]
    masked = torch.ones(1, len(lines[0][0]), dtype=torch.bool)
    state = strategy.init(masked, VOCABULARY)
    for confidence, expected in lines:
        view = view_of(masked, [[int(digit) / 10 for digit in confidence]])
        decision, state = expect(strategy, view, state, expected)
        masked = masked & ~decision.commit
    return masked


def test_unsure_positions_wait_for_the_last_level():
    strategy = strategies.load("dus", threshold=0.5)
    left = played(strategy, "90004000 W.......", "00900090 ..W...W.", "00000000 .W.WWW.W")
    assert not left.any()


def test_equality_is_sure_and_a_level_of_unsure_ones_hands_on():
    strategy = strategies.load("dus", threshold=0.5)
    assert not played(strategy, "00500000 ..W.....", "00000000 WW.WWWWW").any()


def test_not_a_number_is_written_at_its_turn_where_nothing_must_be_sure():
    strategy = strategies.load("dus", threshold=0.0)
    view = view_of([[True] * 4], [[float("-inf")] * 4])
    expect(strategy, view, strategy.init(view.masked, VOCABULARY), "W.W.")


def test_rows_of_different_lengths_have_their_own_strides():
    strategy = strategies.load("dus", threshold=0.0)
    masked = torch.tensor([[at < size for at in range(8)] for size in (8, 4, 2, 1, 0)])
    view = view_of(masked, torch.rand(5, 8), valid=masked)
    decision, _ = strategy.step(view, strategy.init(masked, VOCABULARY))
    places = [[at for at in range(8) if decision.commit[row, at]] for row in range(5)]
    assert places == [[0, 4], [0, 2], [0, 1], [0], []]


def test_a_short_last_block_is_scheduled_by_its_own_length():
    events = play(
        model_of([World(2)], 20), recipe("dus", {"threshold": 0.0}, max_tokens=20, block_length=16, stop="none")
    )
    assert end_of(events).steps == 4 + 2


def test_what_opens_behind_the_block_waits_for_its_own_schedule():
    """A window that has grown from 4 to 8 positions: the schedule is that of the 4 it opened with."""
    strategy = strategies.load("dus", threshold=0.0)
    state = strategy.init(torch.tensor([[True] * 4 + [False] * 4]), VOCABULARY)
    view = view_of([[True] * 8], [[0.9] * 8])
    decision, state = expect(strategy, view, state, "W.W.....")
    expect(strategy, view_of(view.masked & ~decision.commit, view.confidence), state, ".W.W....")
