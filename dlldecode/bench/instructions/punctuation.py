"""Signs that must not occur."""

from __future__ import annotations

from .arguments import Text


def no_comma(text: Text) -> bool:
    """No ASCII comma; those of other scripts are let pass."""
    return "," not in text


CHECKS = (no_comma,)
