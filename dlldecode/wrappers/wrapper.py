"""What may stand around any strategy: it changes what the strategy is shown, or what becomes of its decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..core.step import Decision, StepView


@dataclass(frozen=True)
class Wrapper:
    """Changes nothing; every wrapper overrides what it is about. Its fields are its options; it keeps no state.

    Several wrappers lie around one another, the first named the innermost. `needs` are the fields of `Extra` that they
    read.
    """

    needs: ClassVar[frozenset[str]] = frozenset()

    def seen(self, view: StepView) -> StepView:
        """What the strategy is shown."""
        return view

    def decided(self, decision: Decision, view: StepView) -> Decision:
        """What becomes of the strategy's decision; `view` is what the model said, before any wrapper."""
        return decision
