"""A part in a file of the user's own, anywhere: named by its path, with one class of its kind in it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, is_dataclass
from functools import cache
from inspect import isabstract
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from ..errors import DlldecodeError, UsageError
from .fields import fields

# Modules are named like neighbours of the package's own parts, so that a copy of one finds what it imports.
NEIGHBOUR = "dlldecode.strategies"
PREFIX = f"{NEIGHBOUR}.custom_"


def is_file(name: str) -> bool:
    """Whether a part's name is the path of a file."""
    return name.endswith(".py")


def located(name: str, folder: Path | None = None) -> str:
    """A part's name as it holds everywhere: a file by its absolute path, seen from a folder (the working one)."""
    return os.path.abspath(os.path.join(folder or "", os.path.expanduser(name))) if is_file(name) else name


def digest(name: str) -> str:
    """Digest of a part's file; empty for a part of the package. Raises UsageError for a file that cannot be read."""
    return hashlib.sha256(_source(located(name))).hexdigest()[:16] if is_file(name) else ""


def find(name: str, base: type) -> type:
    """The class of a kind that a file holds. Raises UsageError, one sentence that names the file, where none is fit."""
    path = located(name)
    module = _module(path, _source(path))
    kinds = dict.fromkeys(kind for kind in vars(module).values() if isinstance(kind, type) and base in kind.__mro__)
    found = [kind for kind in kinds if kind.__module__ == module.__name__]
    if len(found) != 1:
        held = f"several: {', '.join(kind.__name__ for kind in found)}" if found else "none"
        raise UsageError(f"{path} must hold one class that is a {base.__name__}, and holds {held}.")
    kind = found[0]
    if fault := _fault(kind):
        raise UsageError(f"{path}: the class {kind.__name__} {fault}.")
    return kind


def reread() -> None:
    """Take files as they are now; until then each counts as it was when it was read first, whoever edits it."""
    _source.cache_clear()


def blamed(error: BaseException) -> str | None:
    """The place in a user's own file that an error came through, the innermost one; else the files that are loaded."""
    places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__) if _is_custom(frame)]
    loaded = [str(module.__file__) for name, module in sys.modules.items() if name.startswith(PREFIX)]
    return places[-1] if places else ", ".join(dict.fromkeys(loaded)) or None


def _is_custom(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(PREFIX)


@contextmanager
def told(path: str) -> Iterator[None]:
    """What goes wrong while a part's file is compiled and run, as a UsageError that names its line."""
    try:
        yield
    except DlldecodeError:
        raise
    except SyntaxError as error:
        raise UsageError(f"{error.filename or path}:{error.lineno or 1} is not valid Python: {error.msg}.") from error
    except Exception as error:
        lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == path]
        place = f"{path}:{lines[-1]}" if lines else path
        said = " ".join(str(error).split())
        raise UsageError(f"{place} cannot be loaded: {type(error).__name__}: {said}") from error


@cache
def _source(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:  # a path with a null character in it is a ValueError
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}.") from None


@cache
def _module(path: str, source: bytes) -> ModuleType:
    """A file's module, from the very text that its digest is of, which importing it would not promise."""
    module = ModuleType(f"{PREFIX}{hashlib.sha256(source).hexdigest()[:16]}")
    module.__file__, module.__package__ = path, NEIGHBOUR
    sys.modules[module.__name__] = module  # where dataclasses, type hints and compiled graphs look for it
    try:
        with told(path):
            exec(compile(source, path, "exec"), vars(module))
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _fault(kind: type) -> str | None:
    """Why a class cannot be a part: the rest of a sentence about it."""
    if not is_dataclass(kind) or not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return "is no frozen dataclass; write @dataclass(frozen=True) above it"
    if isabstract(kind):
        return f"lacks {' and '.join(sorted(kind.__abstractmethods__))}"
    try:
        bare = [item.name for item in fields(kind) if item.default is MISSING]
    except (NameError, TypeError, AttributeError) as error:
        return f"has options whose types cannot be read: {error}"
    return f"has options without a default: {', '.join(bare)}" if bare else None
