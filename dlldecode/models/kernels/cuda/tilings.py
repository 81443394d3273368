"""Which tiling a product takes: measured on an H100 with every other weight in between, as decoding meets them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..operations import Matrix
from .matmul import Tiling

MOST_COLUMNS = 64  # above, cuBLAS is as fast
DEFAULTS = (Tiling(64, 128, 1, 4, 4), Tiling(32, 128, 1, 4, 4), Tiling(16, 64, 1, 4, 4))
MEASURED: dict[tuple[int, int, bool, bool], Tiling] = {}


def find(x: Tensor, matrix: Matrix, gated: bool = False) -> Tiling | None:
    """A tiling that fits the weight `[N, K]`; None where a library's product is the better choice."""
    height, width = matrix.weight.shape
    height = height // 2 if gated else height
    if x.dtype != torch.bfloat16 or x.numel() // width > MOST_COLUMNS:
        return None
    fitting = (each for each in DEFAULTS if height % each.rows == 0 and width % (each.channels * each.splits) == 0)
    known = MEASURED.get((height, width, gated, matrix.scale is not None))
    return known or next(fitting, None)
