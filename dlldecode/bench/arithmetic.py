"""Exact numbers and sums read from text that anyone may have written: nothing is rounded, nothing is run."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

LONGEST = 200  # characters of one number or sum; no answer comes near, and every operation stays small
PLAIN = re.compile(r"[0-9+\-*/() ]+")
DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Sum(NamedTuple):
    """What a sum comes to and the numbers written in it, with the sign where a minus stands before one."""

    value: Fraction
    numbers: tuple[int, ...]


def number(text: str) -> Fraction | None:
    """The number that a text writes, `$`, thousands commas and a final full stop left aside; None where it is none."""
    digits = text.replace("$", "").replace(",", "").strip().removesuffix(".")
    return Fraction(digits) if len(digits) <= LONGEST and DECIMAL.fullmatch(digits) else None


def evaluate(text: str) -> Sum | None:
    """Read a sum of whole numbers, + - * / and parentheses; None for anything else, division by zero included."""
    if len(text) > LONGEST or not PLAIN.fullmatch(text):
        return None
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _read(node: ast.expr) -> Sum:
    """The sum of a tree. Raises ValueError at what does not belong in one."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = _read(node.left), _read(node.right)
        return Sum(OPERATIONS[type(node.op)](left.value, right.value), left.numbers + right.numbers)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _read(node.operand)
        alone = isinstance(node.operand, ast.Constant)
        return Sum(-inner.value, tuple(-each for each in inner.numbers) if alone else inner.numbers)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return Sum(Fraction(node.value), (node.value,))
    raise ValueError(f"{type(node).__name__} is no part of a sum")
