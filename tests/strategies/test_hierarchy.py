"""Hierarchy: regions between anchors, decoded in parallel; doubted tokens return to masks."""

import math
import random

import pytest
import torch

from dlldecode import strategies
from dlldecode.core.step import Kind

from ..fakes import MASK, Fake, Outlook, World, end_of, model_of, play, realise, recipe, steps_of
from ..views import check, outcome, random_view


def hierarchy(**options):
    return strategies.load("hierarchy", **{"high": 0.9, "low": 0.4, **options})


def test_the_best_of_every_region_is_written():
    check(
        hierarchy(),
        """
        a__b___c_
        .56.587.4
        ..W..W..W
        """,
    )


def test_regions_end_at_the_border_of_the_block():
    check(
        hierarchy(),
        """
        __a__####
        56.659999
        .W.W.....
        """,
    )


def test_everything_at_or_above_high_is_written_with_equality():
    check(
        hierarchy(),
        """
        ____a__b_
        9X59.89.8
        WW.W..W.W
        """,
    )


def test_the_best_of_a_region_needs_low_with_equality():
    check(
        hierarchy(),
        """
        __a__b__
        43.33.32
        W.......
        """,
    )


def test_nothing_anywhere_writes_the_best_of_the_block():
    check(
        hierarchy(),
        """
        __a__b__
        13.23.32
        .W......
        """,
    )


def test_ties_write_the_leftmost():
    check(
        hierarchy(),
        """
        ____a___b__
        5777.666.33
        .W...W.....
        """,
    )


def test_not_a_number_ranks_below_everything():
    check(
        hierarchy(),
        """
        __a__
        n5.nn
        .W...
        """,
    )
    check(
        hierarchy(),
        """
        __a__
        nn.nn
        W....
        """,
    )


def test_kinds_tell_why():
    decision = check(
        hierarchy(),
        """
        __a__b__
        95.65.31
        W..W....
        """,
    )
    assert [int(decision.notes.kind[0, at]) for at in (0, 3)] == [Kind.SURE, Kind.BEST]


def test_remasking_is_off_at_zero():
    check(
        hierarchy(),
        """
        _ab_
        500n
        W...
        """,
    )


def test_doubted_tokens_join_the_regions_and_return_to_masks():
    check(
        hierarchy(remask=0.3),
        """
        _ab__c_
        7285786
        WR..W.W
        """,
    )


def test_a_doubted_token_that_is_the_best_of_its_region_is_rewritten_in_place():
    check(
        hierarchy(remask=0.6),
        """
        _a_b__
        454986
        .O..W.
        """,
    )


def test_confidence_equal_to_remask_is_no_doubt():
    check(
        hierarchy(remask=0.5),
        """
        _ab_
        6588
        W..W
        """,
    )


def test_a_step_writes_one_more_than_were_doubted():
    check(
        hierarchy(remask=0.3),
        """
        _ab__
        32215
        WOR.W
        """,
    )
    check(
        hierarchy(remask=0.3),
        """
        _ab__
        32210
        WOO..
        """,
    )


@pytest.mark.parametrize(("by", "expected"), [("argmax", "W.W.W"), ("written", ".O..W")])
def test_what_is_doubted(by, expected):
    """Position 1: an improbable token stands there, another one is likely. Position 3: a likely enough one."""
    check(
        hierarchy(remask=0.3, remask_by=by),
        f"""
        _a_b_
        68588
        {expected}
        """,
        written=torch.tensor([[0.1, 0.1, 0.1, 0.4, 0.1]]),
        peak=torch.tensor([[0.6, 0.8, 0.5, 0.8, 0.8]]),
    )


# Against the rule in plain Python


def reference(c, trust, masked, valid, options):
    """dInfer's remasking rule for one row: commit and revoke as sets of positions."""
    width = len(c)
    doubted = {i for i in range(width) if valid[i] and not masked[i] and trust[i] < options["remask"]}
    area = [masked[i] or i in doubted for i in range(width)]
    if not any(masked):
        return None
    selected, run = set(), []
    for i in range(width + 1):
        if i < width and area[i]:
            run.append(i)
            continue
        if run:
            leader = min(run, key=lambda at: (-c[at], at))
            selected |= {at for at in run if c[at] >= options["high"]}
            selected |= {leader} if c[leader] >= options["low"] else set()
        run = []
    need = len(doubted) + 1 - len(selected)
    rest = sorted((i for i in range(width) if area[i] and i not in selected), key=lambda at: (-c[at], at))
    selected |= set(rest[: max(0, need)])
    return selected, doubted


@pytest.mark.parametrize("seed", range(40))
def test_random_windows_follow_the_rule(seed):
    dice = random.Random(seed)
    options = {
        "high": dice.choice([0.75, 0.9]),
        "low": dice.choice([0.25, 0.5]),
        "remask": dice.choice([0.0, 0.25, 0.5, 0.75]),
        "remask_by": dice.choice(["argmax", "written"]),
    }
    view = random_view(12, dice.choice([3, 8, 16, 33]), seed, grid=dice.choice([0, 4, 16]))
    strategy = strategies.load("hierarchy", **options)
    decision, _ = strategy.step(view, ())
    trust = view.written if options["remask_by"] == "written" else view.extra.peak
    rows = zip(*(t.tolist() for t in (view.confidence, trust, view.masked, view.valid)), strict=True)
    for row, numbers in enumerate(rows):
        expected = reference(*numbers, options)
        if expected is not None:
            found = [{at for at, flag in enumerate(t[row].tolist()) if flag} for t in decision[:2]]
            assert found == [*expected], outcome(decision, row)


@pytest.mark.parametrize("by", ["argmax", "written"])
def test_whole_decodings_follow_the_rule_and_always_shrink(by):
    """On worlds where nothing ties; the guard never has to step in."""
    options = {"high": 0.8, "low": 0.4, "remask": 0.45, "remask_by": by}
    canvas, block = 24, 16
    worlds = [World(seed, drift=0.9, pull=0.2) for seed in range(8)]
    model = model_of(worlds, canvas)
    events = play(model, recipe("hierarchy", options, max_tokens=canvas, block_length=block, stop="none"), [(1,)] * 8)
    revoked = rewritten = 0
    for row, world in enumerate(worlds):
        board = [MASK] * canvas
        for step in steps_of(events, row):
            lo, hi = step.block.first, step.block.last + 1
            chances = torch.softmax(world.logits(board).double(), dim=1)
            c = [outlook.confidence for outlook in world.look(board)][lo:hi]
            own = [float(chances[at, board[at]]) for at in range(lo, hi)]
            masked = [board[at] == MASK for at in range(lo, hi)]
            commit, doubted = reference(c, c if by == "argmax" else own, masked, [True] * (hi - lo), options)
            assert {commit_.position - lo for commit_ in step.commits} == commit
            assert {at - lo for at in step.revocations} == doubted - commit
            assert len(commit) > len(doubted)
            revoked, rewritten = revoked + len(doubted - commit), rewritten + len(doubted & commit)
            for at in step.revocations:
                board[at] = MASK
            for written in step.commits:
                board[written.position] = written.token
        end = end_of(events, row)
        assert list(end.token_ids) == board and MASK not in board
        assert end.remasked == sum(len(step.revocations) for step in steps_of(events, row))
    assert revoked > 5 and rewritten > 5


# How many steps a block takes


def shaped(canvas: int, confidence) -> Fake:
    """Confidences of a masked position from the run of masks it lies in: `confidence(offset, length)`."""

    def rule(query):
        board = query.tokens[0, -canvas:].tolist()
        rows, at = [], 0
        while at < canvas:
            length = 0
            while at + length < canvas and board[at + length] == MASK:
                length += 1
            chances = [confidence(offset, length) for offset in range(length)] or [0.95]
            rows += [realise(Outlook(3, chance, math.log(chance / (1 - chance) * 15))) for chance in chances]
            at += max(1, length)
        return torch.tensor(rows)[None, query.wanted[0] - 1]

    return Fake(rule)


@pytest.mark.parametrize("length", [8, 16, 32, 64])
def test_mid_peaked_confidences_take_logarithmically_many_steps(length):
    model = shaped(length, lambda offset, run: 0.7 - 0.2 * abs(offset - run // 2) / length)
    made = recipe("hierarchy", {"high": 0.9, "low": 0.4}, max_tokens=length, block_length=length)
    assert end_of(play(model, made, [(1,)])).steps == math.log2(length) + 1


@pytest.mark.parametrize("length", [8, 16, 32, 64])
def test_falling_confidences_take_a_step_for_every_position(length):
    model = shaped(length, lambda offset, run: 0.7 - 0.2 * offset / length)
    made = recipe("hierarchy", {"high": 0.9, "low": 0.4}, max_tokens=length, block_length=length)
    assert end_of(play(model, made, [(1,)])).steps == length
