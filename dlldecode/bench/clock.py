"""How long work takes on a device, and how fast the device is at best."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

REPEATS = {"cuda": 30, "cpu": 5}


class Rates(NamedTuple):
    """What the machine reached in this run, per second: bytes read, and operations of large products.

    `operations` in the dtype that the model computes in, `layer_operations` in the one of the layers' weights.
    """

    bytes: float
    operations: float
    layer_operations: float


def milliseconds(work: Callable[[], Any], device: str) -> float:
    """Time of work that waits for nothing: as a captured graph on CUDA, so that launches cost nothing; median."""
    with torch.inference_mode():
        if device.startswith("cuda"):
            return _replayed(work)
        work()
        seconds = [_seconds(work) for _ in range(REPEATS["cpu"])]
    return statistics.median(seconds) * 1e3


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _replayed(work: Callable[[], Any]) -> float:
    for _ in range(2):
        work()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return between_events(graph.replay)


def between_events(launch: Callable[[], Any]) -> float:
    """Milliseconds that one launch takes on the device, of many in a row."""
    count = REPEATS["cuda"]
    launch()
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    first.record()
    for _ in range(count):
        launch()
    last.record()
    last.synchronize()
    return first.elapsed_time(last) / count


def rates(device: str, dtype: torch.dtype, layers: torch.dtype) -> Rates:
    """Measure the machine: the fastest of three ways to read much memory, and large products in the model's dtypes."""
    wide = multiplying(device, dtype)
    return Rates(reading(device, dtype), wide, wide if layers == dtype else multiplying(device, layers))


def multiplying(device: str, dtype: torch.dtype) -> float:
    """Operations a second of a large product."""
    size = 8192 if device.startswith("cuda") else 1024
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    one = torch.ones((), device=device)
    if dtype == torch.float8_e4m3fn:
        taken = milliseconds(lambda: torch._scaled_mm(left, right.t(), one, one, out_dtype=torch.bfloat16), device)
    else:
        taken = milliseconds(lambda: left @ right, device)
    return 2 * size**3 / taken * 1e3


def reading(device: str, dtype: torch.dtype) -> float:
    """Bytes a second: a sum, a product with a vector, or a copy (what it reads and writes)."""
    width = 2**15 if device.startswith("cuda") else 2**12
    much = torch.ones(width, width, dtype=dtype, device=device)
    target, vector = torch.empty_like(much), torch.ones(width, dtype=dtype, device=device)
    ways = (lambda: much.sum(), lambda: much @ vector, lambda: target.copy_(much))
    moved = (1, 1, 2)
    return max(times * much.nbytes / milliseconds(way, device) * 1e3 for times, way in zip(moved, ways, strict=True))
