"""Captured graphs against single launches on a GPU, with the real compiler and the real kernels."""

import pytest
import torch

from dlldecode import caches, strategies, wrappers
from dlldecode.engine.loop import Watch, decode
from dlldecode.models.load import load
from dlldecode.tiny.data import heldout

from ..fakes import recipe

pytestmark = pytest.mark.cuda


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def tiny(request):
    torch.backends.cuda.matmul.allow_tf32 = False
    return load("tiny", device="cuda", dtype=request.param)


def texts(model, made, **watch):
    prompts = [model.tokenizer.chat(problem.prompt) for problem in heldout("gsm")[:6]]
    ends = [end for end in decode(model, prompts, made, watch=Watch(**watch)) if hasattr(end, "token_ids")]
    return torch.tensor([end.token_ids for end in sorted(ends, key=lambda end: end.index)])


@pytest.mark.parametrize("cache", caches.available())
@pytest.mark.parametrize("strategy", strategies.available())
def test_graph_and_single_launches_agree(tiny, strategy, cache):
    made = recipe(strategy, max_tokens=64, block_length=32, cache=cache, stop="none")
    single, captured = texts(tiny, made), texts(tiny, made, capture=True)
    share = float((single == captured).float().mean())
    print(f"equal tokens, {tiny.dtype}, {strategy}, {cache}: {share:.3f}")
    assert share == 1 if tiny.dtype == "float32" else share > 0.5


@pytest.mark.parametrize("cache", ["none", "dual"])
@pytest.mark.parametrize("name", wrappers.available())
def test_graph_and_single_launches_agree_with_wrappers(tiny, name, cache):
    made = recipe("threshold", max_tokens=128, block_length=32, cache=cache, stop="none", wrap=(name,))
    single, captured = texts(tiny, made), texts(tiny, made, capture=True)
    share = float((single == captured).float().mean())
    print(f"equal tokens, {tiny.dtype}, {name}, {cache}: {share:.3f}")
    assert share == 1 if tiny.dtype == "float32" else share > 0.5


@pytest.mark.parametrize("cache", ["none", "dual"])
def test_guesses_change_no_token_in_graphs(tiny, cache):
    """In float32; wider batches round elsewhere in the lower ones."""
    bare, wrapped = (
        texts(tiny, recipe("threshold", max_tokens=64, cache=cache, stop="none", wrap=wrap), capture=True)
        for wrap in ((), ("verify",))
    )
    share = float((bare == wrapped).float().mean())
    print(f"equal tokens with and without verify, {tiny.dtype}, {cache}: {share:.3f}")
    assert share == 1 if tiny.dtype == "float32" else share > 0.5
