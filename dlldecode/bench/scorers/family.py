"""The checkers of `tiny`'s own task families."""

from __future__ import annotations

from ...tiny import families
from ...tiny.problem import Problem
from ..verdict import Doc, Verdict

RUNS_CODE = False  # the family `code` reads programs with a whitelist of its own and runs none


def score(doc: Doc, text: str) -> Verdict:
    """1 where the family's checker takes the answer."""
    problem = Problem(**doc)
    return Verdict({"accuracy": float(families.load(problem.family).check(problem, text))}, answer=text)


def gold(doc: Doc) -> str:
    """The generator's own answer."""
    return str(doc["answer"])
