"""Weights in 8 bits (float8 e4m3), one scale a row: half the bytes to read; norms, embedding and head stay as is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .trunk import Linear, Trunk

LARGEST = 448.0  # of float8_e4m3fn


def make_room(trunk: Trunk) -> None:
    """Let every product of the layers expect 8 bits and a float32 scale a row, on the trunk's device, unwritten."""
    for layer in trunk.layers:
        for module in layer.modules():
            if isinstance(module, Linear):
                weight = module.weight
                small = torch.empty(weight.shape, dtype=torch.float8_e4m3fn, device=weight.device)
                scale = torch.empty(len(weight), dtype=torch.float32, device=weight.device)
                module.weight = nn.Parameter(small, requires_grad=False)
                module.scale = nn.Parameter(scale, requires_grad=False)


def fill(weight: Tensor, scale: Tensor, exact: Tensor) -> None:
    """Write rows as rounded multiples of their scales."""
    scale.copy_(exact.abs().amax(dim=1).float().clamp(min=1e-12) / LARGEST)
    weight.copy_(exact.float() / scale.unsqueeze(1))
