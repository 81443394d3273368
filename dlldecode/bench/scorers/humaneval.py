"""HumanEval: a function is completed and passes its tests.

The code is the first of `extract.readings` that is valid Python, those before others that define the function. Code
that defines it stands after the prompt, whose imports and helpers it may use; any other is the rest of the function
that the prompt begins, and ends where the benchmark's authors let it end: before the next unindented `class`, `def`,
`#`, `if` or `print`.
"""

from __future__ import annotations

import re

from .. import extract, sandbox
from ..verdict import Doc, Verdict

RUNS_CODE = True
END = re.compile(r"\n(?:class|def|#|if|print)")
FUTURE = re.compile(r"^from +__future__ .*$", re.MULTILINE)  # may only stand at the beginning, and is never needed


def score(doc: Doc, text: str) -> Verdict:
    """`pass@1` of one answer: 1 where all tests pass."""
    code = program(doc, text)
    # The tests' own copy of the prompt has its helpers; its beginning of the function makes room for the answer's.
    check = f"{doc['prompt']}\ndel {doc['entry_point']}\n{doc['test']}\ncheck({doc['entry_point']})\n"
    outcome = sandbox.run(code, check, [doc["entry_point"]])
    return Verdict({"pass@1": float(outcome.passed)}, answer=code, note=outcome.note)


def gold(doc: Doc) -> str:
    """The benchmark's own solution, a continuation of the prompt."""
    return str(doc["canonical_solution"])


def program(doc: Doc, text: str) -> str:
    """The whole program that an answer makes."""
    found = sorted(extract.readings(text), key=lambda code: not extract.defines(code, doc["entry_point"]))
    programs = [complete(doc, code) for code in found]
    return next(filter(extract.is_python, programs), programs[0])


def complete(doc: Doc, code: str) -> str:
    """The prompt and code that defines or continues its function."""
    if extract.defines(code, doc["entry_point"]):
        return f"{doc['prompt']}\n{FUTURE.sub('', code)}"
    return doc["prompt"] + END.split(code)[0]
