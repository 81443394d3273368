"""Which tiling a product takes: measured on an H100 with every other weight in between, as decoding meets them."""

from __future__ import annotations

from functools import cache

import torch
import triton
from torch import Tensor

from ..operations import Matrix
from .matmul import Tiling

MOST_COLUMNS = 64  # above, cuBLAS is as fast
DEFAULTS = (Tiling(64, 128, 1, 4, 4), Tiling(32, 128, 1, 4, 4), Tiling(16, 64, 1, 4, 4))
# By rows and channels of the weight, whether it is gated, whether it has 8 bits.
MEASURED: dict[tuple[int, int, bool, bool], Tiling] = {
    (12288, 4096, False, False): Tiling(128, 128, 1, 8, 3),
    (4096, 4096, False, False): Tiling(32, 128, 1, 4, 6),
    (12288, 4096, True, False): Tiling(64, 128, 1, 4, 3),
    (4096, 12288, False, False): Tiling(64, 128, 2, 4, 5),
    (126464, 4096, False, False): Tiling(128, 128, 1, 8, 3),
    (12288, 4096, False, True): Tiling(128, 256, 1, 8, 3),
    (4096, 4096, False, True): Tiling(64, 256, 2, 4, 4),
    (12288, 4096, True, True): Tiling(64, 128, 1, 4, 3, ahead=512),
    (4096, 12288, False, True): Tiling(64, 256, 2, 4, 4),
}


def find(x: Tensor, matrix: Matrix, gated: bool = False) -> Tiling | None:
    """A tiling that fits the weight `[N, K]` and the device; None where a library's product is the better choice."""
    height, width = matrix.weight.shape
    height = height // 2 if gated else height
    count = x.numel() // width
    if x.dtype != torch.bfloat16 or count > MOST_COLUMNS:
        return None
    key = (height, width, gated, matrix.scale is not None)
    fitting = (each for each in DEFAULTS if height % each.rows == 0 and width % (each.channels * each.splits) == 0)
    tiling = MEASURED.get(key) or next(fitting, None)
    return tiling and shallow(tiling, matrix.weight, max(16, triton.next_power_of_2(count)), gated)


def shallow(tiling: Tiling, weight: Tensor, columns: int, gated: bool) -> Tiling | None:
    """The tiling with no more tiles on their way than the shared memory holds; None where it holds not even two."""
    is_narrow = weight.element_size() == 1
    tall = tiling.rows * (2 if gated else 1) + columns * (2 if is_narrow else 1)
    stages = min(tiling.stages, shared_memory(weight.device) // (tall * tiling.channels * weight.element_size()))
    return tiling._replace(stages=stages) if stages > 1 else None


@cache
def shared_memory(device: torch.device) -> int:
    """Bytes that one program may use."""
    return int(torch.cuda.get_device_properties(device).shared_memory_per_block_optin)  # type: ignore[attr-defined]
