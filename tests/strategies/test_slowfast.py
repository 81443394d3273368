"""SlowFast: where cycles end, and what each phase writes."""

import torch

from dlldecode import strategies

from ..fakes import VOCABULARY
from ..views import drawn, expect


def play(options, *steps, start=None):
    """Decide step after step; each is a window, its confidences and the expected outcome. The cycles after each."""
    strategy = strategies.load("slowfast", **options)
    state, cycles = start, []
    for window, confidence, expected in steps:
        view = drawn(f"{window}\n{confidence}")
        state = strategy.init(view.masked, VOCABULARY) if state is None else state
        _, state = expect(strategy, view, state, expected)
        cycles.append(tuple(int(part) for part in state))
    return cycles


BARS = {"tau_min": 0.3, "tau_high": 0.8}


def test_two_records_that_agree_end_the_slow_phase():
    cycles = play(
        BARS,
        ("________", "96514111", "W......."),
        ("a_______", "96515111", ".W......"),
        ("aa______", "96956111", "..W....."),
        ("aaa_____", "99996999", "...W...."),
    )
    assert cycles == [(0, 0, 1, 5, 0), (0, 5, 2, 5, 1), (0, 5, 3, 3 + 2, 1), (0, 5, 4, 8, 1)]


def test_records_one_apart_agree_and_two_apart_do_not():
    assert play(BARS, ("____", "9411", "W..."), ("a___", "9941", ".W.."))[1] == (0, 3, 2, 3, 1)
    assert play(BARS, ("____", "9411", "W..."), ("a___", "9994", ".W.."))[1] == (0, 0, 2, 4, 0)
    assert play(BARS | {"variance": 1.01}, ("____", "9411", "W..."), ("a___", "9994", ".W.."))[1] == (0, 4, 2, 4, 1)


def test_the_last_slow_step_takes_the_mean_of_two_records():
    steps = ("________", "94111111", "W......."), ("a_______", "99411944", ".W......")
    assert play(BARS | {"explore": 2}, *steps)[1] == (0, 5, 2, 8, 1)
    assert play(BARS | {"explore": 1}, steps[0])[0] == (0, 2, 1, 2, 1), "one record is its own mean"


def test_what_nobody_sees_is_at_least_one_position():
    assert play(BARS | {"explore": 1}, ("____", "1112", "...W"))[0] == (0, 1, 1, 1, 1)


def test_the_fast_phase_writes_the_sure_ones_of_its_cycle_or_its_best():
    steps = ("________", "95555111", "W......."), ("a_______", "95555111", ".W......")
    cycles = play(
        BARS,
        *steps,
        ("aa______", "99979999", "..W.W..."),
        ("aaa_a___", "99929999", "...W...."),
    )
    assert cycles[2][:2] == (0, 5)
    assert cycles[3] == (5, 0, 0, 0, 0), "the next cycle begins behind it"


def test_a_cycle_that_the_slow_phase_filled_is_followed_by_the_next():
    assert play(BARS, ("____", "4411", "W..."), ("a___", "9411", ".W.."))[1] == (2, 0, 0, 0, 0)


def test_k_positions_a_slow_step():
    play(BARS | {"k": 3}, ("______", "127341", "..WWW."))


def test_as_released_the_slow_phase_goes_on_and_writes_several_sure_ones():
    options = BARS | {"conventions": "released", "explore": 3}
    cycles = play(
        options,
        ("________", "94111118", "W......W"),
        ("a______a", "94111111", ".W......"),
        ("aa_____a", "99499111", "...WW..."),
    )
    assert cycles == [(0, 0, 1, 8, 0), (0, 0, 2, 2, 0), (0, 3, 3, 5, 1)]
    assert play(options, ("____", "4411", "W..."), ("a___", "9411", ".W.."))[1] == (0, 2, 2, 2, 0), "not yet fast"


def test_a_bar_is_passed_above_it_and_as_released_on_it():
    view, strategy = drawn("__\n88"), strategies.load("slowfast", **BARS)
    state = strategy.init(view.masked, VOCABULARY)._replace(end=torch.tensor([2]), is_fast=torch.tensor([True]))
    value = view.confidence[0, 0].item()
    for conventions, expected in (("paper", "W."), ("released", "WW")):
        options = {**BARS, "tau_high": value, "conventions": conventions}
        expect(strategies.load("slowfast", **options), view, state, expected)
