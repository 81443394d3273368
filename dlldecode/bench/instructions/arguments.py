"""What checks take, and the two ways in which they compare a count."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SkipValidation

Text = SkipValidation[str]  # an answer may hold anything; what the data hold is validated
Relation = Literal["at least", "less than"]
Letter = Annotated[str, Field(min_length=1, max_length=1)]


def holds(count: int, relation: Relation, bound: int) -> bool:
    """Say whether a count is at least its bound, or less than it."""
    return count < bound if relation == "less than" else count >= bound
