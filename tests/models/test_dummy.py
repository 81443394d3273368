"""Models of the published shapes with random weights, and weights in 8 bits."""

import pytest
import torch
from torch.nn import functional

import dlldecode
from dlldecode.errors import DeviceError, ModelError
from dlldecode.models import dummy
from dlldecode.models.eight_bit import quantise
from dlldecode.models.load import load, load_dummy


def test_the_shapes_are_those_of_the_published_models():
    llada, dream = dummy.spec_of("llada"), dummy.spec_of("Dream-org/Dream-v0-Instruct-7B")
    assert (llada.width, llada.layers, llada.vocab_size, llada.mask_id) == (4096, 32, 126464, 126336)
    assert (dream.width, dream.kv_heads, dream.vocab_size, dream.shifted) == (3584, 4, 152064, True)
    products = llada.layers * (4 * llada.width**2 + 3 * llada.width * llada.mlp_width) + llada.width * llada.vocab_size
    assert products * 2 == pytest.approx(15.0e9, rel=0.001)  # the bytes that one forward reads
    with pytest.raises(ModelError, match="not known without its config"):
        dummy.spec_of("somebody/something")


def test_random_weights_are_the_same_every_time_and_say_so():
    one, two = (load_dummy("tiny", device="cpu") for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.trunk.parameters(), two.trunk.parameters(), strict=True))
    result = dlldecode.generate(one, "hi", max_tokens=8, block_length=8)
    assert result.record()["weights"] == "dummy" and result.text.startswith("<")


def test_eight_bits_stay_close_and_cover_the_products_of_the_layers_alone():
    model = load("tiny", device="cpu")
    before = {name: parameter.clone() for name, parameter in model.trunk.named_parameters()}
    tokens = torch.arange(20, 60).unsqueeze(0)
    exact = model.trunk(tokens)
    quantise(model.trunk)
    small = {name for name, p in model.trunk.named_parameters() if p.dtype == torch.float8_e4m3fn}
    assert small == {name for name, p in before.items() if name.startswith("layers") and p.dim() == 2}
    for layer, name in ((model.trunk.layers[0].mlp.down, "layers.0.mlp.down.weight"),):
        widened = layer.weight.float() * layer.scale.unsqueeze(1)
        assert float((widened - before[name]).norm() / before[name].norm()) < 0.03
    found = model.trunk(tokens)
    assert float(functional.cosine_similarity(found, exact, dim=-1).min()) > 0.98
    assert model.dtype == "fp8"


def test_eight_bits_are_for_cuda():
    with pytest.raises(DeviceError, match="fp8 needs a CUDA device"):
        load("tiny", device="cpu", dtype="fp8")


def test_on_the_cpu_weights_lie_by_channel():
    weight = load("tiny", device="cpu").trunk.layers[0].mlp.gate_up.weight
    assert weight.stride() == (1, weight.shape[0])
