"""WINO: hand-made windows, a transcription over lists, whole decodes, and the model's shadows."""

import math
import random

import pytest
import torch

from dlldecode import strategies
from dlldecode.errors import UsageError
from dlldecode.models.adapter import Query
from dlldecode.models.load import load

from ..fakes import MASK, World, end_of, model_of, play, realise, recipe
from ..golden.wino import Wino, decode
from ..models.checkpoints import write_dream, write_llada
from ..views import random_view, view_of


def step(view, last=30, **options):
    """Where the strategy writes and takes back, as lists of indices of the first row."""
    rule = strategies.load("wino", **options)
    state = rule.init(view.masked, 16)._replace(last=torch.full((view.masked.shape[0],), last))
    decision, state = rule.step(view, state)
    return [indices(decision.commit), indices(decision.revoke), state.last.tolist()[0]]


def indices(mask):
    return [at for at, is_true in enumerate(mask[0].tolist()) if is_true]


def view(masked, confidence, shadow=None):
    shadow = torch.tensor([shadow or [1.0] * len(masked)])
    return view_of([[bool(each) for each in masked]], [confidence], shadow=shadow)


def test_everything_above_the_threshold_and_nothing_at_it():
    assert step(view([1, 1, 1, 0], [0.61, 0.6, 0.9, 0.9]), threshold=0.6)[0] == [0, 2]


def test_the_best_where_nothing_is_sure_the_leftmost_of_equals():
    assert step(view([0, 1, 1, 1], [0.9, 0.5, 0.6, 0.6]))[0] == [2]


def test_a_step_writes_at_most_a_share_of_the_masks_and_twenty():
    for count, most in ((4, 4), (8, 5), (10, 7), (28, 19), (40, 20)):
        assert len(step(view([1] * count, [0.9] * count))[0]) == most


def test_what_the_shadow_doubts_goes_back_unless_one_alone_was_written():
    shadow = [0.89, 0.9, 0.2, 0.0, 0.0]
    assert step(view([0, 0, 0, 1, 1], [0.9] * 5, shadow)) == [[3, 4], [0, 2], 2]
    assert step(view([0, 0, 0, 1, 1], [0.9, 0.9, 0.9, 0.9, 0.1], shadow)) == [[3], [], 1]


def test_fewer_go_back_than_the_step_before_wrote_the_most_doubted():
    shadow = [0.3, 0.1, 0.2, 0.0, 0.0]
    assert step(view([0, 0, 0, 1, 1], [0.9] * 5, shadow), last=3)[1] == [1, 2]
    assert step(view([0, 0, 0, 1, 1], [0.9] * 5, shadow), last=1)[1] == []


def test_nothing_is_done_where_nothing_is_left():
    assert step(view([0, 0], [0.9, 0.9], [0.0, 0.0]))[:2] == [[], []]


@pytest.mark.parametrize("grid", [0, 10])
def test_windows_as_transcribed(grid):
    """1,200 rows a grid: ties, one mask, none, rows shorter than the window."""
    dice = random.Random(grid)
    for seed in range(300):
        options = {"threshold": dice.choice([0.3, 0.6, 0.8]), "threshold_back": dice.choice([0.3, 0.5, 0.9])}
        last = dice.choice([1, 2, 5, 30])
        shown = random_view(4, dice.choice([1, 2, 8, 33]), seed, grid)
        rule = strategies.load("wino", **options)
        state = rule.init(shown.masked, 16)._replace(last=torch.full((4,), last))
        decision, after = rule.step(shown, state)
        for row in range(4):
            size = int(shown.valid[row].sum())
            told = (shown.masked, shown.confidence, shown.extra.shadow)
            exact = {name: float(torch.tensor(value)) for name, value in options.items()}  # as float32 holds them
            reference = Wino(**exact, last=last)
            write, back = reference.step(*(part[row, :size].tolist() for part in told))
            assert [at for at in range(size) if decision.commit[row, at]] == write
            assert [at for at in range(size) if decision.revoke[row, at]] == back
            if shown.masked[row].any():
                assert int(after.last[row]) == reference.last


class Shady(World):
    """A world whose numbers survive the way through logits."""

    def chance(self, outlook, token):
        logits = torch.tensor(realise(outlook))
        return math.exp(float(logits[token] - torch.logsumexp(logits, 0)))


@pytest.mark.parametrize("block", [5, 8, 16])
def test_whole_decodes_as_transcribed(block):
    dice = random.Random(block)
    remasked = 0
    for _ in range(12):
        worlds = [Shady(dice.randrange(10**9), dice.choice([0.1, 0.5, 1.0])) for _ in range(3)]
        options = {"threshold": dice.choice([0.3, 0.5, 0.6]), "threshold_back": dice.choice([0.2, 0.4])}
        settings = {"max_tokens": 24, "block_length": block, "stop": "none"}
        events = play(model_of(worlds, 24), recipe("wino", options, **settings), [(1, 2)] * 3)
        for row, world in enumerate(worlds):
            tokens, forwards, back = decode(world, 24, block, options, MASK)
            end = end_of(events, row)
            assert (list(end.token_ids), end.forwards.total, end.remasked) == (tokens, forwards, back)
            remasked += back
    assert remasked > 20


def asked(model, tokens, shadowed, columns=None):
    """A query about columns 3 to 6 of ten."""
    place = torch.arange(tokens.shape[1]).expand(tokens.shape)
    wanted = place[:, 3:7]
    if columns is not None:
        tokens, place = tokens[:, columns], place[:, columns]
    shown = None if columns is None else place
    if not shadowed:
        return Query(tokens, shown, place, None, wanted)
    masks = torch.full_like(wanted, model.spec.mask_id)
    both = torch.cat((tokens, masks), 1), torch.cat((place, wanted), 1)
    return Query(both[0], shown, both[1], None, wanted, shadowed=torch.ones_like(wanted, dtype=torch.bool))


@pytest.fixture(scope="module")
def llada(tmp_path_factory):
    return load(str(write_llada(tmp_path_factory.mktemp("llada"))), device="cpu")


def forward(model, query, store=None):
    with torch.inference_mode():
        return model.forward(query, store or model.open(len(query.tokens), 10))


def test_columns_do_not_notice_their_shadows(llada):
    tokens = torch.randint(3, 12, (2, 10), generator=torch.Generator().manual_seed(1))
    told, plain = forward(llada, asked(llada, tokens, True)), forward(llada, asked(llada, tokens, False))
    assert told.shape[1] == 8
    torch.testing.assert_close(told[:, :4], plain, atol=1e-5, rtol=1e-5)


def test_a_shadow_sees_the_others_and_never_what_it_doubts(llada):
    """In a model of one layer, where nothing comes round through another column."""
    one = llada.trunk
    layers, one.layers = one.layers, one.layers[:1]
    try:
        tokens = torch.randint(3, 12, (1, 10), generator=torch.Generator().manual_seed(2))
        before = forward(llada, asked(llada, tokens, True))[0, 4:]
        changed = tokens.clone()
        changed[0, 4] = 2
        after = forward(llada, asked(llada, changed, True))[0, 4:]
    finally:
        one.layers = layers
    torch.testing.assert_close(before[1], after[1], atol=1e-6, rtol=1e-6)
    for other in (0, 2, 3):
        assert (before[other] - after[other]).abs().max() > 1e-4


def test_shadows_are_the_same_over_a_store(llada):
    tokens = torch.randint(3, 12, (1, 10), generator=torch.Generator().manual_seed(3))
    store = llada.open(1, 10)
    forward(llada, asked(llada, tokens, False)._replace(keep=True), store)
    cached = forward(llada, asked(llada, tokens, True, columns=slice(3, 7)), store)
    torch.testing.assert_close(cached, forward(llada, asked(llada, tokens, True)), atol=1e-5, rtol=1e-5)


def test_models_that_speak_of_the_next_column_have_no_shadows(tmp_path):
    dream = load(str(write_dream(tmp_path)), device="cpu")
    with pytest.raises(UsageError, match="asks for shadows"):
        play(dream, recipe("wino", max_tokens=8, block_length=8))


def test_guidance_has_no_shadows():
    with pytest.raises(UsageError, match="cfg_scale"):
        recipe("wino", cfg_scale=1.0)
