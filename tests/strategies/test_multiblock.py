"""d3LLM's acceptance: low entropy anywhere, and something in the earliest block."""

import math

import pytest
import torch

from dlldecode import strategies

from ..views import expect, view_of

NAN = math.inf  # what the sampler makes of an entropy that is not a number


@pytest.mark.parametrize(
    ("masked", "entropy", "leading", "expected"),
    [
        ("__a_", [0.1, 0.5, 0.0, 0.6], 4, "WW.."),
        ("____", [0.9, 0.7, 0.7, 0.8], 4, ".W.."),
        ("__ __", [0.9, 0.8, 0.2, 0.7], 2, ".WW."),
        ("_a __", [0.4, 0.0, 0.9, 0.7], 2, "W..."),
        ("__ __", [0.9, 0.8, 0.6, 0.6], 2, ".W.."),
        ("__ __", [NAN, NAN, NAN, 0.6], 2, "W..."),
    ],
    ids=["all low ones", "the lowest", "and one in the earliest block", "nothing more", "there alone", "not a number"],
)
def test_low_entropies_and_one_of_the_earliest_block(masked, entropy, leading, expected):
    flags = [[mark == "_" for mark in masked if mark != " "]]
    head = torch.tensor([[at < leading for at in range(4)]])
    view = view_of(flags, [[0.5] * 4], entropy=torch.tensor([entropy]), leading=head)
    expect(strategies.load("multiblock", entropy=0.5), view, (), expected)
