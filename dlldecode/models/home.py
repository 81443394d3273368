"""Where a model lives, and in how many bits."""

from __future__ import annotations

from typing import NamedTuple

import torch

from . import eight_bit
from .spec import ModelSpec
from .trunk import Trunk


class Home(NamedTuple):
    """A device, the dtype that is computed in, and whether the products of the layers are kept in 8 bits."""

    device: torch.device
    dtype: torch.dtype
    is_eight_bit: bool = False

    @property
    def name(self) -> str:
        """The dtype as users write it."""
        return "fp8" if self.is_eight_bit else str(self.dtype).removeprefix("torch.")


def outline(spec: ModelSpec, home: Home) -> Trunk:
    """A trunk of the right shapes and dtypes that takes no memory yet."""
    with torch.device("meta"):
        trunk = Trunk(spec).to(home.dtype).requires_grad_(False)
    if home.is_eight_bit:
        eight_bit.make_room(trunk)
    return trunk
