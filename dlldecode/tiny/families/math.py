"""Equations, fractions, divisors and number bases, worked out; the reply ends in a boxed result."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import gcd, lcm

from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import capital, pick

BOX = re.compile(r"\\boxed\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
FRACTION = re.compile(r"\\frac\{(-?\d+)\}\{(-?\d+)\}")
OPENERS = ("", "", "", "first, ", "we start: ", "step one: ", "to begin, ")
LINKS = ("", "", "then ", "next, ", "now ", "after that, ", "so ")
ENDINGS = (
    "The result is {r}.",
    "So the answer is {r}.",
    "Answer: {r}",
    "Therefore we get {r}.",
    "This gives {r}.",
    "Hence {r}.",
    "The final answer is {r}.",
    "In the end it is {r}.",
    "We conclude: {r}.",
)
Work = tuple[str, list[str], str]  # question, lines of work, exact result


def linear(rng: random.Random) -> Work:
    """a x + b = c, the unknown perhaps on both sides or in brackets."""
    letter = rng.choice("xyznkm")
    root, factor, shift = rng.randint(-9, 12), rng.randint(2, 9), rng.randint(1, 20)
    form = rng.random()
    if form < 0.35:
        right = factor * (root + shift)
        inner = right // factor
        equation = f"{factor}({letter} + {shift}) = {right}"
        lines = [
            pick(
                rng,
                (
                    "divide both sides by {f}: {x} + {s} = {i}.",
                    "dividing by {f} gives {x} + {s} = {i}.",
                    "the bracket is {r} / {f} = {i}, so {x} + {s} = {i}.",
                ),
                f=factor,
                x=letter,
                s=shift,
                i=inner,
                r=right,
            ),
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
                (
                    "take {o} from both sides: {n} + {s} = {r}.",
                    "subtracting {o} leaves {n} + {s} = {r}.",
                    "bring {o} to the left: {n} + {s} = {r}.",
                ),
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
    ask = pick(
        rng,
        (
            "Solve for {x}: {e}.",
            "Solve {e}.",
            "Find {x} if {e}.",
            "What is {x} when {e}?",
            "Which {x} makes {e} true?",
            "Let {e}. Work out {x}.",
            "Determine {x} from {e}.",
        ),
        x=letter,
        e=equation,
    )
    if rng.random() < 0.4:
        lines.append(
            pick(rng, ("so {x} = {r}.", "that means {x} is {r}.", "the solution is {x} = {r}."), x=letter, r=root)
        )
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
        return pick(
            rng,
            (
                "subtract {s} from both sides: {t} = {r} - {s} = {d}.",
                "taking {s} away gives {t} = {d}.",
                "move {s} to the right: {t} = {r} {m} = {d}.",
                "without {s} we have {t} = {d}.",
                "{t} = {r} - {s}, which is {d}.",
            ),
            **words,
        )
    return pick(
        rng,
        (
            "add {s} to both sides: {t} = {r} + {s} = {d}.",
            "adding {s} gives {t} = {d}.",
            "move {s} to the right: {t} = {r} {m} = {d}.",
            "with {s} more we have {t} = {d}.",
            "{t} = {r} + {s}, which is {d}.",
        ),
        **words,
    )


def divide(rng: random.Random, letter: str, factor: int, right: int) -> str:
    """Word the division by the unknown's factor."""
    return pick(
        rng,
        (
            "divide by {f}: {x} = {r} / {f} = {q}.",
            "dividing both sides by {f} gives {x} = {q}.",
            "{x} = {r} / {f}, which is {q}.",
            "since {f} times {q} is {r}, {x} = {q}.",
            "one {x} is {r} / {f} = {q}.",
        ),
        f=factor,
        x=letter,
        r=right,
        q=right // factor,
    )


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
        pick(
            rng,
            (
                "the common denominator is {d}.",
                "both become parts of {d}.",
                "use {d} as the denominator.",
                "the least common multiple of the bottoms is {d}.",
                "bring both to {d}.",
            ),
            **words,
        ),
        pick(
            rng,
            (
                "{a} = {l}/{d} and {b} = {r}/{d}.",
                "we write {l}/{d} and {r}/{d}.",
                "the tops are {l} and {r}.",
                "they are {l}/{d} and {r}/{d}.",
            ),
            **words,
        ),
        pick(
            rng,
            ("{l}/{d} {s} {r}/{d} = {t}/{d}.", "{l} {s} {r} = {t}, so {t}/{d}.", "the top is {l} {s} {r} = {t}."),
            **words,
        ),
    ]
    return fraction_question(rng, f"{top}/{low} {sign} {other}/{high}"), *reduced(rng, lines, total, common)


def product(rng: random.Random, first: tuple[int, int], second: tuple[int, int], sign: str) -> Work:
    """Multiply two fractions, or divide by turning the second over."""
    (top, low), (other, high) = first, second
    ask = fraction_question(rng, f"({top}/{low}) {sign} ({other}/{high})")
    lines = []
    if sign == "/":
        other, high = high, other
        lines.append(
            pick(
                rng,
                (
                    "turn the second over: {a}/{b} * {c}/{d}.",
                    "multiply by {c}/{d} instead.",
                    "dividing means {a}/{b} * {c}/{d}.",
                    "flip it to {c}/{d}.",
                ),
                a=top,
                b=low,
                c=other,
                d=high,
            )
        )
    parts = [
        pick(
            rng,
            ("the top is {a} * {b} = {c}.", "tops: {a} * {b} = {c}.", "above, {a} times {b} is {c}."),
            a=top,
            b=other,
            c=top * other,
        ),
        pick(
            rng,
            ("the bottom is {a} * {b} = {c}.", "bottoms: {a} * {b} = {c}.", "below, {a} times {b} is {c}."),
            a=low,
            b=high,
            c=low * high,
        ),
    ]
    lines += rng.sample(parts, 2)
    return ask, *reduced(rng, lines, top * other, low * high)


def fraction_question(rng: random.Random, expression: str) -> str:
    """Ask for the value of an expression."""
    return pick(
        rng,
        (
            "Calculate {e}.",
            "What is {e}?",
            "Work out {e} in lowest terms.",
            "Find the value of {e}.",
            "Compute {e} as a fraction.",
            "Simplify {e}.",
            "How much is {e}?",
        ),
        e=expression,
    )


def reduced(rng: random.Random, lines: list[str], top: int, low: int) -> tuple[list[str], str]:
    """Add the reduction to lowest terms where there is one."""
    value, common = Fraction(top, low), gcd(top, low)
    if common > 1:
        lines.append(
            pick(
                rng,
                (
                    "divide {a}/{b} by {c}: {v}.",
                    "{a}/{b} reduces to {v}.",
                    "both share the factor {c}, so {v}.",
                    "in lowest terms {a}/{b} is {v}.",
                ),
                a=top,
                b=low,
                c=common,
                v=value,
            )
        )
    return lines, str(value)


def divisors(rng: random.Random) -> Work:
    """Greatest common divisor by Euclid's steps, and the least common multiple from it."""
    common = rng.randint(1, 12)
    first, second = common * rng.randint(2, 9), common * rng.randint(2, 9)
    lines, (high, low) = [], (max(first, second), min(first, second))
    while low:
        lines.append(
            pick(
                rng,
                (
                    "{a} mod {b} = {c}.",
                    "{a} divided by {b} leaves {c}.",
                    "the remainder of {a} by {b} is {c}.",
                    "dividing {a} by {b}, {c} is left.",
                ),
                a=high,
                b=low,
                c=high % low,
            )
        )
        high, low = low, high % low
    lines.append(
        pick(
            rng,
            (
                "the last divisor is {g}.",
                "the greatest common divisor is {g}.",
                "so the gcd is {g}.",
                "nothing is left, so it is {g}.",
            ),
            g=high,
        )
    )
    words = {"a": first, "b": second}
    if rng.random() < 0.6 or first // high * second > 200:
        return (
            pick(
                rng,
                (
                    "Find the gcd of {a} and {b}.",
                    "What is the greatest common divisor of {a} and {b}?",
                    "Compute gcd({a}, {b}).",
                    "Which is the largest number dividing both {a} and {b}?",
                ),
                **words,
            ),
            lines,
            str(high),
        )
    quotient = first // high
    lines += [
        pick(rng, ("{a} / {g} = {q}.", "{a} over {g} is {q}."), a=first, g=high, q=quotient),
        pick(
            rng,
            ("{q} * {b} = {m}.", "{q} times {b} is {m}.", "multiply {q} by {b}: {m}."),
            q=quotient,
            b=second,
            m=quotient * second,
        ),
    ]
    return (
        pick(
            rng,
            (
                "Find the lcm of {a} and {b}.",
                "What is the least common multiple of {a} and {b}?",
                "Compute lcm({a}, {b}).",
                "Which is the smallest number that {a} and {b} both divide?",
            ),
            **words,
        ),
        lines,
        str(quotient * second),
    )


def bases(rng: random.Random) -> Work:
    """Write a number in another base, or read one."""
    base = rng.randint(2, 9)
    number = rng.randint(base, min(base**4 - 1, 199))
    digits, lines, rest = "", [], number
    while rest:
        lines.append(
            pick(
                rng,
                (
                    "{a} = {q} * {b} + {d}.",
                    "{a} / {b} is {q}, remainder {d}.",
                    "{a} by {b}: {q}, digit {d}.",
                    "dividing {a} gives {q} and {d}.",
                ),
                a=rest,
                b=base,
                q=rest // base,
                d=rest % base,
            )
        )
        digits, rest = str(rest % base) + digits, rest // base
    if rng.random() < 0.5:
        if len(lines) < 6:
            lines.append(
                pick(
                    rng, ("read the digits upwards: {d}.", "from last to first: {d}.", "the digits are {d}."), d=digits
                )
            )
        return (
            pick(
                rng,
                (
                    "Write {n} in base {b}.",
                    "Convert {n} to base {b}.",
                    "What is {n} in base {b}?",
                    "Give the base {b} form of {n}.",
                    "Express the decimal number {n} in base {b}.",
                ),
                n=number,
                b=base,
            ),
            lines,
            digits,
        )
    lines, value = [], 0
    for digit in digits:
        total = value * base + int(digit)
        lines.append(
            pick(
                rng,
                ("{v} * {b} + {d} = {t}.", "{v} times {b} plus {d} is {t}.", "from {v} with digit {d}: {t}."),
                v=value,
                b=base,
                d=digit,
                t=total,
            )
        )
        value = total
    return (
        pick(
            rng,
            (
                "Read {n} in base {b} as a decimal number.",
                "What is {n} from base {b} in decimal?",
                "Convert {n} from base {b} to base 10.",
                "The digits {n} are in base {b}. Which number is it?",
            ),
            n=digits,
            b=base,
        ),
        lines[1:],
        str(number),
    )


KINDS: tuple[Callable[[random.Random], Work], ...] = (linear, linear, fractions, fractions, divisors, bases)


def sample(rng: random.Random) -> Problem:
    """Draw a problem of one of the kinds."""
    ask, lines, result = rng.choice(KINDS)(rng)
    last = pick(rng, ENDINGS, r=f"\\boxed{{{result}}}")
    openers = [OPENERS] + [LINKS] * (len(lines) - 1) if len(lines) < 6 else [("",)] * len(lines)
    body = [capital(pick(rng, opener) + line) for opener, line in zip(openers, lines, strict=True)]
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
