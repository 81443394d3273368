r"""GSM8K: the number at the end of a worked answer, compared exactly (18.00 is 18).

`strict` reads the first number after `####`, as lm-eval's strict-match. `flexible` reads the last number of the text,
as lm-eval's flexible-extract; where the text has a `\boxed{...}` with a number, the last such number counts instead,
for chat models end a line after it. lm-eval compares text, so it calls 18.00 wrong where 18 is asked for.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ..answers import boxed
from ..arithmetic import number
from ..verdict import Doc, Verdict

RUNS_CODE = False
MARKED = re.compile(r"#### (-?[0-9.,]+)")
LOOSE = re.compile(r"-?[$0-9.,]{2,}|-?[0-9]+")


def score(doc: Doc, text: str) -> Verdict:
    """Compare the marked and the last number with the record's."""
    right = _marked(doc["answer"]) or ""
    expected = number(right)
    marked, last = _marked(text), _last(boxed(text) or "") or _last(text)
    metrics = {"strict": _equal(marked, expected), "flexible": _equal(last, expected)}
    return Verdict(metrics, answer=marked or last, note="" if any(metrics.values()) else f"expected {right}")


def gold(doc: Doc) -> str:
    """The record's worked answer."""
    return str(doc["answer"])


def _marked(text: str) -> str | None:
    found = MARKED.search(text)
    return found[1] if found else None


def _last(text: str) -> str | None:
    found = LOOSE.findall(text)
    return found[-1] if found else None


def _equal(answer: str | None, expected: Fraction | None) -> float:
    return float(answer is not None and expected is not None and number(answer) == expected)
