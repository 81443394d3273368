"""The questions, one a file: the file name is what `run` takes.

Every file offers `PRESETS` and `AXES`, what it decodes with where the user names nothing else, `LINES`, how its table
is drawn, and `answer`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Protocol, cast

from ...core import plugins
from ...core.fields import nearest
from ...errors import UsageError
from ..source import Source
from ..table import Lines, Table


class Question(Protocol):
    """What a question's file defines."""

    PRESETS: tuple[str, ...]
    AXES: tuple[str, ...]
    LINES: Lines | None

    def answer(self, source: Source) -> Table:
        """Decode, ask the model about the states that the decodings went through, and count."""
        ...


def available() -> tuple[str, ...]:
    """Name every question, sorted."""
    return plugins.names(sys.modules[__name__])


def load(name: str) -> Question:
    """The question of a name. Raises UsageError with the nearest name."""
    if name not in available():
        close = nearest(name, available())
        hint = f"did you mean {close}?" if close else f"there are {', '.join(available())}."
        raise UsageError(f"there is no question {name!r}; {hint}")
    return cast(Question, import_module(f"{__name__}.{name}"))
