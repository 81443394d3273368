"""Task families, one a file: the file name is the family's name.

Every file offers `sample(rng) -> Problem` and `check(problem, text) -> bool`.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from typing import Protocol, cast

from dlldecode.tiny.problem import Problem


class Family(Protocol):
    """What a family's file defines."""

    def sample(self, rng: random.Random) -> Problem:
        """Draw a problem with one right answer."""
        ...

    def check(self, problem: Problem, text: str) -> bool:
        """Say whether `text` is a right answer to `problem`."""
        ...


def available() -> list[str]:
    """Name every family, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Family:
    """Import the family called `name`; an unknown name is a ValueError that lists the known ones."""
    if name not in available():
        raise ValueError(f"no task family {name!r}; there are {', '.join(available())}")
    return cast(Family, importlib.import_module(f"{__name__}.{name}"))
