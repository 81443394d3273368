"""Which implementation of the operations a device takes."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import torch

from .kept import keep
from .operations import Operations
from .plain import Plain


@cache
def has_triton() -> bool:
    """Whether kernels can be compiled here."""
    return find_spec("triton") is not None


def operations(device: torch.device, dtype: torch.dtype) -> Operations:
    """Kernels on CUDA in 16 bits or fewer, plain torch elsewhere and in float32, which is there to compare with."""
    if device.type == "cuda":
        keep()
    if device.type != "cuda" or dtype == torch.float32 or not has_triton():
        return Plain()
    from .cuda.fused import Fused

    return Fused()
