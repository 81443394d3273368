"""The check's side: runs the check, and everything of the program's that it meets is asked for."""

from __future__ import annotations

import builtins
import json
import os
import signal
from collections.abc import Callable, Collection, Iterator
from functools import partial
from types import TracebackType
from typing import Any

from . import wire

LONGEST = 1 << 24  # bytes of an answer
Report = Callable[[bool, str], None]


class Remote:
    """An object of the program: it can be called, walked through and handed back, and is equal to itself alone."""

    def __init__(self, ask: Callable[..., Any], handle: int) -> None:
        self._ask = ask
        self.handle = handle

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Call the program's function."""
        return self._ask("call", self, positional, named)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ask("list", self))


class Judge:
    """Talks with the program's process and reports once; the report ends the process."""

    def __init__(self, source: int, sink: int, program: int, report: Report) -> None:
        self.answers = open(source, "rb")  # noqa: SIM115, open until the end of the process
        self.questions = open(sink, "wb")  # noqa: SIM115
        self.program = program
        self.report = report

    def decide(self, check: str, names: Collection[str]) -> None:
        """Run the program, then the check; the program's names stand beside the builtins."""
        try:
            self.ask("run", "program.py")
            found = self.ask("names", [*names])
            asked = {name: found[name] for name in names if name in found}  # it may have sent more
            known = {"__builtins__": {**vars(builtins), **asked}, "__name__": "check"}
            exec(compile(check, "check", "exec"), known)
        except BaseException as error:
            self.report(False, describe(error, check))
        self.report(True, "")

    def ask(self, *question: Any) -> Any:
        """Ask the program for something; its errors are raised here."""
        try:
            self.questions.write(json.dumps(wire.encode(question, handle_of)).encode() + b"\n")
            self.questions.flush()
            line = self.answers.readline(LONGEST)
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            self.report(False, "the answer is too long" if line else self.end())
        answer = json.loads(line)
        if "error" in answer:
            raise error_like(answer["error"], str(answer["message"]))
        return wire.decode(answer["value"], partial(Remote, self.ask))

    def end(self) -> str:
        """Say how the program's process ended."""
        _, status = os.waitpid(self.program, 0)
        code = os.waitstatus_to_exitcode(status)
        if code >= 0:
            return f"the program ended itself (exit code {code})"
        if -code in (signal.SIGXCPU, signal.SIGKILL):
            return "time limit"
        return f"the program crashed ({signal.strsignal(-code)})"


def handle_of(value: object) -> int:
    """The number of an object of the program. Raises TypeError for an object of the check's own."""
    if not isinstance(value, Remote):
        raise TypeError(f"the check hands the program a {type(value).__name__}, which cannot be sent")
    return value.handle


def error_like(kinds: list[str], message: str) -> Exception:
    """An exception of the nearest builtin kind, for checks that expect one; it bears the program's name for it."""
    known = (vars(builtins).get(str(kind)) for kind in kinds)
    nearest = next((kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)), Exception)
    named = type(str(kinds[0]), (nearest,), {"__str__": lambda self: message})
    return named.__new__(named)


def describe(error: BaseException, check: str) -> str:
    """A short reason: the line of a failed assertion, else the error's own words."""
    name = type(error).__name__
    line = last_line(error.__traceback__)
    if isinstance(error, AssertionError) and line:
        return f"{name}: {check.splitlines()[line - 1].strip()}"
    return f"{name}: {error}".removesuffix(": ")


def last_line(trace: TracebackType | None) -> int:
    """The number of the innermost line of the check that a traceback goes through; 0 for none."""
    line = 0
    while trace:
        if trace.tb_frame.f_code.co_filename == "check":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
