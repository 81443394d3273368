"""How many words, sentences and paragraphs there are."""

from __future__ import annotations

import re

from pydantic import PositiveInt

from .arguments import Relation, Text, holds
from .sentences import sentences


def number_words(text: Text, *, relation: Relation, num_words: int) -> bool:
    r"""So many runs of letters, digits and underscores: `it's` is two, a Chinese sentence one."""
    return holds(len(re.findall(r"\w+", text)), relation, num_words)


def number_sentences(text: Text, *, relation: Relation, num_sentences: int) -> bool:
    """So many sentences, where an unpunctuated list is one."""
    return holds(len(sentences(text)), relation, num_sentences)


def number_paragraphs(text: Text, *, num_paragraphs: int) -> bool:
    """Exactly so many paragraphs between `***`; blank ones are let pass at the beginning and the end alone."""
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", text)]
    return all(parts[1:-1]) and sum(map(bool, parts)) == num_paragraphs


def nth_paragraph_first_word(text: Text, *, num_paragraphs: int, nth_paragraph: PositiveInt, first_word: str) -> bool:
    """Exactly so many paragraphs between empty lines, and the word opens one of them.

    The total leaves blank paragraphs out, the place counts them.
    """
    parts = [part.strip() for part in text.split("\n\n")]
    count = sum(map(bool, parts))
    return (
        count == num_paragraphs and nth_paragraph <= count and opening(parts[nth_paragraph - 1]) == first_word.lower()
    )


def opening(paragraph: str) -> str:
    """The first word in small letters, without quotes before it, up to the first mark of `.,?!'"`."""
    first, *_ = paragraph.split() or [""]
    bare = first.lstrip("'").lstrip('"')
    return re.split(r"""[.,?!'"]""", bare, maxsplit=1)[0].lower()


CHECKS = (number_words, number_sentences, number_paragraphs, nth_paragraph_first_word)
