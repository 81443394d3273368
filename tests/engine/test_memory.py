"""Memory is reckoned before a batch is decoded, and what fits is named."""

import re

import pytest
import torch

from dlldecode.engine import memory
from dlldecode.engine.loop import decode
from dlldecode.errors import DeviceError
from dlldecode.models import memory as of_models
from dlldecode.models.home import Home, outline
from dlldecode.models.load import load

from ..fakes import SPEC, Fake, recipe

PROMPT = [5, 6, 7]


def run(room, rows=4, **settings):
    # One position of the vocabulary is sure everywhere.
    sure = torch.zeros(SPEC.vocab_size).index_fill(0, torch.tensor([9]), 9.0)
    model = Fake(lambda query: sure.expand(*query.wanted.shape, -1), room=room)
    made = recipe("threshold", max_tokens=64, block_length=16, **settings)
    return list(decode(model, [PROMPT] * rows, made))


def bytes_of(rows, canvas=64, strategy="threshold", **settings):
    made = recipe(strategy, max_tokens=64, block_length=16, **settings)
    return memory.needed(Fake(lambda query: None), made, memory.Size(rows, len(PROMPT), canvas))


@pytest.mark.parametrize("settings", [{}, {"cache": "dual"}, {"temperature": 1.0}, {"cfg_scale": 1.0}])
def test_what_is_named_fits_and_one_more_would_not(settings):
    for rows in (1, 2, 3):
        room = bytes_of(rows + 1, **settings) - 1
        with pytest.raises(DeviceError, match=rf"--batch-size {rows}\.") as caught:
            run(room, rows=4, **settings)
        assert caught.value.exit_code == 4
        assert run(room, rows=rows, **settings)


def test_a_shorter_canvas_is_named_where_one_row_is_too_much():
    with pytest.raises(DeviceError, match=r"1 row of 67 columns .* --batch-size 1 --max-tokens 48"):
        run(bytes_of(1, canvas=48), rows=1)
    with pytest.raises(DeviceError, match="take a smaller --dtype or model"):
        run(bytes_of(1, canvas=16) - 1, rows=3)


def test_noise_guidance_and_stores_take_more():
    plain = bytes_of(1)
    assert bytes_of(1, temperature=1.0) > plain < bytes_of(1, cache="dual")
    assert bytes_of(1, cfg_scale=1.0) == 2 * plain


def test_a_strategy_that_remembers_distributions_takes_more():
    """16 positions of every row."""
    assert bytes_of(3, strategy="klass") - bytes_of(3) >= 3 * 16 * SPEC.vocab_size * 8


def test_weights_beyond_the_device_name_the_dtype_that_fits(monkeypatch):
    spec, cpu = load("tiny", device="cpu").spec, torch.device("cpu")
    size = {kind: of_models.weights(outline(spec, Home(cpu, *kind))) for kind in KINDS}
    assert size[KINDS[0]] == 2 * size[KINDS[1]] > 2 * size[KINDS[2]]
    for (wanted, room), said in {
        (KINDS[0], size[KINDS[1]]): "take --dtype bfloat16",
        (KINDS[0], size[KINDS[1]] - 1): "take --dtype fp8",
        (KINDS[1], size[KINDS[1]] - 1): "take --dtype fp8",
        (KINDS[2], size[KINDS[2]] - 1): "a smaller model or another device",
    }.items():
        monkeypatch.setattr(of_models, "free", lambda device, room=room: room)
        home = Home(cpu, *wanted)
        with pytest.raises(DeviceError, match=re.escape(said)):
            of_models.expect(outline(spec, home), home)
    monkeypatch.setattr(of_models, "free", lambda device: size[KINDS[0]])
    of_models.expect(outline(spec, Home(cpu, *KINDS[0])), Home(cpu, *KINDS[0]))


KINDS = (torch.float32, False), (torch.bfloat16, False), (torch.bfloat16, True)


@pytest.mark.cuda
@pytest.mark.parametrize("strategy", ["threshold", "dico"])
@pytest.mark.parametrize("cache", ["none", "dual"])
@pytest.mark.parametrize("settings", [{}, {"temperature": 0.7}])
def test_what_is_reckoned_covers_what_is_taken(strategy, cache, settings):
    model = load("tiny", device="cuda", dtype="bfloat16")
    made = recipe(strategy, max_tokens=384, block_length=128, cache=cache, stop="none", **settings)
    prompts = [list(range(20, 120))] * 64
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    for count, _ in enumerate(decode(model, prompts, made)):
        if count > 70:
            break
    taken = torch.cuda.max_memory_allocated() - before
    reckoned = memory.needed(model, made, memory.Size(64, 100, 384))
    print(f"{strategy}, {cache}, {settings}: {taken / 1e6:.0f} MB taken, {reckoned / 1e6:.0f} MB reckoned")
    assert taken <= reckoned <= 4 * taken


@pytest.mark.cuda
def test_a_full_device_names_a_batch_that_fits():
    model = load("tiny", device="cuda", dtype="bfloat16")
    made = recipe("threshold", max_tokens=384, block_length=128, cache="dual", stop="none")
    ballast = torch.empty(model.free() - 300_000_000, dtype=torch.uint8, device="cuda")
    prompts = [list(range(20, 120))] * 64
    with pytest.raises(DeviceError, match="--batch-size") as caught:
        list(decode(model, prompts, made))
    fitting = int(re.search(r"--batch-size (\d+)", str(caught.value))[1])
    events = decode(model, prompts[:fitting], made)
    assert sum(1 for _ in zip(range(fitting + 2), events, strict=False)) >= fitting
    del ballast
