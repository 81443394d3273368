"""MBPP, the full file and the sanitized one: a program passes three assertions.

The answer stands between `[BEGIN]` and `[DONE]` where they are written. Within it, the code is the first of
`extract.readings` that is valid Python, those before others that define something that the assertions may call.
"""

from __future__ import annotations

import ast

from .. import extract, sandbox
from ..verdict import Doc, Verdict

RUNS_CODE = True


def score(doc: Doc, text: str) -> Verdict:
    """`pass@1` of one answer: 1 where all assertions hold."""
    setup = doc.get("test_setup_code", "")  # builds arguments of the answer's own classes
    names = defined(f"{doc['code']}\n{setup}")
    code = program(text, names)
    check = "\n".join([*imports(doc["code"]), *doc.get("test_imports", ()), *doc["test_list"]])
    outcome = sandbox.run(f"{code}\n{setup}", check, names)
    return Verdict({"pass@1": float(outcome.passed)}, answer=code, note=outcome.note)


def gold(doc: Doc) -> str:
    """The benchmark's own solution."""
    return str(doc["code"])


def program(text: str, names: list[str]) -> str:
    """The code of an answer."""
    inside = text.partition("[DONE]")[0].rpartition("[BEGIN]")[2]
    found = extract.readings(inside)
    found.sort(key=lambda code: not any(extract.defines(code, name) for name in names))
    return next(filter(extract.is_python, found), found[0])


def defined(code: str) -> list[str]:
    """The functions, classes and values of the benchmark's code; the assertions use no other names."""
    nodes = extract.parsed(code)
    made = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    values = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    return made + [target.id for target in values if isinstance(target, ast.Name)]


def imports(code: str) -> list[str]:
    """The imports of the benchmark's code; one task's assertions rely on them."""
    return [ast.unparse(node) for node in extract.parsed(code) if isinstance(node, ast.Import | ast.ImportFrom)]
