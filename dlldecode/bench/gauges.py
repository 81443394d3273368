"""What a run takes from the machine: memory at its peak, and energy."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch


def reset_memory(device: str) -> None:
    """Let the peak begin anew, as far as the system can: on CUDA, and for the process on Linux."""
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)
        return
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory(device: str) -> int:
    """Bytes at the peak: of the device on CUDA, else of the whole process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    with suppress(OSError, StopIteration, ValueError):
        status = Path("/proc/self/status").read_text().splitlines()
        return int(next(line.split()[1] for line in status if line.startswith("VmHWM:"))) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def joules(device: str) -> float | None:
    """Energy that the GPU has taken so far; None where nobody counts it (a CPU, an old card, no `nvidia-ml-py`)."""
    handle = _handle(device) if device.startswith("cuda") else None
    if handle is None:
        return None
    import pynvml

    with suppress(pynvml.NVMLError):
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3
    return None


@cache
def _handle(device: str) -> Any:
    """NVML's handle of a torch device, found by its UUID, since torch may number cards otherwise."""
    try:
        import pynvml

        pynvml.nvmlInit()
        uuid = torch.cuda.get_device_properties(device).uuid
        return pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
    except Exception:  # no library, no driver, no such card: then there is no figure
        return None
