"""A random network of a few thousand weights that holds real keys and values."""

from functools import cache

import torch

from dlldecode.models.network import Network
from dlldecode.models.spec import ModelSpec
from dlldecode.models.trunk import Trunk


@cache
def network(shifted: bool) -> Network:
    spec = ModelSpec(
        family="small", vocab_size=64, width=32, layers=3, heads=4, kv_heads=2, mlp_width=48, max_length=400,
        mask_id=63, stop_ids=(61, 62), pad_id=60, rotary_base=1e4, shifted=shifted, qkv_bias=shifted,
    )  # fmt: skip
    trunk = Trunk(spec).eval().requires_grad_(False)
    draw = torch.Generator().manual_seed(int(shifted))
    for parameter in trunk.parameters():
        if parameter.dim() == 2:
            parameter.normal_(std=0.3, generator=draw)
    return Network(trunk, None, "small", None, "none")
