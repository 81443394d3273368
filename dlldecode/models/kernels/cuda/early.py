"""Kernels that begin while the one before them still runs (programmatic dependent launch, Hopper and later).

A kernel that is launched early waits before it touches what others have written; what it can do before that, such as
fetching weights into the cache, hides the end of the kernel before.
"""

from __future__ import annotations

from functools import cache

import torch
import triton
import triton.language as tl
from triton.language.extra.cuda import gdc_launch_dependents, gdc_wait


@cache
def is_possible(device: torch.device) -> bool:
    """Whether the device can launch kernels early."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device) >= (9, 0)


@triton.jit
def wait():
    """Wait for what earlier kernels write, then let the next one begin."""
    gdc_wait()
    gdc_launch_dependents()


@triton.jit
def fetch(places):
    """Ask for the cache lines at some places to be brought into the second-level cache."""
    tl.inline_asm_elementwise(
        "prefetch.global.L2 [$1]; mov.u32 $0, 0;", "=r,l", [places.to(tl.int64)], dtype=tl.int32, is_pure=False, pack=1
    )
