"""Formats: titles, lists, sections, highlights, JSON, set phrases."""

from __future__ import annotations

import json
import re

from .arguments import Text

CHOICES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
FENCES = ("```json", "```Json", "```JSON", "```")


def constrained_response(text: Text) -> bool:
    """One of the three set answers stands somewhere, in this very case."""
    return any(choice in text for choice in CHOICES)


def json_format(text: Text) -> bool:
    """Everything is JSON, with a fence around it or none.

    A bare number or NaN counts. What Python's reader refuses for its depth or its digits does not.
    """
    body = text.strip()
    for fence in FENCES:
        body = body.removeprefix(fence)
    try:
        json.loads(body.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def multiple_sections(text: Text, *, section_spliter: str, num_sections: int) -> bool:
    """At least so many section heads: the word in its case, then a number; the word is a regular expression."""
    return len(re.findall(rf"{section_spliter.strip()}\s?\d+", text)) >= num_sections


def number_bullet_lists(text: Text, *, num_bullets: int) -> bool:
    """Exactly so many lines begin with `*` or `-`; not with `**`, but rules such as `---` count.

    A `*` that is alone in its line takes the next line with it, so that the two are one.
    """
    stars = re.findall(r"^[^\S\n]*\*[^*].*", text, re.MULTILINE)
    dashes = re.findall(r"^[^\S\n]*-", text, re.MULTILINE)
    return len(stars) + len(dashes) == num_bullets


def number_highlighted_sections(text: Text, *, num_highlights: int) -> bool:
    """At least so many *highlights*, each within a line and not blank; a **bold** one counts like any other."""
    single = re.findall(r"\*([^\n*]*)\*", text)
    double = re.findall(r"\*\*([^\n*]*)\*\*", text)
    return sum(bool(inside.strip()) for inside in single + double) >= num_highlights


def title(text: Text) -> bool:
    """A line holds a <<title>> that is not blank; from the line's first `<<` to its last `>>` it is one title."""
    return any(is_titled(line) for line in text.split("\n"))


def is_titled(line: str) -> bool:
    """Say whether something other than angle brackets and spaces stands in double angle brackets."""
    start, end = line.find("<<"), line.rfind(">>")
    return 0 <= start < end - 2 and bool(line[start : end + 2].lstrip("<").rstrip(">").strip())


CHECKS = (
    constrained_response,
    json_format,
    multiple_sections,
    number_bullet_lists,
    number_highlighted_sections,
    title,
)
