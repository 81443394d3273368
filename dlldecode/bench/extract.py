"""Where the code stands in an answer."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

QUIET = Lock()  # what warnings are shown is the whole process's, so one thread at a time
# A fence that is never closed reaches to the end: the answer was cut off.
FENCED = re.compile(r"^[ \t]*```[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)


def readings(text: str) -> list[str]:
    """What may be meant as code, likeliest first.

    Fenced blocks that say Python, other fenced blocks, what comes before the first fence (where the prompt opened the
    block), the whole text.
    """
    blocks = [(found[1].lower().startswith("py"), found[2]) for found in FENCED.finditer(text)]
    said = [block for is_python, block in blocks if is_python]
    other = [block for is_python, block in blocks if not is_python]
    before = text.split("```")[:-1][:1]
    return [code for code in (*said, *other, *before) if code.strip()] + [text]


def defines(code: str, name: str) -> bool:
    """Say whether a name is given a function, a class or a value at the outermost level."""
    named = re.escape(name)
    return re.search(rf"^(?:(?:async +)?def +{named}\b|class +{named}\b|{named} *[=:])", code, re.MULTILINE) is not None


def is_python(code: str) -> bool:
    """Say whether code can be compiled; it is not run."""
    try:
        with quietly():
            compile(code, "answer", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return False
    return True


def parsed(code: str) -> list[ast.stmt]:
    """The statements of code that is known to be right."""
    with quietly():
        return ast.parse(code).body


@contextmanager
def quietly() -> Iterator[None]:
    """Leave odd but valid code without a warning."""
    with QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
