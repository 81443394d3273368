"""Which tiling a product takes: measured on an H100 with every other weight in between, as decoding meets them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operations import Matrix
from .matmul import Tiling

MOST_COLUMNS = 64  # above, cuBLAS is as fast
DEFAULTS = (Tiling(64, 128, 1, 4, 4), Tiling(32, 128, 1, 4, 4), Tiling(16, 64, 1, 4, 4))
# By rows and channels of the weight, whether it is gated, whether it has 8 bits; None where the library was faster.
MEASURED: dict[tuple[int, int, bool, bool], Tiling | None] = {
    (12288, 4096, False, False): Tiling(128, 128, 1, 8, 3),
    (4096, 4096, False, False): Tiling(32, 128, 1, 4, 6),
    (12288, 4096, True, False): Tiling(64, 128, 1, 4, 3),
    (4096, 12288, False, False): Tiling(64, 128, 2, 4, 4),
    (126464, 4096, False, False): Tiling(128, 128, 1, 8, 3),
    (12288, 4096, False, True): None,
    (4096, 4096, False, True): Tiling(64, 128, 4, 4, 3),
    (12288, 4096, True, True): None,
    (4096, 12288, False, True): Tiling(64, 128, 4, 4, 4),
}


def find(x: Tensor, matrix: Matrix, gated: bool = False) -> Tiling | None:
    """A tiling that fits the weight `[N, K]`; None where a library's product is the better choice."""
    height, width = matrix.weight.shape
    height = height // 2 if gated else height
    if x.dtype != torch.bfloat16 or x.numel() // width > MOST_COLUMNS:
        return None
    fitting = (each for each in DEFAULTS if height % each.rows == 0 and width % (each.channels * each.splits) == 0)
    key = (height, width, gated, matrix.scale is not None)
    return MEASURED[key] if key in MEASURED else next(fitting, None)
