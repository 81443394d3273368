"""Weights in 8 bits (float8 e4m3), one scale a row: half the bytes to read; norms, embedding and head stay as is."""

from __future__ import annotations

import torch
from torch import nn

from .trunk import Linear, Trunk

LARGEST = 448.0  # of float8_e4m3fn


def quantise(trunk: Trunk) -> None:
    """Turn every product of the layers into 8 bits, in place."""
    for layer in trunk.layers:
        for module in layer.modules():
            if isinstance(module, Linear):
                shrink(module)


def shrink(linear: Linear) -> None:
    """Replace a weight by its rounded multiple of the row's scale; the scale is float32."""
    weight = linear.weight.data
    scale = weight.abs().amax(dim=1).float().clamp(min=1e-12) / LARGEST
    small = (weight.float() / scale.unsqueeze(1)).to(torch.float8_e4m3fn)
    linear.weight = nn.Parameter(small, requires_grad=False)
    linear.scale = nn.Parameter(scale, requires_grad=False)
