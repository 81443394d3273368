"""What every task family hands over: a question, one right answer, and what its checker needs."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One task: `prompt` is the user's turn, `answer` one right reply, `facts` what decides other replies."""

    family: str
    prompt: str
    answer: str
    facts: Hashable = ()
