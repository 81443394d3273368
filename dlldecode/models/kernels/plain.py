"""The operations in plain torch: on every device, differentiable, and what the kernels are measured against."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from ..spec import ModelSpec
from ..store import Slots
from .operations import Frame, Hidden, Matrix, Norm, Product

Heads = Float[Tensor, "B H Q E"]


class Plain:
    """Implements `Operations`."""

    def norm(self, x: Hidden, norm: Norm) -> Hidden:
        """Normalise the last axis in float32 and scale it in the model's dtype."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + norm.eps)
        return norm.weight * wide.to(x.dtype)

    def normed_linear(self, x: Hidden, norm: Norm, linear: Matrix) -> Product:
        """A norm, then a product."""
        return product(self.norm(x, norm), linear)

    def gated(self, x: Hidden, norm: Norm, gate_up: Matrix) -> Product:
        """SwiGLU up to its last product."""
        gate, up = product(self.norm(x, norm), gate_up).chunk(2, dim=-1)
        return functional.silu(gate) * up

    def add_linear(self, x: Product, linear: Matrix, residual: Hidden) -> Hidden:
        """A product beside a residual."""
        return residual + product(x, linear)

    def attend(
        self,
        qkv: Product,
        spec: ModelSpec,
        frame: Frame,
        slots: Slots | None = None,
        wanted: Int[Tensor, "B W"] | None = None,
    ) -> Hidden:
        """Grouped-query attention both ways; without padding no mask is passed, which keeps the flash kernels."""
        turned = spec.heads + spec.kv_heads
        heads = qkv.unflatten(2, (turned + spec.kv_heads, spec.head_size)).transpose(1, 2)
        both, value = heads.split((turned, spec.kv_heads), dim=1)
        query, key = rotate(both, spec, frame).split((spec.heads, spec.kv_heads), dim=1)
        if slots is not None:
            key, value = slots.exchange(key, value)
        if wanted is not None:
            query = query.take_along_dim(wanted[:, None, :, None], dim=2)
        mixed = functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=None if frame.visible is None else frame.visible[:, None, None, :],
            enable_gqa=spec.heads != spec.kv_heads,
        )
        return mixed.transpose(1, 2).flatten(2)


def product(x: Hidden, matrix: Matrix) -> Product:
    """The product; a weight of 8 bits is widened first."""
    weight = matrix.weight
    if matrix.scale is not None:
        weight = (weight.float() * matrix.scale.unsqueeze(1)).to(x.dtype)
    return functional.linear(x, weight, matrix.bias)


def rotate(x: Heads, spec: ModelSpec, frame: Frame) -> Heads:
    """Turn pairs of channels by the position's angles, in float32 or in the model's dtype."""
    dtype = torch.float32 if spec.rotary_float32 else x.dtype
    cos, sin = (table[frame.position].unsqueeze(1).to(dtype) for table in (frame.cos, frame.sin))
    left, right = x.to(dtype).chunk(2, dim=-1)
    return torch.cat((left * cos - right * sin, right * cos + left * sin), dim=-1).to(x.dtype)
