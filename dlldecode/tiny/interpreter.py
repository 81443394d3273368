"""A small interpreter for the Python that the model writes: no exec, no attribute but a listed method, bounded work.

`call` parses the text, refuses every syntax node that is not listed here, and walks the tree itself.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

from dlldecode.tiny.expressions import MAX_TEXT, Evaluator, Refused


class Returned(Exception):
    """Carries a value out of the function's body."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class Left(Exception):
    """A `break`."""


class Skipped(Exception):
    """A `continue`."""


class Interpreter(Evaluator):
    """Carries out statements, too."""

    def run(self, body: list[ast.stmt]) -> None:
        """Carry out statements in order."""
        for statement in body:
            self.tick()
            rule = getattr(self, "_do_" + type(statement).__name__, None)
            if rule is None:
                raise Refused(f"statement {type(statement).__name__}")
            rule(statement)

    def _do_Return(self, node: ast.Return) -> None:
        raise Returned(None if node.value is None else self.value(node.value))

    def _do_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise Refused("target")
        old, new = self.value(ast.Name(node.target.id)), self.value(node.value)
        self.names[node.target.id] = self.operate(node.op, old, new)

    def _do_Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _do_Pass(self, node: ast.Pass) -> None:
        pass

    def _do_If(self, node: ast.If) -> None:
        self.run(node.body if self.value(node.test) else node.orelse)

    def _do_Break(self, node: ast.Break) -> None:
        raise Left

    def _do_Continue(self, node: ast.Continue) -> None:
        raise Skipped

    def _do_For(self, node: ast.For) -> None:
        for item in self.items(self.value(node.iter)):
            self.assign(node.target, item)
            if not self.turn(node.body):
                return
        self.run(node.orelse)

    def _do_While(self, node: ast.While) -> None:
        while self.value(node.test):
            if not self.turn(node.body):
                return
        self.run(node.orelse)

    def turn(self, body: list[ast.stmt]) -> bool:
        """Go through a loop's body once; False after a break."""
        try:
            self.run(body)
        except Skipped:
            return True
        except Left:
            return False
        return True


def parse(text: str, name: str, parameters: tuple[str, ...]) -> ast.FunctionDef:
    """Parse `text` as exactly one function of that name and those parameters."""
    if len(text) > MAX_TEXT:
        raise Refused("text too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # doubtful code is the model's own affair
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise Refused("not Python") from fault
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise Refused("not one function")
    function, given = body[0], body[0].args
    plain = not (given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults)
    if (
        function.name != name
        or not plain
        or tuple(item.arg for item in given.args) != parameters
        or function.decorator_list
    ):
        raise Refused("another signature")
    return function


def call(function: ast.FunctionDef, arguments: tuple[Any, ...]) -> Any:
    """Call a parsed function; whatever goes wrong inside is a `Refused`."""
    names = {item.arg: value for item, value in zip(function.args.args, arguments, strict=True)}
    try:
        Interpreter(names).run(function.body)
    except Returned as returned:
        return returned.value
    except Refused:
        raise
    except (Exception, RecursionError) as fault:
        raise Refused(f"failed: {fault}") from fault
    return None
