"""Blocks of one length from left to right, the last one shorter; the next opens when one is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .rule import WindowRule


@dataclass(frozen=True)
class Fixed(WindowRule):
    """Blocks of `block_length` positions."""

    has_schedule: ClassVar[bool] = True
