r"""A user's own questions: the record's `answer`, a text or a list of texts, has to be given.

Right is a text that equals an answer, or whose last line, part after the last `####` or last `\boxed{...}` does.
Case, runs of white space and punctuation at the end do not count.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import UsageError
from ..answers import boxed, last_line
from ..verdict import Doc, Verdict

RUNS_CODE = False


def score(doc: Doc, text: str) -> Verdict:
    """1 where a reading of the text is one of the answers."""
    accepted = {_plain(answer) for answer in _answers(doc)}
    readings = (text, last_line(text), text.rpartition("####")[2], boxed(text) or text)
    right = any(_plain(reading) in accepted for reading in readings)
    note = "" if right else f"expected {' or '.join(map(str, _answers(doc)))}"
    return Verdict({"accuracy": float(right)}, answer=last_line(text), note=note)


def gold(doc: Doc) -> str:
    """The first answer of the record."""
    return str(_answers(doc)[0])


def check(doc: Doc) -> None:
    """Raise UsageError for a record without an answer."""
    _answers(doc)


def _answers(doc: Doc) -> Sequence[object]:
    answer = doc.get("answer")
    answers = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    if not answers or None in answers:
        raise UsageError(f"the line has answer {answer!r}; give a text or a list of texts.")
    return answers


def _plain(text: object) -> str:
    whole = " ".join(str(text).casefold().split())
    return whole.rstrip(".,;:!? ") or whole
