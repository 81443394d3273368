"""Scorers, one a file: the file name is what a task's `scorer` says.

Every file offers `score(doc, text) -> Verdict`, `gold(doc) -> str | None` (an answer that scores 1, where the data
hold one) and `RUNS_CODE` (whether `score` runs code that the model wrote). Answers come from models, so anything may
stand in `text`: a scorer judges it and never raises over it. One that judges users' own lines also has `check(doc)`.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from ...core import plugins
from ...core.fields import nearest
from ...errors import UsageError
from ..verdict import Doc, Verdict


class Scorer(Protocol):
    """What a scorer's file defines."""

    RUNS_CODE: bool

    def score(self, doc: Doc, text: str) -> Verdict:
        """Judge an answer to the task's line of data."""
        ...

    def gold(self, doc: Doc) -> str | None:
        """An answer that scores 1; None where the data hold none."""
        ...


def available() -> tuple[str, ...]:
    """Name every scorer, sorted."""
    return plugins.names(importlib.import_module(__name__))


def check(name: str, doc: Doc) -> None:
    """Raise UsageError for a line of data that a scorer says it cannot judge, before anything is decoded."""
    getattr(load(name), "check", lambda _: None)(doc)


def load(name: str) -> Scorer:
    """The scorer of a name. Raises UsageError with the nearest name."""
    if name not in available():
        close = nearest(name, available())
        hint = f"did you mean {close}?" if close else f"there are {', '.join(available())}."
        raise UsageError(f"there is no scorer {name!r}; {hint}")
    return cast(Scorer, importlib.import_module(f"{__name__}.{name}"))
