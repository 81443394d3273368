r"""Countdown: reach the target from the given numbers with + - * / and parentheses.

Records are d1's (`input` the numbers, `output` the target) or Dream's (`input` the numbers and then the target,
`output` a worked solution, told by its =). An answer is one sum, `(93-30)*2`, or a chain of steps, `44-15=29,79-29=50`,
in which every operand is a number or result not used before and every step is right. The last step must give the
target; d1 asks that all numbers be used, Dream only that none is used twice.

The answer is what the last `<answer>` holds, else the last `\boxed`, else the last line with a sum, else all lines:
all sums there as one chain, or the last sum alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from typing import NamedTuple

from ..answers import boxed, tagged
from ..arithmetic import LONGEST, Sum, evaluate
from ..verdict import Doc, Verdict

RUNS_CODE = False
WRITTEN = (
    (re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}"), r"(\1)/(\2)"),
    (re.compile(r"\\left|\\right|\$"), ""),
    (re.compile(r"\\times|\\cdot|[×·∙⋅]|(?<=[0-9) ])x(?=[0-9( ])"), "*"),
    (re.compile(r"\\div|÷"), "/"),
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE), ""),  # a list's bullets
)
TAIL = 4000  # characters at the end that are searched
SIGN = re.compile(r"[0-9)][ \t]*[-+*/]")
STEP = re.compile(r"[0-9+\-*/()= \t]+")


class Game(NamedTuple):
    """The given numbers, the target, and whether every number has to be used."""

    numbers: tuple[int, ...]
    target: int
    every: bool


def score(doc: Doc, text: str) -> Verdict:
    """1 where a reading of the text reaches the target."""
    game = game_of(doc)
    answers = list(_readings(text))
    right = [answer for answer in answers if reaches(game, answer)]
    return Verdict({"accuracy": float(bool(right))}, answer=(right or answers)[0].strip()[:200])


def gold(doc: Doc) -> str | None:
    """Dream's worked solution; for d1 one found by trying all sums, None where the target cannot be reached."""
    game = game_of(doc)
    if not game.every:
        return str(doc["output"])
    return solve([(Fraction(each), str(each)) for each in game.numbers], game.target)


def game_of(doc: Doc) -> Game:
    """Read a record of either kind."""
    numbers = tuple(int(each) for each in str(doc["input"]).split(","))
    if "=" in str(doc["output"]):
        return Game(numbers[:-1], numbers[-1], every=False)
    return Game(numbers, int(doc["output"]), every=True)


def reaches(game: Game, answer: str) -> bool:
    """Say whether the steps of an answer lead from the numbers to the target."""
    steps = list(_steps(answer))
    return _lead(game, steps) or _lead(game, steps[-1:])


def _lead(game: Game, steps: list[Sum | None]) -> bool:
    left: list[Fraction] = [Fraction(each) for each in game.numbers]
    for step in steps:
        if step is None or not _take(left, step.numbers):
            return False
        left.append(step.value)
    return bool(steps) and left[-1] == game.target and (len(left) == 1 or not game.every)


def solve(terms: list[tuple[Fraction, str]], target: int) -> str | None:
    """A sum of all terms that gives the target, or None."""
    if len(terms) == 1:
        return terms[0][1] if terms[0][0] == target else None
    for first, second in permutations(range(len(terms)), 2):
        rest = [term for place, term in enumerate(terms) if place not in (first, second)]
        (a, left), (b, right) = terms[first], terms[second]
        joined = [(a + b, "+"), (a - b, "-"), (a * b, "*"), *([(a / b, "/")] if b else [])]
        for value, sign in joined:
            found = solve([*rest, (value, f"({left}{sign}{right})")], target)
            if found:
                return found
    return None


def _readings(text: str) -> Iterator[str]:
    """The parts of the text that may hold the answer, plainly written."""
    marked = tagged(text)
    marked = boxed(text) if marked is None else boxed(marked) or marked
    plain = _plain(text if marked is None else marked)[-TAIL:]
    if marked is None:
        lines = (line for line in reversed(plain.splitlines()) if any(True for _ in _steps(line)))
        yield next(lines, "")
    yield plain


def _plain(text: str) -> str:
    for pattern, replacement in WRITTEN:
        text = pattern.sub(replacement, text)
    return text


def _steps(text: str) -> Iterator[Sum | None]:
    """Every calculation of a text; None for one that is malformed or whose sides differ."""
    for found in STEP.finditer(text):
        if SIGN.search(found[0]):
            yield _step(found[0].rstrip(" \t(+-*/=").lstrip(" \t)+*/="))


def _step(text: str) -> Sum | None:
    """The side of an equation that has most numbers, where all sides are equal; a sum alone is its own equation."""
    sides = text.split("=") if len(text) <= 2 * LONGEST else [""]
    sums = [side for side in map(evaluate, sides) if side]
    same = len(sums) == len(sides) and len({side.value for side in sums}) == 1
    return max(sums, key=lambda side: len(side.numbers)) if same else None


def _take(left: list[Fraction], numbers: tuple[int, ...]) -> bool:
    """Take numbers out of what is left; a minus may belong to the number or stand before it."""
    for each in numbers:
        found = next((have for have in (each, abs(each)) if have in left), None)
        if found is None:
            return False
        left.remove(Fraction(found))
    return True
