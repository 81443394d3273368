"""What every task family hands over: a question, one right answer, and what its checker needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One task: `prompt` is the user's turn, `answer` one right reply, `facts` what decides other replies."""

    family: str
    prompt: str
    answer: str
    facts: Any = ()
