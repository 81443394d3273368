"""Saber: above the mean of what was written, and back again where confidence fell."""

import math

import torch

from dlldecode import strategies

from ..fakes import VOCABULARY, World, end_of, model_of, play, recipe
from ..views import DIGITS, expect, view_of


def played(strategy, *drawings, state=None, masked=None):
    """Confidences of one step after the other with what is to happen; what is masked in the end, and the state."""
    lines = [drawing.split() for drawing in drawings]
    masked = torch.ones(1, len(lines[0][0]), dtype=torch.bool) if masked is None else masked
    state = strategy.init(masked, VOCABULARY) if state is None else state
    for number, (confidence, expected) in enumerate(lines):
        view = view_of(masked, [[DIGITS[mark] for mark in confidence]], block_step=torch.tensor([number]))
        decision, state = expect(strategy, view, state, expected)
        masked = (masked & ~decision.commit) | decision.revoke
    return masked, state


def saber(**options):
    return strategies.load("saber", **options)


def test_the_first_step_writes_two_and_takes_the_worse_one_back():
    played(saber(), "5X3 .W.")


def test_ties_go_to_the_left_and_the_left_one_of_equals_is_taken_back():
    played(saber(), "5555 .W..")


def test_above_the_mean_of_all_writes_also_of_those_taken_back():
    """8 and 6 are written first, 6 is taken back: the mean is 7, and 7 is not above it. Then 8 rose least."""
    played(saber(), "86111 W....", "97788 R..WW")


def test_what_fell_most_is_taken_back_old_or_new():
    """First the token at the left falls from 9 to 2; in the other case it is back to 1 when it is written anew."""
    played(saber(), "97111 W....", "2199X R.WWW")
    played(saber(), "22111 .W...", "19311 ..W..")


def test_one_of_eight_is_taken_back_rounded_up():
    """Of seventeen three: the old one, which did not rise, and the leftmost of equals."""
    played(saber(least=1), f"1{'0' * 18} W{'.' * 18}", f"1{'9' * 17}0 R..{'W' * 15}.")


def test_at_least_half_of_the_least_is_taken_back():
    played(saber(least=6), "98765433 WWW.....")


def test_the_step_that_fills_the_block_takes_nothing_back():
    masked, _ = played(saber(), "98 WW")
    assert not masked.any()
    masked, _ = played(saber(), "3 W")
    assert not masked.any()


def test_nothing_masked_nothing_happens():
    played(saber(), "99 ..", masked=torch.zeros(1, 2, dtype=torch.bool))


def test_the_mean_goes_on_into_the_next_block():
    """2 and 4 fill the first block: of the second, 4 and 5 are above their mean. A fresh start would write two."""
    strategy = saber()
    _, state = played(strategy, "2400 WW..", masked=torch.tensor([[True, True, False, False]]))
    played(strategy, "4555 WWWW", state=state)
    played(strategy, "4555 ..W.")


def test_not_a_number_is_never_above_the_mean():
    played(saber(least=1), "n9n .W.", "n9n W..")


def test_no_revocation_outlives_the_guard():
    """Every step gains at least one position, and as many events tell of revocations as the record counts."""
    worlds = [World(seed, drift=1.0, pull=0.0) for seed in range(4)]
    events = play(model_of(worlds, 16), recipe("saber", max_tokens=16, block_length=16, stop="none"), [(1,)] * 4)
    for row in range(4):
        end = end_of(events, row)
        assert end.steps <= 15 and end.remasked > 0
    assert math.isfinite(end.seconds)
