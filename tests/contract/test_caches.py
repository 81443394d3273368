"""What every cache policy must keep to, on small random networks that hold real keys and values."""

from dataclasses import replace

import pytest

from dlldecode import caches, strategies
from dlldecode.caches.dual import Dual
from dlldecode.caches.policy import CachePolicy
from dlldecode.caches.vicinity import Vicinity
from dlldecode.engine.board import seat
from dlldecode.engine.loop import Watch, run
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.errors import UsageError
from dlldecode.models.network import Network
from dlldecode.trace.events import Finished

from ..small import network

PROMPTS = ([1, 2, 3, 4, 5], [7, 8], [9, 10, 11, 12, 13, 14, 15])
KEEPING = [name for name in caches.available() if caches.load(name).keeps]
FAMILIES = pytest.mark.parametrize("shifted", [False, True], ids=["llada", "dream"])


def decoded(
    model: Network, policy: CachePolicy, strategy="hierarchy", prompts=PROMPTS, lag=0, options=None, **more
) -> list[Finished]:
    settings = Settings(**{"max_tokens": 40, "block_length": 16, "stop": "none"} | more)
    recipe = replace(build(settings, strategy, options), cache=policy)
    session, board = seat(model, prompts, recipe, [0] * len(prompts))
    ends = (event for event in run(model, board, session, Watch(False, lag)) if isinstance(event, Finished))
    return sorted(ends, key=lambda end: end.index)


def tokens(ends: list[Finished]) -> list[tuple[int, ...]]:
    return [end.token_ids for end in ends]


@FAMILIES
@pytest.mark.parametrize("strategy", strategies.available())
@pytest.mark.parametrize("name", caches.available())
def test_any_strategy_runs_with_any_cache_and_rows_are_alone(name, strategy, shifted):
    model, policy, small = network(shifted), caches.load(name), {"max_tokens": 13, "block_length": 6}
    if shifted and "shadow" in strategies.load(strategy).needs:
        with pytest.raises(UsageError, match="shadows"):
            decoded(model, policy, strategy, **small)
        return
    together = decoded(model, policy, strategy, **small)
    for index in (0, 1):
        alone = decoded(model, policy, strategy, [PROMPTS[index]], **small)[0]
        assert together[index].token_ids == alone.token_ids
        assert together[index].forwards.full == alone.forwards.full
        assert together[index].forwards.window == alone.forwards.window
        assert model.spec.mask_id not in alone.token_ids


@FAMILIES
@pytest.mark.parametrize("name", caches.available())
def test_a_neighbour_with_a_long_prompt_changes_nothing(name, shifted):
    model, policy = network(shifted), caches.load(name)
    for neighbour in ([3], [*range(1, 50)]):
        first, _ = decoded(model, policy, prompts=[PROMPTS[0], neighbour])
        alone = decoded(model, policy, prompts=[PROMPTS[0]])[0]
        assert (first.token_ids, first.forwards.full, first.forwards.window) == (
            alone.token_ids, alone.forwards.full, alone.forwards.window,
        )  # fmt: skip


@FAMILIES
@pytest.mark.parametrize("name", caches.available())
def test_late_polling_changes_no_token_and_no_forward_that_counts(name, shifted):
    model, policy = network(shifted), caches.load(name)
    at_once, late = decoded(model, policy), decoded(model, policy, lag=2)
    assert tokens(at_once) == tokens(late)
    for one, other in zip(at_once, late, strict=True):
        assert (one.forwards.full, one.forwards.window) == (other.forwards.full, other.forwards.window)


@FAMILIES
@pytest.mark.parametrize("strategy", ["vanilla", "hierarchy", "dico"])
def test_a_window_that_covers_everything_equals_no_cache(strategy, shifted):
    model = network(shifted)
    wide = Vicinity(look_behind=400, look_ahead=400, warm_up_steps=0)
    assert tokens(decoded(model, wide, strategy)) == tokens(decoded(model, caches.load("none"), strategy))


@FAMILIES
def test_a_partial_forward_over_every_column_equals_a_full_one(shifted):
    """Spans wider than the sequence, so that their outer columns fall on the slot that nobody reads."""

    class Everything(Dual):
        def inside(self, span):
            return caches.policy.Plan(full=False, before=span.length, width=2 * span.length)

    model = network(shifted)
    for strategy in ("vanilla", "hierarchy"):
        wide, full = decoded(model, Everything(), strategy), decoded(model, caches.load("none"), strategy)
        assert tokens(wide) == tokens(full)
        assert sum(end.forwards.window for end in wide) > 0


@FAMILIES
def test_a_vicinity_of_nothing_equals_dual(shifted):
    model = network(shifted)
    near = decoded(model, Vicinity(look_behind=0, look_ahead=0, warm_up_steps=0))
    dual = decoded(model, Dual())
    assert tokens(near) == tokens(dual)
    assert [end.forwards for end in near] == [end.forwards for end in dual]


@FAMILIES
@pytest.mark.parametrize("name", [name for name in KEEPING if name != "lean"])
def test_opening_every_forward_equals_no_cache(name, shifted):
    model = network(shifted)
    always = decoded(model, replace(caches.load(name), refresh=1))
    none = decoded(model, caches.load("none"))
    assert tokens(always) == tokens(none)
    assert [end.forwards for end in always] == [end.forwards for end in none]


@FAMILIES
@pytest.mark.parametrize("name", KEEPING)
def test_a_window_lingers_for_a_second_forward_that_writes_nothing(name, shifted):
    """Every opening forward fills its block; also where rows wait for others' openings, and polled late."""
    model, policy = network(shifted), replace(caches.load(name), linger=True)
    plain = decoded(model, caches.load(name), "threshold", options={"threshold": 0.0})
    for lag in (0, 2):
        lingering = decoded(model, policy, "threshold", lag=lag, options={"threshold": 0.0})
        assert tokens(lingering) == tokens(plain)
        assert [end.forwards.total for end in plain] == [3] * 3
        assert [end.forwards.total for end in lingering] == [6] * 3
    slow = [decoded(model, each, "vanilla", prompts=PROMPTS[:1])[0] for each in (policy, caches.load(name))]
    assert slow[0].forwards == slow[1].forwards and slow[0].token_ids == slow[1].token_ids


@pytest.mark.parametrize("period", [2, 3, 5])
def test_a_refresh_is_every_so_many_forwards_of_a_window(period):
    end = decoded(network(False), Dual(refresh=period), "vanilla", [[1, 2, 3]])[0]
    assert end.forwards.full == sum(-(-length // period) for length in (16, 16, 8))
    assert end.forwards.total == 40


@pytest.mark.parametrize(
    ("name", "full", "positions"),
    [
        ("prefix", 3, 3 * 43 + 15 * 64 + 15 * 32 + 7 * 32),
        ("dual", 3, 3 * 43 + 37 * 16),
        ("lean", 1, 43 + 2 * 32 + 37 * 16),
        ("vicinity", 6, 6 * 43 + 34 * 32),
    ],
)
def test_forwards_are_counted_by_what_they_compute(name, full, positions):
    """A prompt of 3 and a canvas of 40 in blocks of 16, one token a forward."""
    policy = Vicinity(look_behind=8, look_ahead=8) if name == "vicinity" else caches.load(name)
    end = decoded(network(False), policy, "vanilla", [[1, 2, 3]])[0]
    assert (end.forwards.total, end.forwards.full, end.forwards.positions) == (40, full, positions)


@FAMILIES
@pytest.mark.parametrize("name", caches.available())
def test_guidance_works_with_every_cache(name, shifted):
    model, policy = network(shifted), caches.load(name)
    together = decoded(model, policy, cfg_scale=1.5)
    alone = [decoded(model, policy, prompts=[prompt], cfg_scale=1.5)[0] for prompt in PROMPTS]
    assert tokens(together) == tokens(alone)
