"""What every window rule must keep to, with any strategy and any cache."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from dlldecode import caches, strategies
from dlldecode.batch import most_forwards
from dlldecode.caches.dual import Dual
from dlldecode.core.fields import fields
from dlldecode.engine import windows
from dlldecode.engine.board import seat
from dlldecode.engine.host import Order
from dlldecode.engine.loop import Watch, decode, run
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.strategies.wino import Wino
from dlldecode.trace.events import Finished, Stepped

from ..fakes import Fake, end_of, play
from .stages import graphs_of
from .test_caches import FAMILIES, KEEPING, PROMPTS, network
from .test_engine import KINDS, deeds, hostile, results, smooth

OPTIONS = {"fixed": [{}], "adablock": [{"likely": 0.1}], "multiblock": [{}, {"opening": 0.2, "most": 2}]}
CASES = [(name, options) for name in windows.available() for options in OPTIONS.get(name, [{}])]
every_rule = pytest.mark.parametrize("case", CASES, ids=[f"{name} {options}" for name, options in CASES])


def made(case, strategy, **settings):
    """A recipe with the rule of a case; every third token is a delimiter."""
    name, options = case
    chosen = Settings(**{"max_tokens": 26, "block_length": 5, "stop": "none", "window": name} | settings)
    recipe = build(chosen, strategy, {}, {"window_options": options})
    marks = tuple(range(0, 64, 3))
    return replace(recipe, windows=replace(recipe.windows, delimiters=marks)) if name == "adablock" else recipe


def decoded(recipe, policy, shifted=False, prompts=PROMPTS, lag=0) -> list[Finished]:
    model = network(shifted)
    session, board = seat(model, prompts, replace(recipe, cache=policy), [0] * len(prompts))
    ends = (event for event in run(model, board, session, Watch(False, lag)) if isinstance(event, Finished))
    return sorted(ends, key=lambda end: end.index)


def counted(ends) -> list:
    return [(end.token_ids, end.forwards.full, end.forwards.window) for end in ends]


@every_rule
@pytest.mark.parametrize("name", caches.available())
def test_shadows_of_windows_are_those_of_each_row_alone(name, case):
    """Windows differ in where they start and how wide they are; tokens are taken back, so shadows are looked at."""
    recipe, policy = made(case, "wino", max_tokens=36, block_length=7), caches.load(name)
    recipe = replace(recipe, strategy=Wino(threshold=0.3))
    together = decoded(recipe, policy)
    alone = [decoded(recipe, policy, prompts=[prompt])[0] for prompt in PROMPTS]
    assert [end.token_ids for end in together] == [end.token_ids for end in alone]
    assert sum(end.remasked for end in together) > 0


# Lean looks back as far as its widest window is wide.
@pytest.mark.parametrize("name", ["none", "dual"])
@pytest.mark.parametrize("strategy", strategies.available())
def test_what_a_view_shows_beyond_the_window_changes_nothing(strategy, name):
    """A next block that opens when the last one is full is the one after it, in a view three blocks wide."""
    wide = made(("multiblock", {"opening": 1.0, "most": 3}), strategy)
    narrow = made(("fixed", {}), strategy)
    assert wide.width(26) == 3 * narrow.width(26)
    policy = caches.load(name)
    assert [end.token_ids for end in decoded(wide, policy)] == [end.token_ids for end in decoded(narrow, policy)]


@FAMILIES
@every_rule
@pytest.mark.parametrize("name", caches.available())
def test_rows_are_alone_and_polling_may_be_late(name, case, shifted):
    recipe, policy = made(case, "hierarchy"), caches.load(name)
    together = counted(decoded(recipe, policy, shifted))
    assert together == [counted(decoded(recipe, policy, shifted, [prompt]))[0] for prompt in PROMPTS]
    assert together == counted(decoded(recipe, policy, shifted, lag=2))


@every_rule
@pytest.mark.parametrize("strategy", strategies.available())
def test_any_strategy_runs_in_any_window(strategy, case):
    recipe = made(case, strategy)
    for end in decoded(recipe, Dual()):
        assert network(False).spec.mask_id not in end.token_ids
        assert end.forwards.total <= most_forwards(recipe)


@every_rule
@pytest.mark.parametrize("name", [name for name in KEEPING if name != "lean"])
@pytest.mark.parametrize("strategy", ["threshold", "wino"])
def test_opening_every_forward_equals_no_cache(strategy, name, case):
    recipe = made(case, strategy)
    always = decoded(recipe, replace(caches.load(name), refresh=1))
    assert counted(always) == counted(decoded(recipe, caches.load("none")))


@every_rule
@pytest.mark.parametrize("strategy", strategies.available())
@pytest.mark.parametrize("stop", ["none", "first"])
def test_hostile_logits_end_within_the_bound(case, strategy, stop):
    recipe = made(case, strategy, stop=stop)
    steps, starts = defaultdict(int), defaultdict(list)
    for event in decode(Fake(hostile), [(1, 2)] * KINDS, recipe, watch=Watch(steps=True)):
        if isinstance(event, Stepped):
            steps[event.index] += 1
            starts[event.index].append(event.block)
            written = {commit.position for commit in event.commits}
            assert all(event.block.first <= at <= event.block.last for at in written)
    assert max(steps.values()) <= 26 * (recipe.strategy.max_idle + 1)
    for blocks in starts.values():
        assert all(one.first <= two.first and one.last <= two.last for one, two in pairwise(blocks))


@every_rule
def test_decoding_with_noise_in_a_batch_is_decoding_alone(case):
    recipe, prompts, keys = made(case, "threshold", temperature=0.8, stop="first"), [(1, 2), (3,), (4, 5, 6)], [5, 6, 7]
    together = play(Fake(smooth), recipe, prompts, keys=keys)
    for row, (prompt, key) in enumerate(zip(prompts, keys, strict=True)):
        alone = play(Fake(smooth), recipe, [prompt], keys=[key])
        assert deeds(alone) == deeds(together, row)
        assert end_of(alone).token_ids == end_of(together, row).token_ids
    assert len(results(together)) == 3


@every_rule
def test_options_have_defaults_ranges_and_sentences(case):
    for field in fields(windows.kind(case[0])):
        assert field.about and not field.about.endswith(".")
        assert windows.load(case[0]) == windows.load(case[0], **{field.name: field.default})


@pytest.mark.compile
@every_rule
def test_a_step_with_its_rule_is_one_graph_a_stage(case):
    recipe = made(case, "dico", max_tokens=9, block_length=3)
    orders = [Order([0, 1], True, False, 0, 9)] * 6
    assert graphs_of(Fake(smooth), recipe, [(1, 2), (3,)], orders) == {"prepare": 1, "conclude": 1}
