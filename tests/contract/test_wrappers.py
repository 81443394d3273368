"""What every wrapper must keep to, with any strategy, cache and window rule."""

from collections import Counter
from dataclasses import replace

import pytest
import torch

from dlldecode import caches, strategies, wrappers
from dlldecode.core.fields import fields
from dlldecode.engine.host import Knowledge
from dlldecode.engine.loop import Watch, decode
from dlldecode.engine.recipe import Recipe, build
from dlldecode.engine.settings import Settings
from dlldecode.errors import UsageError
from dlldecode.models.network import Network
from dlldecode.trace.events import Event, Finished, Stepped

from ..fakes import Fake
from .stages import graphs_of
from .test_caches import PROMPTS, network
from .test_engine import KINDS, hostile

NAMES = wrappers.available()
OPTIONS = {"suffix": {"near": 3}, "early_exit": {"early": 1.4, "middle": 1.2, "late": 1.0}}
every_wrapper = pytest.mark.parametrize("name", NAMES)
SMALL = {"max_tokens": 20, "block_length": 8, "stop": "none"}
HASTY, THRESHOLD = ("topk", {"k": 3}), ("threshold", {})


def made(*names, strategy=THRESHOLD, parts=None, **settings) -> Recipe:
    """A recipe with wrappers; every third token is a delimiter to `adablock`."""
    tables = {f"wrap_options.{name}": OPTIONS.get(name, {}) for name in names} | (parts or {})
    chosen, options = strategy
    recipe = build(Settings(**{**SMALL, "wrap": names} | settings), chosen, options, tables)
    marks = tuple(range(0, 64, 3))
    return (
        replace(recipe, windows=replace(recipe.windows, delimiters=marks))
        if settings.get("window") == "adablock"
        else recipe
    )


def told(recipe, prompts=PROMPTS, lag=0, shifted=False, keys=None) -> list[Event]:
    return list(decode(network(shifted), prompts, recipe, watch=Watch(True, lag), keys=keys))


def ends_of(events) -> list[Finished]:
    return sorted((event for event in events if isinstance(event, Finished)), key=lambda end: end.index)


def deeds(events) -> list:
    """What every step did, but for numbers that a batch of another size rounds otherwise."""
    steps = sorted((event for event in events if isinstance(event, Stepped)), key=lambda step: (step.index, step.step))
    return [
        (step.index, step.step, step.block, step.phase, step.revocations, step.clusters,
         [(commit.position, commit.token, commit.kind) for commit in step.commits])
        for step in steps
    ]  # fmt: skip


def counted(events) -> list:
    return [(end.token_ids, end.steps, end.forwards.full, end.forwards.window) for end in ends_of(events)]


def forwards(events) -> int:
    return sum(end.forwards.total for end in ends_of(events))


# All of them


@every_wrapper
@pytest.mark.parametrize(("cache", "shifted", "scale"), [("none", True, 1.5), ("dual", False, 0.0)])
def test_rows_are_alone_and_polling_may_be_late(name, cache, shifted, scale):
    """Rows end at different times; blocks are opened while other rows go on."""
    recipe = made(name, strategy=HASTY, cache=cache, stop="first", cfg_scale=scale, max_tokens=14)
    together = counted(told(recipe, shifted=shifted))
    assert together == [counted(told(recipe, [prompt], shifted=shifted))[0] for prompt in PROMPTS]
    assert together == counted(told(recipe, lag=2, shifted=shifted))


@every_wrapper
@pytest.mark.parametrize("window", ["adablock", "multiblock"])
def test_windows_of_any_length_are_wrapped(name, window):
    recipe = made(name, strategy=HASTY, cache="dual", window=window, max_tokens=14, block_length=5)
    together = counted(told(recipe))
    assert together[1] == counted(told(recipe, PROMPTS[1:2]))[0]
    assert not any(network(False).spec.mask_id in tokens for tokens, *_ in together)


@every_wrapper
def test_options_have_defaults_ranges_and_sentences(name):
    for field in fields(wrappers.kind(name)):
        assert field.about and not field.about.endswith(".")
        assert wrappers.load(name) == wrappers.load(name, **{field.name: field.default})


@every_wrapper
def test_it_does_something(name):
    """What a test compares would else be the same for no reason."""
    bare, wrapped = (told(made(*names, strategy=("vanilla", {}), max_tokens=16)) for names in ((), (name,)))
    assert counted(bare) != counted(wrapped)


class Broken(Network):
    """What it says is no number."""

    def forward(self, query, store):
        return torch.full_like(super().forward(query, store), float("nan"))


@every_wrapper
@pytest.mark.parametrize("strategy", ["vanilla", "hierarchy"])
def test_hostile_logits_end_within_the_bound(name, strategy):
    recipe = made(name, strategy=(strategy, {}), max_tokens=10, block_length=6)

    def rule(query):
        rows = torch.arange(len(query.tokens)) if query.rows is None else query.rows
        return hostile(query._replace(rows=rows % KINDS))

    model = Broken(**vars(network(False))) if name == "smoothing" else Fake(rule)
    ends = ends_of(decode(model, [(1, 2)] * KINDS, recipe))
    assert len(ends) == KINDS
    assert all(
        end.steps <= 10 * (recipe.strategy.max_idle + 1) and model.spec.mask_id not in end.token_ids for end in ends
    )


def test_the_first_named_is_the_innermost():
    """A row that exits early writes everything, whatever the prior thinks of it."""
    for names in (("prior", "early_exit"), ("early_exit", "prior")):
        parts = {"wrap_options.early_exit": {"early": 0.0, "middle": 0.0, "late": 0.0}}
        recipe = made(*names, parts=parts)
        assert [type(wrapper).__name__ for wrapper in recipe.wraps] == [
            "".join(part.title() for part in each.split("_")) for each in names
        ]
        assert [end.steps for end in ends_of(told(recipe))] == [3] * 3


def test_what_does_not_go_together_is_told():
    with pytest.raises(UsageError, match="wrap has smoothing and verify, but"):
        made("verify", "smoothing")
    with pytest.raises(UsageError, match="wrap names prior twice; once is enough"):
        made("prior", "suffix", "prior")
    with pytest.raises(UsageError, match="there is no wrapper 'sufix'; did you mean suffix"):
        made("sufix")


# Verify changes no token

PLAINLY_FEWER = {"vanilla", "dcleap", "dream", "factor", "klass", "threshold"}


@pytest.mark.parametrize("cache", caches.available())
@pytest.mark.parametrize("strategy", strategies.available())
def test_guesses_change_nothing_but_forwards(strategy, cache):
    """Dream's columns speak of the next one; shadows are not cast there."""
    shifted = cache == "prefix" and "shadow" not in strategies.load(strategy).needs
    small = {"strategy": (strategy, {}), "cache": cache, "max_tokens": 7, "block_length": 5}
    few = {"wrap_options.verify": {"drafts": 2 if cache == "none" else 1}}
    bare, wrapped = told(made(**small), shifted=shifted), told(made("verify", parts=few, **small), shifted=shifted)
    assert deeds(wrapped) == deeds(bare)
    for one, other in zip(ends_of(bare), ends_of(wrapped), strict=True):
        assert (other.token_ids, other.steps, other.remasked) == (one.token_ids, one.steps, one.remasked)
        assert other.forwards.total <= one.forwards.total
    if cache == "none" and strategy in PLAINLY_FEWER:
        assert forwards(wrapped) <= 0.8 * forwards(bare)


@pytest.mark.parametrize("cache", ["none", "dual"])
@pytest.mark.parametrize("drafts", [1, 5])
def test_so_many_steps_share_a_forward(drafts, cache):
    parts = {"wrap_options.verify": {"drafts": drafts}}
    recipe = made("verify", strategy=("vanilla", {}), cache=cache, parts=parts, max_tokens=16)
    events = told(recipe)
    shared = Counter((event.index, event.forwards) for event in events if isinstance(event, Stepped))
    assert 1 < max(shared.values()) <= 1 + drafts
    assert drafts == 1 or max(shared.values()) > 2
    assert len(shared) == forwards(events)
    for end in ends_of(events):
        assert {number for row, number in shared if row == end.index} == set(range(1, end.forwards.total + 1))
        columns = max(map(len, PROMPTS)) + 16
        if cache == "none":
            assert end.forwards.positions == end.forwards.total * columns * (1 + drafts)
        else:
            assert end.forwards.positions == end.forwards.full * columns + end.forwards.window * 8 * (1 + drafts)
            assert end.forwards.full == 2, "what opens a block carries no guesses"


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.8, "stop": "first"},
        {"cfg_scale": 1.5, "cache": "dual"},
        {"cache": "dual", "parts": {"cache_options": {"refresh": 3}}, "strategy": ("vanilla", {})},
        {"cache": "prefix", "window": "adablock"},
        {"cache": "prefix", "parts": {"cache_options": {"linger": True}}, "strategy": ("topk", {"k": 5})},
        {"cache": "lean", "window": "multiblock"},
        {"window": "multiblock", "stop": "first"},
    ],
    ids=repr,
)
def test_nor_with_noise_guidance_refreshes_and_other_windows(settings):
    settings = {"strategy": ("hierarchy", {"remask": 0.3}), "max_tokens": 13} | settings
    bare, wrapped = (told(made(*names, **settings), keys=[5, 6, 7]) for names in ((), ("verify",)))
    assert deeds(wrapped) == deeds(bare)
    assert forwards(wrapped) <= forwards(bare)


@pytest.mark.parametrize("inner", [name for name in NAMES if name not in ("verify", "smoothing")])
@pytest.mark.parametrize("cache", ["none", "lean"])
def test_nor_around_other_wrappers(inner, cache):
    bare, wrapped = (
        told(made(*names, strategy=HASTY, cache=cache, max_tokens=14)) for names in ((inner,), (inner, "verify"))
    )
    assert deeds(wrapped) == deeds(bare)
    assert forwards(wrapped) <= forwards(bare)


def test_guesses_outlive_forwards_about_other_rows():
    """Rows open their blocks at different times, and need no more forwards for that."""
    recipe = made("verify", strategy=("vanilla", {}), cache="dual")
    together = counted(told(recipe))
    assert len({windowed for *_, windowed in together}) > 1
    assert together == [counted(told(recipe, [prompt]))[0] for prompt in PROMPTS]


# One graph


@pytest.mark.compile
@pytest.mark.parametrize("without", ["verify", "smoothing"])
def test_the_stages_of_a_step_are_one_graph_each(without):
    """With all wrappers that go together; what follows from a guess is a stage of its own kind."""
    names = (name for name in NAMES if name != without)
    parts = {"wrap_options.verify": {"drafts": 1}}
    recipe, model = made(*names, strategy=HASTY, parts=parts, max_tokens=12, block_length=6), network(False)
    graphs = graphs_of(model, recipe, PROMPTS[:2], [Knowledge(2, False, 6).order()] * 3)
    assert graphs == {"prepare": 1, "conclude": 2, "guessed": 1} if recipe.drafts else {"prepare": 1, "conclude": 1}
