"""Counters by which the programs of a kernel find out who of them is the last; every kernel leaves them at zero."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

LEAST = 1 << 16


def counters(device: torch.device, count: int) -> Tensor:
    """At least so many of the device's counters, which one stream uses at a time."""
    return _zeros(device, max(LEAST, 1 << (count - 1).bit_length()))


@cache
def _zeros(device: torch.device, count: int) -> Tensor:
    return torch.zeros(count, dtype=torch.int32, device=device)
