"""Models of the published shapes with random weights, and weights in 8 bits."""

import pytest
import torch
from torch.nn import functional

import dlldecode
from dlldecode.errors import DeviceError, ModelError
from dlldecode.models import dummy
from dlldecode.models import load as loading
from dlldecode.models.home import Home
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


@pytest.fixture
def exact():
    return load("tiny", device="cpu").trunk


@pytest.fixture
def eight_bit_cpu(monkeypatch):
    """Let the CPU load 8 bits, for which it has no fast products."""
    monkeypatch.setattr(loading, "pick_home", lambda *_: Home(torch.device("cpu"), torch.float32, True))


def test_eight_bits_stay_close_and_cover_the_products_of_the_layers_alone(exact, eight_bit_cpu):
    model = load("tiny", dtype="fp8")
    small = {name for name, p in model.trunk.named_parameters() if p.dtype == torch.float8_e4m3fn}
    assert small == {name for name, p in exact.named_parameters() if name.startswith("layers") and p.dim() == 2}
    for name, layer in model.trunk.named_modules():
        if getattr(layer, "scale", None) is not None:
            widened, whole = layer.weight.float() * layer.scale.unsqueeze(1), exact.get_submodule(name).weight
            assert float((widened - whole).norm() / whole.norm()) < 0.03
    tokens = torch.arange(20, 60).unsqueeze(0)
    likeness = functional.cosine_similarity(model.trunk(tokens), exact(tokens), dim=-1)
    assert float(likeness.min()) > 0.98
    assert model.dtype == "fp8"


def test_random_weights_in_eight_bits(eight_bit_cpu):
    model = load_dummy("tiny", dtype="fp8")
    weight = model.trunk.layers[0].mlp.down
    widened = weight.weight.float() * weight.scale.unsqueeze(1)
    assert float(widened.std()) == pytest.approx(0.02, rel=0.02)
    assert model.trunk(torch.arange(9).unsqueeze(0)).isfinite().all()


def test_eight_bits_are_for_cuda():
    with pytest.raises(DeviceError, match="fp8 needs a CUDA device"):
        load("tiny", device="cpu", dtype="fp8")


def test_on_the_cpu_weights_lie_by_channel():
    weight = load("tiny", device="cpu").trunk.layers[0].mlp.gate_up.weight
    assert weight.stride() == (1, weight.shape[0])
