"""How much of the last guess goes into masks, and who refuses it."""

import pytest
import torch

import dlldecode
from dlldecode.models.toy import Toy
from dlldecode.wrappers.smoothing import Smoothing


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.15, 0.17, 0.19, 0.29, 0.3, 0.3]),
        ({"growth": 0.0}, [0.15] * 6),
        ({"weight": 0.0, "growth": 0.5, "most": 2.0}, [0.0, 0.5, 1.0, 2.0, 2.0, 2.0]),
        ({"weight": 0.5, "most": 0.25}, [0.25] * 6),
    ],
)
def test_the_weight_grows_and_stops_growing(options, expected):
    found = Smoothing(**options).weights(torch.tensor([0, 1, 2, 7, 8, 100]))
    assert found.tolist() == pytest.approx(expected)


def test_a_model_without_embeddings_refuses():
    with pytest.raises(dlldecode.UsageError, match="no embeddings to mix; leave it out") as raised:
        dlldecode.generate(Toy(answer="x"), "y", strategy="topk", wrap=["smoothing"])
    assert raised.value.exit_code == 2 and "\n" not in str(raised.value)
