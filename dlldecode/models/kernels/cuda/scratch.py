"""Counters by which the programs of a kernel find out who of them is the last; every kernel leaves them at zero."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

COUNT = 1 << 16


@cache
def counters(device: torch.device) -> Tensor:
    """The device's counters, one stream at a time."""
    return torch.zeros(COUNT, dtype=torch.int32, device=device)
