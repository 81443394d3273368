"""A dual cache that opens a window cheaply: only the finished one and the new one are computed, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from .policy import CachePolicy, Plan, Span


@dataclass(frozen=True)
class Lean(CachePolicy):
    """Keys and values of the prompt and of what is still far off are those of the very first forward."""

    def opening(self, span: Span, first: bool) -> Plan:
        """Everything at first; later the window before and the new one."""
        return Plan(full=True) if first else Plan(full=False, before=span.window, width=2 * span.window)

    def inside(self, span: Span) -> Plan:
        """The window alone."""
        return Plan(full=False, width=span.window)
