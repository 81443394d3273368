"""The operations in plain torch: on every device, differentiable, and what the kernels are measured against."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from ..spec import ModelSpec
from ..store import Slots
from .operations import Frame, Hidden, Matrix, Norm, Product, Shadow

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
        visible, shadow = frame.sight
        key, value = exchanged(key, value, shadow, slots)
        mask = None if visible is None else visible[:, None, None, :]
        if shadow is not None:
            mask = shaded(shadow, mask, query.shape[2], key.shape[2])
        if wanted is not None:
            query = query.take_along_dim(wanted[:, None, :, None], dim=2)
            mask = mask if mask is None or shadow is None else mask.take_along_dim(wanted[:, None, :, None], dim=2)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, enable_gqa=spec.heads != spec.kv_heads
        )
        return mixed.transpose(1, 2).flatten(2)


def exchanged(key: Heads, value: Heads, shadow: Shadow | None, slots: Slots | None) -> tuple[Heads, Heads]:
    """What may be attended to: the store's columns or the computed ones, and behind them the shadows, never stored."""
    if slots is None:
        return key, value
    if shadow is None:
        return slots.exchange(key, value)
    own = key.shape[2] - shadow.columns.shape[1]
    kept = slots.exchange(key[:, :, :own], value[:, :, :own])
    return torch.cat((kept[0], key[:, :, own:]), dim=2), torch.cat((kept[1], value[:, :, own:]), dim=2)


def shaded(shadow: Shadow, visible: Tensor | None, queries: int, keys: int) -> Bool[Tensor, "B 1 Q K"]:
    """Who sees whom: columns see no shadow, a shadow sees all shadows and every column but its own."""
    rows, width = shadow.columns.shape
    device = shadow.columns.device
    is_column = torch.arange(keys, device=device) < keys - width
    is_own = torch.arange(keys, device=device) == shadow.columns.unsqueeze(2)
    hidden = torch.cat((torch.zeros(rows, keys - width, dtype=torch.bool, device=device), ~shadow.exists), dim=1)
    seen_by_shadows = ~is_own & ~hidden.unsqueeze(1)
    seen = torch.cat((is_column.expand(rows, queries - width, keys), seen_by_shadows), dim=1).unsqueeze(1)
    if visible is None:
        return seen
    return seen & functional.pad(visible, (0, width), value=True)


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
