"""What a layer is made of, once in plain torch and once as Triton kernels; `choose` says which one a device takes."""

from __future__ import annotations

from .operations import Operations
from .plain import Plain

__all__ = ["Operations", "Plain"]
