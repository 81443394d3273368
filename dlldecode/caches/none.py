"""No cache: every forward computes the whole sequence, and nothing is ever stale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .policy import CachePolicy


# Named after its file, like every part; `None` is taken.
@dataclass(frozen=True)
class None_(CachePolicy):
    """Compute everything, keep nothing."""

    keeps: ClassVar[bool] = False
