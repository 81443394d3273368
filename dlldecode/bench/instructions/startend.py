"""How the answer begins and ends."""

from __future__ import annotations

from .arguments import Text


def end_checker(text: Text, *, end_phrase: str) -> bool:
    """The phrase ends the answer, whatever the case; only spaces and straight double quotes may follow."""
    return text.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def quotation(text: Text) -> bool:
    """Straight double quotes stand around everything."""
    bare = text.strip()
    return len(bare) > 1 and bare[0] == bare[-1] == '"'


CHECKS = (end_checker, quotation)
