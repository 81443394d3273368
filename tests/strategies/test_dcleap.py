"""DC-Leap: a run from the left, and drafts beyond the window."""

import torch

from dlldecode import strategies

from ..fakes import VOCABULARY, Fake, end_of, play, recipe, steps_of
from ..views import check, drawn, expect

STANDING = torch.tensor([[1, 0, 0, 3, 9, 5, 1, 1, 0]])


def dcleap(**options):
    return strategies.load("dcleap", **{"threshold": 0.7, "draft": 0.9, **options})


def test_the_run_ends_where_confidence_is_not_above_the_threshold():
    check(dcleap(), "ab________\n0088897X99\n..WWWW....")


def test_the_first_mask_is_written_in_any_case():
    check(dcleap(window=3), "a_____\n048891\n.W....")
    check(dcleap(window=3), "a_____\n0nXXX1\n.W....")


def test_one_mask_two_and_none():
    check(dcleap(), "abc_\n0001\n...W")
    check(dcleap(window=2), "ab__\n0098\n..WW")
    check(dcleap(), "abcd\n9999\n....")


def test_the_run_ends_with_the_window():
    check(dcleap(window=3), "a______\nXXXXXX8\n.WWW...")


def test_drafts_stand_beyond_the_next_window_up_to_twice_the_window():
    """The next window is 2 to 4, and this forward looks up to place 6."""
    check(dcleap(window=3), "a________\n081XX9XXX\n.W....W..")


def test_a_confidence_at_the_bar_is_no_draft():
    check(dcleap(window=2, draft=0.8), "______\n908898\nW.....")
    check(dcleap(window=2, draft=0.8), "______\n908998\nW..W..")


def test_standing_drafts_go_when_the_window_comes():
    """Places 3 to 7 are drafts. Of those that stay, sure ones change to what is expected now, which 5 is already."""
    check(dcleap(window=3), "a__bcdef_\n08100XX1X\n.W.RR.O..", current=STANDING)
    check(dcleap(window=2), "a__bcdef_\n08100XX1X\n.W.R.....", current=STANDING)
    check(dcleap(window=2), "a__bcdef_\n0810XXX1X\n.W.RO....", current=STANDING)


def test_a_draft_within_the_run_is_written_anew():
    """Which happens where a drafted stop token hid it until now."""
    strategy, view = dcleap(window=4), drawn("__a___\n888111")
    expect(strategy, view, strategy.init(view.masked, VOCABULARY), "WWO...")


def test_the_window_is_half_of_what_its_own_block_opens_with():
    """However wide other windows may be: of a last block of 4 in a window of 8, two positions."""
    check(dcleap(), "____####\nXXXX0000\nWW......")
    check(dcleap(), "________\nXXXXXXXX\nWWWW....")
    check(dcleap(), "_#######\n90000000\nW.......")


def test_drafts_end_with_the_row():
    check(dcleap(window=1), "a__##\n08XXX\n.W...")


def told(query) -> torch.Tensor:
    """Every place is sure of its own token, but for place 1."""
    place = query.wanted - 1
    logits = torch.zeros(*place.shape, 16).scatter_(2, place.unsqueeze(2) % 12, 8.0)
    return torch.where((place == 1).unsqueeze(2), logits / 8, logits)


def test_nothing_ends_on_a_draft():
    """With a window of 2 over 8: drafts at 3 and 4 are written, taken back, and written for good."""
    made = recipe("dcleap", {"window": 2}, max_tokens=8, block_length=8, stop="none")
    events = play(Fake(told), made, [(1,)])
    deeds = [([commit.position for commit in step.commits], [*step.revocations]) for step in steps_of(events)]
    assert deeds == [([0, 3], []), ([1, 4], [3]), ([2, 3], [4]), ([4, 5], []), ([6, 7], [])]
    assert (end_of(events).remasked, end_of(events).token_ids) == (2, tuple(range(8)))
