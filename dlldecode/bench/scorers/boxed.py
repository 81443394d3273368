r"""MATH-500 and its like: the last `\boxed{...}`, equal to the record's `answer` as a formula.

Without a box the last formula between dollar signs or `\( \)` counts, else the last number, else the last line.
Formulas equal in writing, leaving out spacing, sizes, `\text`, degrees, percent and dollar signs, are equal; the rest
math-verify decides. It takes a number without a base for one with, and we do not take one base for another.
"""

from __future__ import annotations

import re

from ..answers import boxed, last_line
from ..equivalence import same
from ..verdict import Doc, Verdict

RUNS_CODE = False
TAIL = 2000  # characters at the end that are searched where nothing is boxed
FORMULA = re.compile(r"\$\$?([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
NUMBER = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?(?:/[0-9]+)?")
DOLLAR = re.compile(r"\\?\$")
BASE = re.compile(r"[0-9A-Fa-f]+_\{?([0-9]+)\}?")
WRITTEN = (
    (re.compile(r"\\[dt]frac"), r"\\frac"),
    (re.compile(r"\\(?:text|mathrm|textbf|mathbf|mbox)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\^\s*(?:\\circ|\{\s*\\circ\s*\})|°|\\?%|\\?\$"), ""),
    (re.compile(r"\\left|\\right|\\[!,;: ]|\s"), ""),
)


def score(doc: Doc, text: str) -> Verdict:
    """1 where the answer read equals the record's."""
    answer, expected = read(text), str(doc["answer"])
    equal = equivalent(expected, answer)
    note = "" if equal else "math-verify came to no end" if equal is None else f"expected {expected}"
    return Verdict({"accuracy": float(bool(equal))}, answer=answer, note=note)


def gold(doc: Doc) -> str:
    """The record's answer in a box."""
    return rf"\boxed{{{doc['answer']}}}"


def read(text: str) -> str:
    """The part of a text that answers."""
    inside = boxed(text)
    if inside is not None:
        return inside
    formulas = FORMULA.findall(text[-TAIL:])
    if formulas:
        return next((part for part in formulas[-1] if part), "").strip()
    numbers = NUMBER.findall(text[-TAIL:])
    return numbers[-1] if numbers else last_line(text[-TAIL:])


def equivalent(expected: str, answer: str) -> bool | None:
    """Say whether two answers are equal; None where it could not be told."""
    plain = [_plain(side) for side in (expected, answer)]
    bases = {found[1] for found in map(BASE.fullmatch, plain) if found}
    if plain[0] == plain[1] or not plain[1] or len(bases) > 1:
        return plain[0] == plain[1]
    return same(*(DOLLAR.sub("", side).strip().rstrip(".") for side in (expected, answer)))


def _plain(formula: str) -> str:
    for pattern, replacement in WRITTEN:
        formula = pattern.sub(replacement, formula)
    return formula.rstrip(".").removesuffix("\\")
