"""The language of an answer, as langdetect guesses it; its dice always start from the same seed."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from .arguments import Text
from .extra import library


@cache
def profiles() -> Any:
    """The languages that langdetect knows, read once, apart from the ones that it keeps for everybody."""
    langdetect = library("langdetect")
    factory = langdetect.DetectorFactory()
    factory.load_profile(langdetect.PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory


@lru_cache(maxsize=32)
def detected(text: str) -> str | None:
    """The language's code, or None for a text that has nothing to guess from."""
    detector = profiles().create()
    detector.append(text)
    try:
        return str(detector.detect())
    except library("langdetect").LangDetectException:
        return None


def is_in(language: str, text: str) -> bool:
    """Say whether a text is taken for a language; one that has nothing to guess from is taken for any."""
    return detected(text) in (language, None)


def response_language(text: Text, *, language: str) -> bool:
    """The answer is in the language (an ISO 639-1 code); one of digits and signs alone follows, too."""
    return is_in(language, text)


CHECKS = (response_language,)
