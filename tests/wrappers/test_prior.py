"""What confidences are worth from left to right, by hand."""

import pytest
import torch

from dlldecode.engine.advance import decided
from dlldecode.strategies.dico import Dico
from dlldecode.wrappers.prior import Prior

from ..contract.test_engine import smooth
from ..fakes import Fake, play, recipe, steps_of
from ..views import drawn, outcome, random_view


def weights(drawing: str, progress: float = 0.0, **options) -> list[float]:
    view = drawn(f"{drawing}\n{'9' * len(drawing)}", progress=torch.tensor([progress]))
    return pytest.approx(Prior(**options).weight(view)[0].tolist(), abs=5e-4)


def test_the_decay_begins_at_the_first_mask():
    """exp(-0.25 n)."""
    assert weights("____") == [1.0, 0.7788, 0.6065, 0.4724]
    assert weights("ab_c__#") == [1.0, 1.0, 1.0, 0.7788, 0.6065, 0.4724, 0.3679]
    assert weights("____", rate=0.0) == [1.0] * 4
    assert weights("___", rate=1.0) == [1.0, 0.3679, 0.1353]


def test_the_falls_of_dico_end_at_the_end_of_the_window():
    """Down to beta = 0.25 over five positions: exponential by 0.25^(n/4), linear by 0.75/4 a position."""
    falls = {"beta": 0.25, "alpha": 0.5}
    assert weights("ab_____", fall="exponential", **falls) == [1.0, 1.0, 1.0, 0.7071, 0.5, 0.3536, 0.25]
    assert weights("ab_____", fall="linear", **falls) == [1.0, 1.0, 1.0, 0.8125, 0.625, 0.4375, 0.25]
    view = drawn("a___##\n999999", progress=torch.tensor([0.0]))
    assert Prior("linear", **falls).weight(view)[0, :4].tolist() == [1.0, 1.0, 0.625, 0.25]


def test_the_written_share_relaxes_them():
    """The end is worth beta + alpha times the share, 1 at most."""
    assert weights("___", 0.5, fall="linear", beta=0.25, alpha=0.5) == [1.0, 0.75, 0.5]
    assert weights("___", 1.0, fall="linear", beta=0.5, alpha=1.0) == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("fall", ["exponential", "linear"])
def test_they_are_the_trust_of_dico(fall):
    for seed in range(5):
        view = random_view(6, 9, seed)
        prior, dico = Prior(fall, alpha=0.7, beta=0.1), Dico(guidance=fall, alpha=0.7, beta=0.1)
        assert torch.equal(prior.weight(view), dico.trust(view))


def wrapped(strategy: str, drawing: str, options: dict, **prior) -> str:
    window, confidence, expected = drawing.split("\n")
    made = recipe(strategy, options, {"wrap_options.prior": prior}, wrap=("prior",))
    decision, _ = decided(drawn(f"{window}\n{confidence}"), (), made)
    assert outcome(decision) == expected


def test_bars_are_compared_with_the_product():
    """0.9 three places on is worth 0.9 * 0.47 = 0.43, two places on 0.55, one place on 0.70; the first 0.5 stays."""
    drawing = "_____\n59999\n{}"
    wrapped("threshold", drawing.format("WWW.."), {"threshold": 0.5})
    wrapped("threshold", drawing.format("WWWW."), {"threshold": 0.42})
    wrapped("threshold", drawing.format("WWWWW"), {"threshold": 0.5}, rate=0.0)
    wrapped("threshold", drawing.format(".W..."), {"threshold": 0.8})


def test_what_the_model_said_is_told():
    told = []
    for wrap in ((), ("prior",)):
        made = recipe("topk", {"k": 4}, max_tokens=4, block_length=4, wrap=wrap, stop="none")
        told.append(steps_of(play(Fake(smooth), made))[0].commits)
    for bare, weighed, weight in zip(*told, [1.0, 0.7788, 0.6065, 0.4724], strict=True):
        assert (weighed.token, weighed.confidence) == (bare.token, bare.confidence)
        assert weighed.score == pytest.approx(bare.score * weight, abs=5e-4)
