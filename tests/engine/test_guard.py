"""The guard against plain Python, and against strategies that take back at random."""

import dataclasses
import math
import random
from collections import defaultdict
from typing import ClassVar

import pytest
import torch

from dlldecode.core.step import Decision, Strategy, plain_notes, write
from dlldecode.engine.guard import Ledger, guard

from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of
from ..views import outcome, random_view, view_of


def bits(row) -> set[int]:
    return {at for at, flag in enumerate(row.tolist()) if flag}


def reference(decision, view, row, balance, idle, max_idle):
    """Commits, revocations, balance and idle steps of one row after the guard."""
    masked, valid = bits(view.masked[row]), bits(view.valid[row])
    score = [-math.inf if math.isnan(x) else x for x in decision.score[row].tolist()]
    revoke = bits(decision.revoke[row]) & (valid - masked)
    commit = bits(decision.commit[row]) & (masked | revoke)
    if not commit & masked and idle >= max_idle and masked:
        commit.add(min(masked, key=lambda at: (-score[at], at)))
    balance += len(commit & masked)
    remask = sorted(revoke - commit, key=lambda at: (score[at], at))
    kept = set(remask[: max(0, balance - int(view.block_step[row]) - 1)])
    idle = 0 if commit & masked else idle + 1
    return commit, (revoke & commit) | kept, balance - len(kept), idle


@pytest.mark.parametrize("seed", range(40))
def test_random_decisions_become_legal(seed):
    dice = random.Random(seed)
    rows, width, max_idle = 8, dice.choice([1, 4, 9]), dice.choice([0, 0, 2])
    view = random_view(rows, width, seed)

    def flags(share):
        return torch.tensor([[dice.random() < share for _ in range(width)] for _ in range(rows)])

    score = dice.choice([lambda: dice.random(), lambda: dice.choice([0.0, 0.5, math.nan, math.inf, -math.inf])])
    decision = Decision(
        commit=flags(dice.choice([0.0, 0.2, 0.8])),
        revoke=flags(dice.choice([0.0, 0.3, 1.0])),
        tokens=torch.full((rows, width), 7),
        score=torch.tensor([[score() for _ in range(width)] for _ in range(rows)]),
        notes=plain_notes(view),
    )
    balance = [dice.randint(0, width) for _ in range(rows)]
    idle = [dice.randint(0, 2) for _ in range(rows)]
    found, ledger = guard(decision, view, Ledger(torch.tensor(balance), torch.tensor(idle)), max_idle)
    for row in range(rows):
        commit, revoke, after, idle_after = reference(decision, view, row, balance[row], idle[row], max_idle)
        assert (bits(found.commit[row]), bits(found.revoke[row])) == (commit, revoke)
        assert (int(ledger.balance[row]), int(ledger.idle[row])) == (after, idle_after)
        forced = commit - bits(decision.commit[row])
        for at in commit:
            assert found.tokens[row, at] == (view.proposal[row, at] if at in forced else 7)


def test_the_least_doubted_revocations_are_dropped():
    """Two commits before, two now, third step: one may go, the one with the lowest score."""
    view = view_of([[False, True, False, True, False]], [[0.0] * 5], block_step=torch.tensor([2]))
    decision = Decision(
        commit=view.masked,
        revoke=~view.masked,
        tokens=view.proposal,
        score=torch.tensor([[0.3, 0.9, 0.1, 0.9, 0.2]]),
        notes=plain_notes(view),
    )
    found, ledger = guard(decision, view, Ledger(torch.tensor([2]), torch.tensor([0])), 0)
    assert outcome(found) == ".WRW."
    assert int(ledger.balance) == 3


@dataclasses.dataclass(frozen=True)
class Doubter(Strategy[tuple[()]]):
    """Writes and takes back at random, rewrites some, and sometimes does nothing."""

    max_idle: ClassVar[int] = 2
    commits: float = 0.3
    revokes: float = 0.5

    def init(self, masked, vocabulary):
        return ()

    def step(self, view, state):
        lazy = (view.step % 3 == 1).unsqueeze(1)
        commit = (view.noise < self.commits) & ~lazy
        revoke = (view.noise * 7 % 1 < self.revokes) & ~view.masked
        return Decision(commit, revoke, view.proposal, view.noise, plain_notes(view)), state


@pytest.mark.parametrize("seed", range(6))
def test_commits_minus_revocations_are_at_least_the_steps_that_wrote(seed):
    """Per row and block; a step may be idle only where nothing is taken back and `max_idle` allows it."""
    dice = random.Random(seed)
    doubter = Doubter(dice.choice([0.0, 0.2, 0.6]), dice.choice([0.3, 0.9, 1.0]))
    canvas, rows = 19, 4
    made = dataclasses.replace(recipe("topk", max_tokens=canvas, block_length=8, stop="none"), strategy=doubter)
    worlds = [World(seed * 10 + row) for row in range(rows)]
    events = play(model_of(worlds, canvas), made, [(1,)] * rows, keys=range(rows))
    taken = 0
    for row in range(rows):
        board, balance, steps, idle = [MASK] * canvas, defaultdict(int), defaultdict(int), 0
        for step in steps_of(events, row):
            width = step.block.last - step.block.first + 1
            steps[step.block] += 1
            fresh = [commit for commit in step.commits if board[commit.position] == MASK]
            idle = 0 if fresh else idle + 1
            assert idle <= doubter.max_idle
            assert all(board[at] != MASK and step.block.first <= at <= step.block.last for at in step.revocations)
            balance[step.block] += len(fresh) - len(step.revocations)
            assert not step.revocations or balance[step.block] >= steps[step.block]
            assert steps[step.block] <= width * (doubter.max_idle + 1)
            for commit in step.commits:
                board[commit.position] = commit.token
            for at in step.revocations:
                board[at] = MASK
            taken += len(step.revocations)
        assert list(end_of(events, row).token_ids) == board and MASK not in board
    assert taken or doubter.commits == 0.0


@dataclasses.dataclass(frozen=True)
class Idler(Strategy[tuple[()]]):
    """Never writes."""

    max_idle: ClassVar[int] = 3

    def init(self, masked, vocabulary):
        return ()

    def step(self, view, state):
        none = torch.zeros_like(view.masked)
        return Decision(none, none, view.proposal, view.confidence, plain_notes(view)), state


def test_only_who_has_written_may_stay():
    masked = torch.tensor([[True, False], [False, False], [True, True]])
    view = view_of(masked, [[0.5, 0.5]] * 3)
    decision = write(view, torch.tensor([[True, False], [False, False], [False, False]]))
    ledger = Ledger(torch.zeros(3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64))
    found, _ = guard(decision._replace(stay=torch.tensor([True, True, True])), view, ledger, 1)
    assert found.stay.tolist() == [True, False, False]
    assert guard(decision, view, ledger, 1)[0].stay is None


def test_the_guard_writes_the_best_scored_position_after_max_idle_steps():
    made = dataclasses.replace(recipe("topk", max_tokens=4, block_length=2, stop="none"), strategy=Idler())
    world = World(3)
    events = play(model_of([world], 4), made)
    steps = steps_of(events)
    assert [len(step.commits) for step in steps] == [0, 0, 0, 1] * 4
    assert {commit.kind for step in steps for commit in step.commits} == {"forced"}
    outlook = world.look([MASK] * 4)
    assert steps[3].commits[0].position == max((0, 1), key=lambda at: outlook[at].confidence)
    assert steps[3].commits[0].token == outlook[steps[3].commits[0].position].token
