"""What the engine promises with any strategy: it ends, waits once a step, keeps rows apart, and may be watched."""

import dataclasses
import math
from collections import defaultdict

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dlldecode import strategies
from dlldecode.engine.board import seat
from dlldecode.engine.host import Order
from dlldecode.engine.loop import Watch, decode, run
from dlldecode.trace.events import Finished, Started, Stepped

from ..fakes import MASK, SPEC, VOCABULARY, Fake, World, end_of, model_of, play, recipe, steps_of
from ..small import network
from .cases import CASES, NAMES
from .stages import graphs_of

every_case = pytest.mark.parametrize("case", CASES, ids=NAMES)
PLAIN = {"max_tokens": 14, "block_length": 6, "stop": "none"}


def smooth(query) -> torch.Tensor:
    """Logits from tensor arithmetic alone, different for every board, position and token."""
    seen = query.tokens if query.visible is None else torch.where(query.visible, query.tokens, 0)
    place = query.position.gather(1, query.wanted).unsqueeze(2).double()
    board = ((seen + 1) * (query.position + 3) ** 2 * (seen > 0)).sum(dim=1).reshape(-1, 1, 1)
    entry = torch.arange(1, VOCABULARY + 1)
    return (3 * torch.sin(board * 0.37 + place * 1.91 + entry * entry * 0.73)).float()


def results(events) -> list:
    """Everything that is told at the ends, but for the clock."""
    ends = sorted((event for event in events if isinstance(event, Finished)), key=lambda end: end.index)
    return [dataclasses.replace(end, seconds=0.0) for end in ends]


def deeds(events, row=0) -> list:
    return [(step.step, step.block, step.commits, step.revocations, step.regions) for step in steps_of(events, row)]


# It ends


def hostile(query) -> torch.Tensor:
    """Logits that give a strategy nothing to go by, another kind in every row."""
    logits, entry = smooth(query), torch.arange(VOCABULARY)
    third = query.position.gather(1, query.wanted).unsqueeze(2) % 3 == 0
    kinds = {
        "equal": torch.zeros_like(logits),
        "nan": torch.full_like(logits, math.nan),
        "infinity": torch.full_like(logits, math.inf),
        "minus infinity": torch.full_like(logits, -math.inf),
        "some nan": torch.where(third, math.nan, logits),
        "one nan": torch.where(entry == 3, math.nan, logits),
        "one infinity": torch.where(entry == 3, math.inf, logits),
        "one token": torch.where(entry == 3, 0.0, -math.inf).expand_as(logits),
        "mask": torch.where(entry == MASK, 50.0, logits),
        "mask alone": torch.where(entry == MASK, 0.0, -math.inf).expand_as(logits),
        "sure mask": torch.where(entry == MASK, math.inf, logits),
        "ties": torch.where(entry == 5, 20.0, 0.0).expand_as(logits).bfloat16(),
        "coarse": logits.bfloat16().round(),
    }
    every = list(kinds.values())
    rows = range(KINDS) if query.rows is None else query.rows.tolist()
    return torch.stack([every[row].float()[at] for at, row in enumerate(rows)])


KINDS = 13


@every_case
@pytest.mark.parametrize("stop", ["none", "first"])
def test_hostile_logits_end_within_the_bound(case, stop):
    name, options = case
    made = recipe(name, options, max_tokens=14, block_length=6, stop=stop)
    steps = defaultdict(int)
    events = []
    for event in decode(Fake(hostile), [(1, 2)] * KINDS, made, watch=Watch(steps=True)):
        events.append(event)
        if isinstance(event, Stepped):
            steps[event.index, event.block] += 1
            width = event.block.last - event.block.first + 1
            assert steps[event.index, event.block] <= width * (made.strategy.max_idle + 1)
    ends = results(events)
    assert len(ends) == KINDS
    assert stop == "first" or all(MASK not in end.token_ids for end in ends)


# It waits once a step


class NoReads(TorchDispatchMode):
    """Refuses the operations by which a device value reaches the host."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = str(function)
        for read in ("_local_scalar_dense", "nonzero", "masked_select", "is_nonzero", "unique", "equal.default"):
            assert read not in name, name
        return function(*args, **(kwargs or {}))


@every_case
def test_one_read_a_step_and_one_an_ending(case, monkeypatch):
    name, options = case
    guidance = 0.0 if "shadow" in strategies.load(name, **options).needs else 0.5
    made = recipe(name, options, temperature=0.7, cfg_scale=guidance, **{**PLAIN, "stop": "first"})
    model = Fake(smooth)
    session, board = seat(model, [(1, 2), (3,), (4, 5, 6)], made, [1, 2, 3])
    calls = []
    for method in ("tolist", "item", "cpu", "numpy", "__bool__", "__int__", "__float__", "__index__", "nonzero"):
        original = getattr(torch.Tensor, method)

        def counting(self, *args, method=method, original=original):
            calls.append(method)
            return original(self, *args)

        monkeypatch.setattr(torch.Tensor, method, counting)
    with NoReads():
        events = list(run(model, board, session, Watch(steps=True)))
    monkeypatch.undo()
    ends = {end.steps for end in results(events)}
    assert calls == ["tolist"] * (len(model.queries) + len(ends))
    assert len(model.queries) == max(ends)


@every_case
def test_late_polling_changes_nothing_but_idle(case):
    name, options = case
    made = recipe(name, options, **{**PLAIN, "stop": "first"})
    prompts = [(1, 2), (3,), (4, 5, 6)]
    told = {}
    for lag in (0, 3):
        model = Fake(smooth)
        session, board = seat(model, prompts, made, [0, 0, 0])
        told[lag] = list(run(model, board, session, Watch(steps=True, lag=lag)))
        longest = max(end.steps for end in results(told[lag]))
        assert len(model.queries) == longest + lag
        for end in results(told[lag]):
            assert end.forwards.idle <= len(model.queries) - end.steps
    for row in range(3):
        assert deeds(told[3], row) == deeds(told[0], row)
    for late, prompt in zip(results(told[3]), results(told[0]), strict=True):
        forwards = dataclasses.replace(late.forwards, idle=prompt.forwards.idle)
        assert dataclasses.replace(late, forwards=forwards) == prompt


@every_case
def test_observing_or_decoding_again_changes_nothing(case):
    name, options = case
    made = recipe(name, options, temperature=0.5, **PLAIN)
    prompts = [(1, 2), (3,)]
    seen = list(decode(Fake(smooth), prompts, made, watch=Watch(steps=True)))
    unseen = list(decode(Fake(smooth), prompts, made))
    assert results(seen) == results(unseen)
    assert not any(isinstance(event, Stepped) for event in unseen)


# Rows are alone


@every_case
def test_rows_of_a_batch_equal_single_rows(case):
    """Prompts of unequal length, rows that end at different times and stand in different blocks."""
    name, options = case
    made = recipe(name, options, temperature=0.8, **{**PLAIN, "stop": "first"})
    prompts, keys = [(1, 2), (3,), (4, 5, 6, 7)], [5, 6, 7]
    together = play(Fake(smooth), made, prompts, keys=keys)
    for row, (prompt, key) in enumerate(zip(prompts, keys, strict=True)):
        alone = play(Fake(smooth), made, [prompt], keys=[key])
        assert deeds(alone) == deeds(together, row)
        one, other = end_of(alone), end_of(together, row)
        assert (one.token_ids, one.steps, one.effective, one.remasked) == (
            other.token_ids, other.steps, other.effective, other.remasked,
        )  # fmt: skip
        assert one.forwards.total == other.forwards.total


# Events tell what happened


@every_case
def test_events_are_well_formed(case):
    name, options = case
    canvas, block, prompts = 21, 8, [(1, 2), (3,), (4, 5, 6)]
    made = recipe(name, options, max_tokens=canvas, block_length=block, stop="none")
    worlds = [World(seed, drift=0.7, pull=0.3) for seed in (3, 4, 5)]
    events = play(model_of(worlds, canvas), made, prompts)
    starts = events[:3]
    assert starts == [Started(row, prompt, canvas, MASK) for row, prompt in enumerate(prompts)]
    for row in range(3):
        steps = steps_of(events, row)
        assert made.strategy.max_idle or all(step.commits for step in steps)
        columns = len(prompts[2]) + canvas + (block if made.casts_shadow else 0)
        replay(steps, end_of(events, row), canvas, block, columns)
    assert {type(event) for event in events[3:]} == {Stepped, Finished}


def replay(steps, end, canvas, block, columns):
    """Rebuild the canvas from the steps, checking every one of them."""
    board, remasked, clock = [MASK] * canvas, 0, 0.0
    for number, step in enumerate(steps):
        stays = number > 0 and not step.commits and step.block == steps[number - 1].block
        low = step.block.first if stays else board.index(MASK) // block * block
        assert (step.step, step.forwards) == (number, number + 1)
        assert (step.block.first, step.block.last) == (low, min(low + block, canvas) - 1)
        commits, taken = {commit.position for commit in step.commits}, set(step.revocations)
        assert not commits & taken
        rewritten = {at for at in commits if board[at] != MASK}
        open_ = {at for at in range(low, step.block.last + 1) if board[at] == MASK} | taken | rewritten
        assert commits <= open_ and all(board[at] != MASK for at in taken)
        covered = [at for region in step.regions for at in range(region.first, region.last + 1)]
        assert sorted(covered) == sorted(open_)
        assert all(b.first > a.last + 1 for a, b in zip(step.regions, step.regions[1:], strict=False))
        if not any(commit.kind == "seed" for commit in step.commits):
            beside = {at for at in range(low, step.block.last + 1) if at not in open_}
            assert set(step.anchors) == {at for at in beside if at - 1 in open_ or at + 1 in open_}
        else:
            assert set(step.anchors) == {commit.position for commit in step.commits if commit.kind == "seed"}
        assert all(low <= c.first <= c.last <= step.block.last for c in step.clusters)
        assert list(step.commits) == sorted(step.commits) and clock <= step.seconds
        for commit in step.commits:
            assert 0 < commit.confidence <= 1 and commit.token != MASK
            board[commit.position] = commit.token
        for at in taken:
            board[at] = MASK
        remasked, clock = remasked + len(taken), step.seconds
    assert (list(end.token_ids), end.steps, end.remasked) == (board, len(steps), remasked)
    assert (end.forwards.full, end.forwards.window, end.forwards.total) == (len(steps), 0, len(steps))
    assert end.forwards.positions == len(steps) * columns
    assert end.effective == next((at for at, token in enumerate(board) if token in SPEC.stop_ids), canvas)
    assert end.finish == ("length" if end.effective == canvas else "stop")


# One graph


FULL = Order([0, 1], True, False, 0, 6)


@pytest.mark.compile
@pytest.mark.parametrize("case", [*((name, {}) for name in strategies.available()), ("hierarchy", {"remask": 0.35})])
def test_a_step_with_its_strategy_is_one_graph_a_stage(case):
    """The same one in every step, over the border of a block."""
    name, options = case
    made = recipe(name, options, temperature=0.5, suppress_stop="confidence", max_tokens=6, block_length=3)
    assert graphs_of(Fake(smooth), made, [(1, 2), (3,)], [FULL] * 5) == {"prepare": 1, "conclude": 1}


@pytest.mark.compile
@pytest.mark.parametrize(("name", "settings"), [("threshold", {}), ("threshold", {"cfg_scale": 1.0}), ("wino", {})])
def test_openings_of_some_rows_are_one_graph_and_windows_another(name, settings):
    """Whichever rows they are; with every row twice, and with masks in the shadow."""
    made = recipe(name, max_tokens=12, block_length=6, cache="dual", **settings)
    opening = [Order([row], True, True, 0, 12) for row in (0, 1)]
    inside = [Order([0, 1], False, False, 0, 12)] * 2
    assert graphs_of(network(False), made, [(1, 2), (3,)], opening + inside) == {"prepare": 2, "conclude": 2}
