"""The operations as Triton kernels; products of many columns, which no weight bounds, are the library's."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn import functional

from ...spec import ModelSpec
from ...store import Slots
from ..operations import Frame, Hidden, Matrix, Norm, Product
from ..plain import Plain
from . import attention, matmul, tilings
from .gate import gate
from .narrow import Narrow, narrow
from .norm import norm as fused_norm
from .turn import Kept, turn

PLAIN = Plain()


class Fused:
    """Implements `Operations` for inference on CUDA."""

    def norm(self, x: Hidden, norm: Norm) -> Hidden:
        """The norm alone."""
        return fused_norm(x, *norm)

    def normed_linear(self, x: Hidden, norm: Norm, linear: Matrix) -> Product:
        """A norm, then a product."""
        tiling = tilings.find(x, linear)
        if tiling is None:
            return wide_product(normed(x, norm, linear, is_fine=False), linear)
        return matmul.product(normed(x, norm, linear), linear, tiling)

    def gated(self, x: Hidden, norm: Norm, gate_up: Matrix) -> Product:
        """A norm, a product, and SiLU of its first half times the second."""
        tiling = tilings.find(x, gate_up, gated=True)
        if tiling is None:
            return gate(wide_product(normed(x, norm, gate_up, is_fine=False), gate_up))
        return matmul.product(normed(x, norm, gate_up), gate_up, tiling, gated=True)

    def add_linear(self, x: Product, linear: Matrix, residual: Hidden) -> Hidden:
        """A product beside a residual; the residual's memory may take the sum."""
        tiling = tilings.find(x, linear)
        if tiling is not None:
            return matmul.product(x if linear.scale is None else narrow(x), linear, tiling, residual=residual)
        if linear.scale is not None:
            return residual + wide_product(narrow(x, is_fine=False), linear)
        if linear.bias is None and residual.is_contiguous():
            residual.view(-1, residual.shape[-1]).addmm_(x.flatten(0, -2), linear.weight.t())
            return residual
        return residual + wide_product(x, linear)

    def attend(
        self,
        qkv: Product,
        spec: ModelSpec,
        frame: Frame,
        slots: Slots | None = None,
        wanted: Int[Tensor, "B W"] | None = None,
    ) -> Hidden:
        """Queries turn in place, keys and values go to the store, and attention reads them there."""
        if frame.sight.shadow is not None:  # who sees whom is no matter of columns alone: plain torch takes a mask
            return PLAIN.attend(qkv, spec, frame, slots, wanted)
        kept = None if slots is None else Kept(slots.keys, slots.values, slots.rows)
        columns = None if slots is None else slots.columns
        length = qkv.shape[1] if slots is None else slots.keys.shape[2] - 1
        lies = turn(qkv, spec.heads, spec.kv_heads, (frame.cos, frame.sin, frame.position), kept, columns, length)
        query = qkv if wanted is None else qkv[..., : spec.width].take_along_dim(wanted.unsqueeze(2), dim=1)
        return attention.attend(query, spec.heads, spec.head_size, lies, length, frame.sight.visible)


def normed(x: Hidden, norm: Norm, linear: Matrix, is_fine: bool = True) -> Hidden | Narrow:
    """The norm of columns, in 8 bits where the weight that they meet is."""
    return fused_norm(x, *norm) if linear.scale is None else narrow(x, norm, is_fine)


def wide_product(x: Product | Narrow, matrix: Matrix) -> Product:
    """A product by the library, on both sides in 8 bits where the weight is."""
    if not isinstance(x, Narrow):
        return functional.linear(x, matrix.weight, matrix.bias)
    assert matrix.scale is not None
    out = torch._scaled_mm(
        x.parts[0], matrix.weight.t(), scale_a=x.step.unsqueeze(1), scale_b=matrix.scale.unsqueeze(0),
        bias=matrix.bias, out_dtype=x.dtype,
    )  # fmt: skip
    return out.view(*x.shape[:-1], -1)
