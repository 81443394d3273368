"""Batched self-speculation: a forward also computes the states that its strategy is expected to bring about next.

In the manner of FreeDave (Wu et al. 2025, https://arxiv.org/abs/2510.00294) and PSD (2026,
https://arxiv.org/abs/2605.15609, known from a digest). The next states are guessed by letting the strategy decide again
on what the last forward said. A guess that comes true is a forward that need not be run: the strategy reads its logits
instead, so that the tokens are those of the strategy alone, and wrong guesses cost only their columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from typing_extensions import Doc

from .wrapper import Wrapper


@dataclass(frozen=True)
class Verify(Wrapper):
    """Changes no token; a step may follow another one without a forward of its own."""

    drafts: Annotated[int, Ge(1), Le(16), Doc("next states that ride along in a forward")] = 3
