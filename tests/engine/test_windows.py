"""Where windows stand and how they move, drawn by hand."""

from dataclasses import replace

import pytest
import torch

from dlldecode.batch import most_forwards
from dlldecode.engine import windows
from dlldecode.engine.windows import Extent, Window
from dlldecode.engine.windows.adablock import Adablock
from dlldecode.engine.windows.fixed import Fixed
from dlldecode.engine.windows.multiblock import Multiblock
from dlldecode.errors import UsageError

from ..fakes import VOCABULARY, World, model_of, play, recipe, steps_of
from ..views import DIGITS, view_of

EXTENT = Extent(canvas=10, block=4)


def window_of(pairs) -> Window:
    return Window(*(torch.tensor(column) for column in zip(*pairs, strict=True)))


def pairs_of(window) -> list[tuple[int, int]]:
    return list(zip(window.start.tolist(), window.end.tolist(), strict=True))


def moved(rule, window, pending, extent=EXTENT):
    return pairs_of(rule.move(window_of(window), torch.tensor(pending, dtype=torch.bool), extent))


def test_windows_stay_move_on_or_close():
    nothing, middle, late, last = [0] * 10, [0, 0, 1] + [0] * 7, [0] * 6 + [1] * 4, [0] * 9 + [1]
    assert moved(Fixed(), [(0, 4)] * 3, [middle, late, nothing]) == [(0, 4), (4, 8), (10, 10)]
    assert moved(Fixed(), [(4, 8)] * 3, [late, last, nothing]) == [(4, 8), (8, 10), (10, 10)]
    assert moved(Fixed(), [(8, 10), (10, 10)], [nothing, nothing]) == [(10, 10), (10, 10)]


def test_the_places_of_a_window_stay_inside_the_canvas():
    window = Window(torch.tensor([0, 8, 10]), torch.tensor([4, 10, 10]))
    assert window.places(4, 10).tolist() == [[0, 1, 2, 3], [8, 9, 9, 9], [9, 9, 9, 9]]
    assert window.inside(4).tolist() == [[True] * 4, [True, True, False, False], [False] * 4]
    assert window.covers(torch.zeros(3, 10, dtype=torch.bool)).sum(dim=1).tolist() == [4, 2, 0]


def test_the_first_window_is_the_leftmost_block_or_the_canvas():
    zero = torch.zeros(2, dtype=torch.int64)
    assert pairs_of(Fixed().open(zero, EXTENT)) == [(0, 4)] * 2
    assert pairs_of(Fixed().open(zero, Extent(10, 64))) == [(0, 10)] * 2
    assert Fixed().width(Extent(10, 64)) == 10


# AdaBlock

LINE = 7  # the delimiter's id
SMALL = Extent(canvas=12, block=3)


def settled(options, confidence, lines, step=0, extent=SMALL, start=0):
    """The end of a window that was opened at `start`, whose proposals are delimiters at `lines`."""
    rule = Adablock(**{"delimiters": (LINE,), "outlook": 0.5} | options)
    window = rule.open(torch.tensor([start]), extent)
    width = rule.width(extent)
    view = view_of(
        window.inside(width),
        [[DIGITS[mark] for mark in confidence.ljust(width)]],
        proposal=torch.tensor([[LINE if at in lines else 1 for at in range(width)]]),
        block_step=torch.tensor([step]),
    )
    return pairs_of(rule.settle(view, window, extent))[0]


def test_a_block_ends_behind_its_likeliest_delimiter():
    assert settled({}, "949595", {1, 3}) == (0, 4)
    assert settled({}, "949595", {1, 3, 5}) == (0, 4), "the leftmost of equals"
    assert settled({}, "999999", {0}) == (0, 1)
    assert settled({}, "999999", {5}) == (0, 6), "longer than block_length"


def test_a_block_without_a_likely_delimiter_has_its_usual_length():
    assert settled({}, "999999", set()) == (0, 3)
    assert settled({}, "929199", {1, 3}) == (0, 3)
    assert settled({"likely": 0.2}, "929199", {1, 3}) == (0, 2), "reaching the bar is enough"


def test_delimiters_beyond_the_outlook_do_not_count():
    wide = Extent(canvas=12, block=5)
    assert settled({"outlook": 0.25}, "11199", {3}, extent=wide) == (0, 5)
    assert settled({"outlook": 0.25}, "11919", {2, 4}, extent=wide) == (0, 3)
    assert settled({"outlook": 0.05}, "99999", {0}, extent=wide) == (0, 5), "no position is searched"


def test_only_a_new_window_is_drawn_in_and_none_passes_the_canvas():
    assert settled({}, "949595", {1}, step=1) == (0, 6)
    assert settled({}, "99", set(), start=10) == (10, 12)
    assert settled({}, "99", {0}, start=10) == (10, 11)
    assert settled({}, "", set(), start=12) == (12, 12)


def test_the_width_is_the_outlook_or_the_block():
    assert Adablock().width(Extent(128, 16)) == 32
    assert Adablock().width(Extent(128, 64)) == 64
    assert Adablock().width(Extent(8, 64)) == 8


def test_delimiters_are_spelled_by_the_model():
    words = {"\n": [7], ". ": [3, 4]}
    spell = windows.Spell(words.__getitem__, vocabulary=12)
    assert Adablock(("\n", 5)).spelled(spell) == Adablock((7, 5))
    with pytest.raises(UsageError, match=r"'\. ' is 2 tokens"):
        Adablock((". ",)).spelled(spell)
    for token in (-5, 12):
        with pytest.raises(UsageError, match=f"{token} is no token of this model; its ids are 0 to 11"):
            Adablock((token,)).spelled(spell)


# Multi-block


def drawn(*rows):
    """What is pending: `_`, with a gap between blocks."""
    return [[mark == "_" for mark in row.replace(" ", "")] for row in rows]


def test_the_next_block_opens_when_enough_of_the_last_one_is_written():
    pending = drawn("ab__ ____ __", "a___ ____ __", "ab__ abc_ __", "ab__ ____ __")
    before = [(0, 4), (0, 4), (0, 8), (0, 8)]
    assert moved(Multiblock(), before, pending) == [(0, 8), (0, 4), (0, 10), (0, 8)]
    assert moved(Multiblock(opening=0.25), before, pending) == [(0, 8), (0, 8), (0, 10), (0, 8)]
    assert moved(Multiblock(opening=1.0), before, pending) == [(0, 4), (0, 4), (0, 8), (0, 8)]


def test_finished_blocks_are_left_behind():
    done, second, last = [0] * 4 + [1] * 6, [0] * 4 + [1, 0, 0, 0] + [1, 1], [0] * 8 + [0, 1]
    assert moved(Multiblock(), [(0, 4), (0, 8), (0, 10)], [done, second, last]) == [(4, 8), (4, 10), (8, 10)]
    assert moved(Multiblock(), [(0, 8), (8, 10), (10, 10)], [[0] * 10] * 3) == [(10, 10)] * 3


def test_a_block_with_nothing_to_write_is_not_opened():
    """As behind a stop token."""
    assert moved(Multiblock(), [(0, 4)], [[1, 0, 0, 0] + [0] * 6]) == [(0, 4)]


def test_no_more_blocks_than_allowed_are_open():
    pending = drawn("abc_ ab__ __", "abcd ab__ __")
    rule = Multiblock(most=2)
    assert moved(rule, [(0, 8)] * 2, pending) == [(0, 8), (4, 10)]
    assert (rule.width(EXTENT), Multiblock().width(EXTENT), rule.leading(EXTENT)) == (8, 10, 4)


# In a decoding


def test_a_rule_that_finds_its_blocks_takes_no_steps():
    for window in ("adablock", "multiblock"):
        with pytest.raises(UsageError, match=f"steps = 8, but window = {window}"):
            recipe("vanilla", window=window, steps=8)


def test_vanilla_writes_one_position_a_step_in_any_window():
    for window in windows.available():
        made = recipe("vanilla", max_tokens=18, block_length=4, window=window, stop="none")
        steps = steps_of(play(model_of([World(1)], 18), made.spelled(windows.Spell(lambda text: [3], VOCABULARY))))
        assert [len(step.commits) for step in steps] == [1] * 18
        assert all(commit.kind == "plain" for step in steps for commit in step.commits)


def test_the_schedule_of_a_window_is_about_what_it_holds():
    """Drawn in or grown: Dream writes one position a step, none in a window's first, two in its last."""
    for window in windows.available():
        made = recipe("dream", max_tokens=18, block_length=4, window=window, stop="none")
        steps = steps_of(play(model_of([World(1)], 18), made.spelled(windows.Spell(lambda text: [3], VOCABULARY))))
        assert {len(step.commits) for step in steps} == {0, 1, 2}
        assert sum(len(step.commits) == 0 for step in steps) == len({step.block.first for step in steps})
        assert len(steps) == 18 or (window == "multiblock" and 18 < len(steps) <= most_forwards(made))


def test_windows_that_overlap_count_what_they_hold_again():
    assert Multiblock().total(EXTENT) == 10 + 6 + 2
    assert Multiblock(most=2).total(EXTENT) == 8 + 6 + 2
    assert Multiblock(most=1).total(EXTENT) == Fixed().total(EXTENT) == Adablock().total(EXTENT) == 10


def test_the_forward_that_draws_a_window_in_already_has_its_schedule():
    """Every token is a delimiter: blocks of one position, each written by the step that opened it."""
    made = recipe("dream", max_tokens=6, block_length=4, window="adablock", stop="none")
    steps = steps_of(play(model_of([World(1)], 6), replace(made, windows=Adablock(tuple(range(12)), 0.0, 0.2))))
    assert [[commit.position for commit in step.commits] for step in steps] == [[at] for at in range(6)]
