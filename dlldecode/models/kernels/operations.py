"""The five operations that a layer consists of, and what all layers of one forward share."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..spec import ModelSpec
from ..store import Slots

Hidden = Float[Tensor, "B Q D"]
Product = Float[Tensor, "B Q N"]


class Shadow(NamedTuple):
    """The columns whose shadows stand at the end of the computed ones, and which of them exist."""

    columns: Int[Tensor, "B W"]
    exists: Bool[Tensor, "B W"]


class Sight(NamedTuple):
    """Who is seen: `visible` is False on padding, None where there is none; `shadow` where there are shadows."""

    visible: Bool[Tensor, "B L"] | None = None
    shadow: Shadow | None = None


class Frame(NamedTuple):
    """What all layers of one forward share.

    `cos` and `sin` `[P, E/2]`, float32, hold the rotary angles of every position that the model has; `position` says
    where each computed column stands, `sight` who is seen.
    """

    cos: Float[Tensor, "P F"]
    sin: Float[Tensor, "P F"]
    position: Int[Tensor, "#B Q"]
    sight: Sight


class Norm(NamedTuple):
    """A root-mean-square norm's scale `[D]` and epsilon."""

    weight: Tensor
    eps: float


class Matrix(NamedTuple):
    """A product's weight `[N, K]`, its bias `[N]` or None, and the rows' scales `[N]` where the weight has 8 bits."""

    weight: Tensor
    bias: Tensor | None = None
    scale: Tensor | None = None


class Operations(Protocol):
    """One implementation of them all."""

    def norm(self, x: Hidden, norm: Norm) -> Hidden:
        """The norm alone."""
        ...

    def normed_linear(self, x: Hidden, norm: Norm, linear: Matrix) -> Product:
        """A norm, then a product."""
        ...

    def gated(self, x: Hidden, norm: Norm, gate_up: Matrix) -> Product:
        """A norm, a product whose first half passes through SiLU, and the product of both halves."""
        ...

    def add_linear(self, x: Product, linear: Matrix, residual: Hidden) -> Hidden:
        """A product beside a residual."""
        ...

    def attend(
        self,
        qkv: Product,
        spec: ModelSpec,
        frame: Frame,
        slots: Slots | None = None,
        wanted: Int[Tensor, "B W"] | None = None,
    ) -> Hidden:
        """Turn queries and keys, store what `slots` keep, and mix the columns; `wanted` ones alone come out."""
        ...
