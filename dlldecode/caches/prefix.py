"""Fast-dLLM's prefix cache: what lies before the open window is kept, the window and all after it computed anew.

Wu et al. 2025, "Fast-dLLM", https://arxiv.org/abs/2505.22618
"""

from __future__ import annotations

from dataclasses import dataclass

from .policy import BUCKET, CachePolicy, Plan, Span


@dataclass(frozen=True)
class Prefix(CachePolicy):
    """Keys and values before the window are those of the forward that opened it."""

    def inside(self, span: Span) -> Plan:
        """From the window to the end of the sequence, in steps of a bucket."""
        columns = span.length - span.start
        return Plan(full=False, width=-(-columns // BUCKET) * BUCKET)
