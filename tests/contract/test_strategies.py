"""What every strategy must obey, tested on its raw decision, before the guard could hide a fault."""

import random
from typing import get_args

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from dlldecode import strategies
from dlldecode.core.fields import fields
from dlldecode.core.step import Extra

from ..fakes import VOCABULARY
from ..views import random_view
from .cases import CASES, NAMES

pytestmark = pytest.mark.parametrize("case", CASES, ids=NAMES)
ROWS, WIDTH, STEPS = 6, 11, 3


def each(tree, change):
    """A nested named tuple with every tensor changed."""
    if isinstance(tree, torch.Tensor):
        return change(tree)
    if tree is None:
        return None
    items = [each(item, change) for item in tree]
    return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)


def leaves(tree) -> list:
    found = []
    each(tree, lambda tensor: found.append(tensor) or tensor)
    return found


def same(one, other) -> bool:
    pairs = list(zip(leaves(one), leaves(other), strict=True))
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


def story(strategy, seed: int, change=lambda tree: tree):
    """Views of several steps, each after the writes that the decision before it asked for, and what was decided."""
    dice = random.Random(seed)
    view = change(random_view(ROWS, WIDTH, seed))
    state = strategy.init(view.masked, VOCABULARY)
    for step in range(STEPS):
        decision, following = strategy.step(view, state)
        yield view, state, decision, following
        fresh = change(random_view(ROWS, WIDTH, dice.randrange(10**6), grid=4 if step % 2 else 0))
        masked = (view.masked & ~decision.commit) | (decision.revoke & ~decision.commit)
        view, state = fresh._replace(masked=masked, valid=view.valid), following


def load(case):
    name, options = case
    return strategies.load(name, **options)


def test_the_shapes_of_a_decision(case):
    for view, _, decision, _ in story(load(case), 0):
        assert decision.commit.dtype == decision.revoke.dtype == decision.notes.cluster.dtype == torch.bool
        assert decision.tokens.dtype == decision.notes.kind.dtype == decision.notes.phase.dtype == torch.int64
        assert decision.score.dtype == torch.float32
        for tensor in (*decision[:4], *decision.notes[:2]):
            assert tensor.shape == view.masked.shape
        assert decision.notes.phase.shape == view.step.shape


def test_only_legal_places_are_chosen_and_every_open_row_writes(case):
    """Nothing outside of the block, no write over a written position that is not doubted."""
    strategy = load(case)
    for seed in range(5):
        for view, _, decision, _ in story(strategy, seed):
            assert not (decision.commit & ~view.masked & ~decision.revoke).any()
            assert not (decision.revoke & (view.masked | ~view.valid)).any()
            asked = view.quota > 0 if strategy.uses_quota else torch.ones_like(view.quota, dtype=torch.bool)
            if strategy.max_idle == 0:
                writes = (decision.commit & view.masked).any(dim=1)
                assert not (view.masked.any(dim=1) & asked & ~writes).any()


def test_no_look_at_a_value(case):
    strategy = load(case)
    with FakeTensorMode(allow_non_fake_inputs=False) as mode:
        for _ in story(strategy, 1, lambda view: each(view, mode.from_tensor)):
            pass


@pytest.mark.parametrize("seed", range(2))
def test_a_row_of_a_batch_equals_the_row_alone(case, seed):
    strategy = load(case)
    for view, state, decision, following in story(strategy, seed):
        for row in range(ROWS):
            alone = strategy.step(*(each(tree, lambda t, row=row: t[row : row + 1].clone()) for tree in (view, state)))
            assert same(alone, each((decision, following), lambda t, row=row: t[row : row + 1]))


def test_a_strange_row_beside_changes_nothing(case):
    """One row of not-a-numbers and infinities leaves the others as they were."""
    strategy = load(case)
    for view, state, decision, _ in story(strategy, 7):
        spoilt = view.confidence.clone()
        spoilt[0] = torch.tensor([float("nan"), float("inf"), float("-inf")]).repeat(WIDTH)[:WIDTH]
        noise = torch.cat((spoilt[:1], view.noise[1:]))
        other, _ = strategy.step(view._replace(confidence=spoilt, noise=noise), state)
        assert same(each(other, lambda t: t[1:]), each(decision, lambda t: t[1:]))


def test_permuted_rows_give_permuted_decisions(case):
    strategy = load(case)
    turn = torch.tensor([3, 1, 5, 0, 4, 2])
    for view, state, decision, following in story(strategy, 2):
        turned = strategy.step(*(each(tree, lambda t: t[turn]) for tree in (view, state)))
        assert same(turned, each((decision, following), lambda t: t[turn]))


def test_a_finished_row_is_left_alone(case):
    """The last row of a story has nothing masked and nothing open."""
    for view, _, decision, _ in story(load(case), 3):
        assert not view.masked[-1].any()
        assert not decision.commit[-1].any() and not decision.revoke[-1].any()


def test_inputs_stay_as_they_were_and_outputs_are_the_same_again(case):
    strategy = load(case)
    for view, state, decision, following in story(strategy, 4):
        before = each((view, state), torch.clone)
        again = strategy.step(view, state)
        assert same(again, (decision, following))
        assert same(before, (view, state))
        assert same(strategy.init(view.masked, VOCABULARY), strategy.init(view.masked.clone(), VOCABULARY))


def test_only_what_it_needs_is_read(case):
    """Fields of `extra` that nobody asked for are None in the engine."""
    strategy = load(case)
    assert strategy.needs <= set(Extra._fields)
    for view, state, decision, following in story(strategy, 5):
        lean = Extra(**{name: getattr(view.extra, name) for name in strategy.needs})
        assert same(strategy.step(view._replace(extra=lean), state), (decision, following))


def test_the_state_keeps_its_shape(case):
    for _, state, _, following in story(load(case), 6):
        assert type(state) is type(following)
        kinds = [[(t.dtype, t.shape) for t in leaves(tree)] for tree in (state, following)]
        assert kinds[0] == kinds[1]


def test_options_have_defaults_ranges_and_sentences(case):
    for field in fields(strategies.kind(case[0])):
        assert field.about and not field.about.endswith(".")
        assert field.default is not None or type(None) in get_args(field.type)
