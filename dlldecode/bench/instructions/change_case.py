"""All capitals, no capitals, and words in capitals."""

from __future__ import annotations

from .arguments import Relation, Text, holds
from .language import is_in
from .sentences import words


def capital_word_frequency(text: Text, *, capital_relation: Relation, capital_frequency: int) -> bool:
    """So many words have capitals alone; words are nltk's tokens, so `A`, `I` and `B2` count, `COVID-19` once."""
    return holds(sum(word.isupper() for word in words(text)), capital_relation, capital_frequency)


def english_capital(text: Text) -> bool:
    """No letter is small, at least one is a capital, and the language is taken for English."""
    return text.isupper() and is_in("en", text)


def english_lowercase(text: Text) -> bool:
    """No letter is a capital, at least one is small, and the language is taken for English."""
    return text.islower() and is_in("en", text)


CHECKS = (capital_word_frequency, english_capital, english_lowercase)
