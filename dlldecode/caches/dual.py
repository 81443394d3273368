"""Fast-dLLM's dual cache: only the open window is computed, its keys and values replaced in place.

Wu et al. 2025, "Fast-dLLM", https://arxiv.org/abs/2505.22618
"""

from __future__ import annotations

from dataclasses import dataclass

from .policy import CachePolicy, Plan, Span


@dataclass(frozen=True)
class Dual(CachePolicy):
    """Keys and values around the window are those of the forward that opened it."""

    def inside(self, span: Span) -> Plan:
        """The window alone."""
        return Plan(full=False, width=span.window, behind=0)
