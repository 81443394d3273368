"""The Triton kernels against plain torch on the same inputs; they run where there is a GPU."""

import pytest
import torch

from dlldecode.models.kernels.operations import Frame, Matrix, Norm, Sight
from dlldecode.models.kernels.plain import Plain
from dlldecode.models.spec import ModelSpec
from dlldecode.models.store import KeyValues

pytestmark = pytest.mark.cuda
PLAIN = Plain()


@pytest.fixture(scope="module")
def fused():
    from dlldecode.models.kernels.cuda.fused import Fused

    return Fused()


def draw(*shape, spread=1.0):
    return (torch.randn(shape, device="cuda") * spread).bfloat16()


def error(found, expected):
    return float((found.float() - expected.float()).norm() / expected.float().norm())


@pytest.mark.parametrize("columns", [1, 7, 32, 64, 200])
def test_products_around_the_layer(fused, columns):
    torch.manual_seed(columns)
    x, scale = draw(2, columns, 512), Norm(draw(512), 1e-5)
    wide, square = Matrix(draw(1024, 512, spread=0.05), draw(1024)), Matrix(draw(512, 512, spread=0.05))
    assert error(fused.norm(x, scale), PLAIN.norm(x, scale)) < 4e-3
    assert error(fused.normed_linear(x, scale, wide), PLAIN.normed_linear(x, scale, wide)) < 8e-3
    gates = Matrix(draw(1024, 512, spread=0.05))
    assert error(fused.gated(x, scale, gates), PLAIN.gated(x, scale, gates)) < 8e-3
    residual = draw(2, columns, 512)
    expected = PLAIN.add_linear(x, square, residual)
    assert error(fused.add_linear(x, square, residual.clone()), expected) < 8e-3


def eight_bits(weight):
    scale = weight.abs().amax(1).float() / 448
    return Matrix((weight.float() / scale[:, None]).to(torch.float8_e4m3fn), None, scale)


@pytest.mark.parametrize("columns", [3, 32, 64, 100])
def test_weights_in_eight_bits(fused, columns):
    """Few columns lose about what bfloat16 loses; many, which the library multiplies, what 8 bits lose."""
    torch.manual_seed(columns)
    x, residual = draw(1, columns, 512), draw(1, columns, 512)
    x[:, 1] *= 1000
    small, square = eight_bits(draw(1024, 512, spread=0.05)), eight_bits(draw(512, 512, spread=0.05))
    norm, most = Norm(draw(512), 1e-5), 0.01 if columns <= 64 else 0.06
    assert error(fused.normed_linear(x, norm, small), PLAIN.normed_linear(x, norm, small)) < most
    assert error(fused.gated(x, norm, small), PLAIN.gated(x, norm, small)) < most
    expected = PLAIN.add_linear(x, square, residual)
    assert error(fused.add_linear(x, square, residual.clone()), expected) < most


@pytest.mark.parametrize("heads", [(4, 4), (8, 2)])
@pytest.mark.parametrize("where", ["fresh", "whole", "window", "rows"])
@pytest.mark.parametrize("is_padded", [False, True])
def test_attention_over_the_store(fused, heads, where, is_padded):
    torch.manual_seed(1)
    spec = ModelSpec("llada", 100, heads[0] * 64, 1, *heads, 128, 512, 0, (1,), 1)
    length, count = 300, 300 if where in ("fresh", "whole") else 32
    position = torch.arange(count, device="cuda").expand(2, -1) + (0 if count == 300 else 40)
    visible = torch.ones(2, length, dtype=torch.bool, device="cuda")
    visible[1, :17] = False
    angle = torch.rand(512, 32, device="cuda") * 6
    frame = Frame(angle.cos(), angle.sin(), position, Sight(visible if is_padded else None))
    qkv = draw(2, count, (heads[0] + 2 * heads[1]) * 64)
    rows = torch.tensor([3, 1], device="cuda") if where == "rows" else None
    columns = position if count == 32 else None
    stores = [KeyValues(spec, 4 if where == "rows" else 2, length, qkv) for _ in range(2)]
    slots = [store.slots(rows, columns)[0] for store in stores]
    for own, other in zip(stores[0].layers[0], stores[1].layers[0], strict=True):
        own.normal_()
        other.copy_(own)
    slots = [None, None] if where == "fresh" else slots
    wanted = torch.arange(5, 21, device="cuda").expand(2, -1)
    for ask in (None, wanted):
        expected = PLAIN.attend(qkv.clone(), spec, frame, slots[0], ask)
        assert error(fused.attend(qkv.clone(), spec, frame, slots[1], ask), expected) < 1e-2
    for own, other in zip(stores[0].layers[0], stores[1].layers[0], strict=True):
        assert error(other[:, :, :length], own[:, :, :length]) < 4e-3


def test_everything_read_off_the_logits_in_one_pass():
    from dlldecode.engine import sample
    from dlldecode.models.kernels import scoring

    torch.manual_seed(2)
    infinity = float("inf")
    logits = torch.randn(2, 24, 50_001, device="cuda") * 3
    logits[0, 0, 5], logits[0, 1, 7], logits[0, 2, 7] = float("nan"), infinity, -infinity
    logits[0, 3], logits[0, 4, :4], logits[0, 5] = -infinity, 60.0, 0.0
    logits[0, 6, 9] = float("nan")  # the mask's own
    current = torch.randint(0, 50_001, (2, 24), device="cuda")
    for kind in (torch.float32, torch.bfloat16):
        given = logits.to(kind)
        found, whole = scoring.score(given, current, 9), sample.log_partition(given)
        best = sample.propose(given, 9, None, 0.0)
        assert torch.equal(found.token, best.token)
        for mine, theirs in (
            (found.chance, best.confidence),
            (found.written, sample.probability(given, current, whole)),
            (found.margin, sample.margin(given, 9)),
            (found.entropy, sample.entropy(given)),
        ):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
