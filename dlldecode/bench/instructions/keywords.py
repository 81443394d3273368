"""Words and letters that have to occur, or must not. Keywords are regular expressions, found whatever the case."""

from __future__ import annotations

import re

from .arguments import Letter, Relation, Text, holds


def existence(text: Text, *, keywords: list[str]) -> bool:
    """Every keyword occurs, also within a longer word."""
    return all(re.search(keyword, text, re.IGNORECASE) for keyword in keywords)


def forbidden_words(text: Text, *, forbidden_words: list[str]) -> bool:
    """None of the words occurs as a whole word."""
    return not any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for word in forbidden_words)


def frequency(text: Text, *, relation: Relation, keyword: str, frequency: int) -> bool:
    """The keyword occurs so often, also within longer words."""
    return holds(len(re.findall(keyword.strip(), text, re.IGNORECASE)), relation, frequency)


def letter_frequency(text: Text, *, let_relation: Relation, letter: Letter, let_frequency: int) -> bool:
    """The letter occurs so often, whatever the case.

    Two prompts ask for `#` and `!`, in place of which the reference draws a letter at random; here they are counted.
    """
    return holds(text.lower().count(letter.lower()), let_relation, let_frequency)


CHECKS = (existence, forbidden_words, frequency, letter_frequency)
