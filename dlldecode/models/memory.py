"""How much memory a model takes and a device has."""

from __future__ import annotations

import torch

from ..errors import DeviceError
from .home import Home, outline
from .spec import ModelSpec
from .trunk import Trunk

WORKSPACES = 400_000_000  # bytes that the libraries take for themselves


def free(device: torch.device) -> int | None:
    """Bytes that can still be taken on a CUDA device, those that torch holds in reserve too; None on others."""
    if device.type != "cuda":
        return None
    reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return max(0, torch.cuda.mem_get_info(device)[0] + reserve - WORKSPACES)


def weights(trunk: Trunk) -> int:
    """Bytes of all parameters."""
    return sum(parameter.nbytes for parameter in trunk.parameters())


def expect(trunk: Trunk, home: Home) -> None:
    """Raise a DeviceError, with the dtype that would fit, where a trunk's outline is more than its device has free."""
    room, needed = free(home.device), weights(trunk)
    if room is None or needed <= room:
        return
    smaller = (Home(home.device, torch.bfloat16), Home(home.device, torch.bfloat16, True))
    fitting = [other.name for other in smaller if weights(outline(trunk.spec, other)) <= room]
    advice = f"take --dtype {fitting[0]}" if fitting else "take a smaller model or another device"
    raise DeviceError(
        f"the weights take {needed / 1e9:.1f} GB in {home.name}, and {home.device} has {room / 1e9:.1f} GB free; "
        f"{advice}"
    )


def footprint(spec: ModelSpec, element: int, size: tuple[int, int, int], keeps: bool) -> int:
    """Bytes beside the weights of forwards over (rows, columns, wanted positions) at `element` bytes a number.

    The widest moment of a layer holds four hidden states, and of the MLP gate, up and their product.
    """
    rows, length, wanted = size
    kept = 2 * spec.layers * spec.kv_heads * spec.head_size * rows * (length + 1) if keeps else 0
    layer = rows * length * (4 * spec.width + 3 * spec.mlp_width)
    logits = rows * wanted * spec.vocab_size
    return element * (kept + layer + logits)
