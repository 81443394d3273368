"""Expressions of the small Python that the model writes, evaluated node by node under limits."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

MAX_TEXT, MAX_STEPS, MAX_NUMBER, MAX_SIZE = 2_000, 5_000, 10**12, 500


class Refused(Exception):
    """The program is not of the listed kind, ran too long, made too large a value, or failed."""


OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "sum": sum,
    "max": max,
    "min": min,
    "abs": abs,
    "sorted": sorted,
    "range": range,
    "list": list,
    "int": int,
    "reversed": reversed,
    "any": any,
    "all": all,
    "enumerate": enumerate,
    "zip": zip,
    "bool": bool,
}
METHODS: dict[type, frozenset[str]] = {
    list: frozenset({"append", "count", "index", "reverse", "sort"}),
    str: frozenset({"upper", "lower", "count", "startswith", "endswith", "split", "strip", "title", "capitalize"}),
}


def bounded(value: Any) -> Any:
    """Pass `value` on unless it is too large to go on with."""
    if isinstance(value, (int, float)) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise Refused("number too large")
    if isinstance(value, (str, list, tuple, range)) and len(value) > MAX_SIZE:
        raise Refused("value too long")
    if isinstance(value, (list, tuple)) and any(
        isinstance(item, (list, tuple)) and not is_pair(item) for item in value
    ):
        raise Refused("nested too deep")
    return value


def is_pair(item: list[Any] | tuple[Any, ...]) -> bool:
    """Say whether a nested group is short and flat; deeper ones could make one comparison take for ever."""
    return len(item) <= 4 and not any(isinstance(inner, (list, tuple)) for inner in item)


class Evaluator:
    """Works out expressions over names of its own, counting every visited node."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names, self.steps = names, 0

    def tick(self) -> None:
        """Count one step."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Refused("too many steps")

    def value(self, node: ast.expr) -> Any:
        """Work out an expression."""
        self.tick()
        rule = getattr(self, "_see_" + type(node).__name__, None)
        if rule is None:
            raise Refused(f"expression {type(node).__name__}")
        return bounded(rule(node))

    def assign(self, target: ast.expr, value: Any) -> None:
        """Bind a name, several names, or a list's element."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple):
            values = self.items(value)
            if len(values) != len(target.elts):
                raise Refused("unequal assignment")
            for part, item in zip(target.elts, values, strict=True):
                self.assign(part, item)
        elif isinstance(target, ast.Subscript):
            self.value(target.value)[self.value(target.slice)] = value
        else:
            raise Refused("target")

    def items(self, group: Any) -> list[Any]:
        """Take the items of a group, one step each."""
        taken = []
        for item in group:
            self.tick()
            taken.append(bounded(item))
        return taken

    def _see_Constant(self, node: ast.Constant) -> Any:
        if not isinstance(node.value, (int, float, str, type(None))):
            raise Refused("constant")
        return node.value

    def _see_Name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise Refused(f"name {node.id}")
        return self.names[node.id]

    def _see_List(self, node: ast.List) -> list[Any]:
        return [self.value(item) for item in node.elts]

    def _see_Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.value(item) for item in node.elts)

    def _see_BinOp(self, node: ast.BinOp) -> Any:
        return self.operate(node.op, self.value(node.left), self.value(node.right))

    def operate(self, sign: ast.AST, left: Any, right: Any) -> Any:
        """Apply a two-sided operator; a power only with a small exponent, a repetition only of a short value."""
        if isinstance(sign, ast.Pow):
            if not (isinstance(left, int) and isinstance(right, int) and abs(left) <= 10**6 and 0 <= right <= 6):
                raise Refused("power")
            return bounded(left**right)
        if isinstance(sign, ast.Mult) and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
            group, times = (right, left) if isinstance(left, int) else (left, right)
            if not isinstance(times, int) or len(group) * times > MAX_SIZE:
                raise Refused("repetition")
        if isinstance(sign, ast.Mod) and isinstance(left, str):
            raise Refused("formatting")
        if type(sign) not in OPERATORS:
            raise Refused("operator")
        return bounded(OPERATORS[type(sign)](left, right))

    def _see_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if type(node.op) not in OPERATORS:
            raise Refused("operator")
        return OPERATORS[type(node.op)](self.value(node.operand))

    def _see_BoolOp(self, node: ast.BoolOp) -> Any:
        stops = isinstance(node.op, ast.Or)
        value: Any = None
        for part in node.values:
            value = self.value(part)
            if bool(value) is stops:
                return value
        return value

    def _see_Compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            if not OPERATORS[type(sign)](left, right):
                return False
            left = right
        return True

    def _see_IfExp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _see_Subscript(self, node: ast.Subscript) -> Any:
        return self.value(node.value)[self.value(node.slice)]

    def _see_Slice(self, node: ast.Slice) -> slice:
        return slice(*(None if part is None else self.value(part) for part in (node.lower, node.upper, node.step)))

    def _see_ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> list[Any]:
        if len(node.generators) != 1 or node.generators[0].is_async:
            raise Refused("nested comprehension")
        part, outer, made = node.generators[0], dict(self.names), []
        for item in self.items(self.value(part.iter)):
            self.assign(part.target, item)
            if all(self.value(test) for test in part.ifs):
                made.append(self.value(node.elt))
        self.names = outer
        return made

    _see_GeneratorExp = _see_ListComp

    def _see_Call(self, node: ast.Call) -> Any:
        arguments = [self.value(argument) for argument in node.args]
        keywords = {str(word.arg): self.value(word.value) for word in node.keywords}
        if set(keywords) - {"reverse", "default"}:
            raise Refused("keyword")
        if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.func.id not in self.names:
            made = FUNCTIONS[node.func.id](*arguments, **keywords)
            return self.items(made) if isinstance(made, Iterator) else made
        return self.method(node, arguments, keywords)

    def method(self, node: ast.Call, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """Call a listed method of a list or a string; `join` takes its parts one by one."""
        if not isinstance(node.func, ast.Attribute):
            raise Refused("call")
        owner, name = self.value(node.func.value), node.func.attr
        if isinstance(owner, str) and name == "join":
            return owner.join(self.items(arguments[0]))
        if name not in METHODS.get(type(owner), ()):
            raise Refused(f"method {name}")
        return getattr(owner, name)(*arguments, **keywords)
