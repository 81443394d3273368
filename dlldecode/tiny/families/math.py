"""Equations, fractions, divisors and number bases, worked out; the reply ends in a boxed result."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import gcd, lcm

from dlldecode.tiny import wordings
from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import capital, pick

SAY = wordings.load("math")
BOX = re.compile(r"\\boxed\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
FRACTION = re.compile(r"\\frac\{(-?\d+)\}\{(-?\d+)\}")
OPENERS = ("", "", "", "first, ", "we start: ", "step one: ", "to begin, ")
LINKS = ("", "", "then ", "next, ", "now ", "after that, ", "so ")
Work = tuple[str, list[str], str]  # question, lines of work, exact result


def linear(rng: random.Random) -> Work:
    """A x + b = c, the unknown perhaps on both sides or in brackets."""
    letter = rng.choice("xyznkm")
    root, factor, shift = rng.randint(-9, 12), rng.randint(2, 9), rng.randint(1, 20)
    form = rng.random()
    if form < 0.35:
        right = factor * (root + shift)
        inner = right // factor
        equation = f"{factor}({letter} + {shift}) = {right}"
        lines = [
            pick(rng, SAY["linear: divided bracket"], f=factor, x=letter, s=shift, i=inner, r=right),
            remove(rng, letter, 1, shift, inner),
        ]
    elif form < 0.65:
        other = rng.randint(1, factor - 1)
        right = (factor - other) * root + shift
        equation = f"{factor}{letter} + {shift} = {coefficient(other, letter)} {signed(right)}"
        near = factor - other
        lines = [
            pick(
                rng,
                SAY["linear: unknown moved"],
                o=coefficient(other, letter),
                n=coefficient(near, letter),
                s=shift,
                r=right,
            ),
            remove(rng, letter, near, shift, right),
        ]
        if near > 1:
            lines.append(divide(rng, letter, near, right - shift))
    else:
        sign = rng.choice((1, -1))
        right = factor * root + sign * shift
        equation = f"{factor}{letter} {signed(sign * shift)} = {right}"
        lines = [remove(rng, letter, factor, sign * shift, right), divide(rng, letter, factor, right - sign * shift)]
    ask = pick(rng, SAY["linear: asked"], x=letter, e=equation)
    if rng.random() < 0.4:
        lines.append(pick(rng, SAY["linear: closing"], x=letter, r=root))
    return ask, lines, str(root)


def coefficient(factor: int, letter: str) -> str:
    """Write a multiple of the unknown, without a needless 1."""
    return letter if factor == 1 else f"{factor}{letter}"


def signed(number: int) -> str:
    """Write `+ 3` or `- 3`."""
    return f"- {-number}" if number < 0 else f"+ {number}"


def remove(rng: random.Random, letter: str, factor: int, shift: int, right: int) -> str:
    """Word the move of a constant to the right."""
    term, rest = coefficient(factor, letter), right - shift
    words = {"t": term, "s": abs(shift), "r": right, "d": rest, "m": signed(-shift)}
    if shift > 0:
        return pick(rng, SAY["linear: constant taken away"], **words)
    return pick(rng, SAY["linear: constant added"], **words)


def divide(rng: random.Random, letter: str, factor: int, right: int) -> str:
    """Word the division by the unknown's factor."""
    return pick(rng, SAY["linear: divided"], f=factor, x=letter, r=right, q=right // factor)


def fractions(rng: random.Random) -> Work:
    """Sum, difference, product or quotient of two fractions."""
    low, high = rng.randint(2, 10), rng.randint(2, 10)
    top, other = rng.randint(1, low), rng.randint(1, high)
    sign = rng.choice("++--*/")
    if sign in "*/":
        return product(rng, (top, low), (other, high), sign)
    common = lcm(low, high)
    left, right = top * common // low, other * common // high
    if sign == "-" and left < right:
        (top, low, left), (other, high, right) = (other, high, right), (top, low, left)
    total = left + right if sign == "+" else left - right
    words = {"a": f"{top}/{low}", "b": f"{other}/{high}", "d": common, "l": left, "r": right, "s": sign, "t": total}
    lines = [
        pick(rng, SAY["fractions: denominator"], **words),
        pick(rng, SAY["fractions: widened"], **words),
        pick(rng, SAY["fractions: combined"], **words),
    ]
    return fraction_question(rng, f"{top}/{low} {sign} {other}/{high}"), *reduced(rng, lines, total, common)


def product(rng: random.Random, first: tuple[int, int], second: tuple[int, int], sign: str) -> Work:
    """Multiply two fractions, or divide by turning the second over."""
    (top, low), (other, high) = first, second
    ask = fraction_question(rng, f"({top}/{low}) {sign} ({other}/{high})")
    lines = []
    if sign == "/":
        other, high = high, other
        lines.append(pick(rng, SAY["fractions: turned over"], a=top, b=low, c=other, d=high))
    parts = [
        pick(rng, SAY["fractions: tops multiplied"], a=top, b=other, c=top * other),
        pick(rng, SAY["fractions: bottoms multiplied"], a=low, b=high, c=low * high),
    ]
    lines += rng.sample(parts, 2)
    return ask, *reduced(rng, lines, top * other, low * high)


def fraction_question(rng: random.Random, expression: str) -> str:
    """Ask for the value of an expression."""
    return pick(rng, SAY["fractions: asked"], e=expression)


def reduced(rng: random.Random, lines: list[str], top: int, low: int) -> tuple[list[str], str]:
    """Add the reduction to lowest terms where there is one."""
    value, common = Fraction(top, low), gcd(top, low)
    if common > 1:
        lines.append(pick(rng, SAY["fractions: reduced"], a=top, b=low, c=common, v=value))
    return lines, str(value)


def divisors(rng: random.Random) -> Work:
    """Greatest common divisor by Euclid's steps, and the least common multiple from it."""
    common = rng.randint(1, 12)
    first, second = common * rng.randint(2, 9), common * rng.randint(2, 9)
    lines, (high, low) = [], (max(first, second), min(first, second))
    wording = rng.choice(SAY["divisors: remainder"])
    while low:
        lines.append(wording.format(a=high, b=low, c=high % low))
        high, low = low, high % low
    lines.append(pick(rng, SAY["divisors: found"], g=high))
    words = {"a": first, "b": second}
    if rng.random() < 0.6 or first // high * second > 200:
        return (pick(rng, SAY["divisors: asked"], **words), lines, str(high))
    quotient = first // high
    lines += [
        pick(rng, SAY["divisors: quotient"], a=first, g=high, q=quotient),
        pick(rng, SAY["divisors: multiplied"], q=quotient, b=second, m=quotient * second),
    ]
    return (pick(rng, SAY["divisors: asked for the multiple"], **words), lines, str(quotient * second))


def bases(rng: random.Random) -> Work:
    """Write a number in another base, or read one."""
    base = rng.randint(2, 9)
    number = rng.randint(base, min(base**4 - 1, 199))
    digits, lines, rest = "", [], number
    wording = rng.choice(SAY["bases: digit"])
    while rest:
        lines.append(wording.format(a=rest, b=base, q=rest // base, d=rest % base))
        digits, rest = str(rest % base) + digits, rest // base
    if rng.random() < 0.5:
        if len(lines) < 6:
            lines.append(pick(rng, SAY["bases: read"], d=digits))
        return (pick(rng, SAY["bases: asked"], n=number, b=base), lines, digits)
    lines, value, wording = [], 0, rng.choice(SAY["bases: value"])
    for digit in digits:
        total = value * base + int(digit)
        lines.append(wording.format(v=value, b=base, d=digit, t=total))
        value = total
    return (pick(rng, SAY["bases: asked for the value"], n=digits, b=base), lines[1:], str(number))


KINDS: tuple[Callable[[random.Random], Work], ...] = (linear, linear, fractions, fractions, divisors, bases)


def sample(rng: random.Random) -> Problem:
    """Draw a problem of one of the kinds."""
    ask, lines, result = rng.choice(KINDS)(rng)
    last = pick(rng, SAY["ending"], r=f"\\boxed{{{result}}}")
    first, link = (rng.choice(OPENERS), rng.choice(LINKS)) if len(lines) < 6 else ("", "")
    body = [capital((link if place else first) + line) for place, line in enumerate(lines)]
    separator = " " if rng.random() < 0.4 else "\n"
    return Problem("math", ask, separator.join([*body, last]), result)


def candidates(text: str) -> Iterator[str]:
    """Yield what stands in the boxes of `text`."""
    for inner in BOX.findall(text):
        fraction = FRACTION.fullmatch(inner.strip())
        yield f"{fraction[1]}/{fraction[2]}" if fraction else inner.replace(" ", "")


def check(problem: Problem, text: str) -> bool:
    """Say whether the last box holds exactly the right value; equal fractions count."""
    boxes = list(candidates(text))
    if not boxes:
        return False
    try:
        return Fraction(boxes[-1].split("=")[-1]) == Fraction(str(problem.facts))
    except (ValueError, ZeroDivisionError):
        return False
