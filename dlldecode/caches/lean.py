"""A dual cache that opens a window cheaply: only the finished one and the new one are computed, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from .policy import CachePolicy, Plan, Span


@dataclass(frozen=True)
class Lean(CachePolicy):
    """Keys and values of the prompt and of what is still far off are those of the very first forward."""

    def opening(self, span: Span, first: bool) -> Plan:
        """Everything at first; later the window before and the new one."""
        return Plan(full=True) if first else Plan(False, span.window, 2 * span.window, behind=0)

    def inside(self, span: Span) -> Plan:
        """The window alone."""
        return Plan(full=False, width=span.window, behind=0)
