"""Sentences and words of English, without the model that nltk would download.

nltk's Punkt splitter runs with its default parameters, with abbreviations after which a sentence goes on, and with
common words that, in capitals, open a new one even so. The reference has Punkt's trained model instead: the two may
differ by a sentence where rarer abbreviations, initials or ellipses occur.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .extra import library

# Some that Punkt's trained model does not know are left out, as the reference splits after them: e.g., i.e., etc.
ABBREVIATIONS = """
    mr mrs ms messrs dr prof sr jr st gen col lt maj adm sen rep reps inc ltd co corp bros ave
    u.s u.s.a u.k u.n d.c n.y l.a a.m p.m a.d ph.d m.b.a vs ft
    jan feb aug sep sept oct nov dec tues wed fri
"""
COMMON = """
    a an the this that these those there here it its he his she her we our you your they their my
    in on at by to of for from with without under after before during since until while when where who what why how
    which if as so and or but yet not no yes all both each every some many most more other such one two first second
    however although though because despite instead thus therefore moreover meanwhile also then now finally next
    is are was were do does did can could will would should may might must have has let please
"""
READ = 30_000  # characters: more than answers have, few enough for nltk, which gives a text up after five seconds


def splitter() -> Any:
    """Punkt, knowing the abbreviations, and the common words as ones that are written small."""
    punkt = library("nltk.tokenize.punkt")
    parameters = punkt.PunktTrainer(COMMON).get_params()
    parameters.abbrev_types.update(ABBREVIATIONS.split())
    return punkt.PunktSentenceTokenizer(parameters)


@lru_cache(maxsize=32)
def sentences(text: str) -> tuple[str, ...]:
    """Split a text into sentences; of a long one, its first 30,000 characters."""
    return tuple(splitter().tokenize(text[:READ]))


def words(text: str) -> list[str]:
    """Split a text into words and signs, as nltk's `word_tokenize` does."""
    tokenizer = library("nltk.tokenize").NLTKWordTokenizer()
    return [word for sentence in sentences(text) for word in tokenizer.tokenize(sentence)]
