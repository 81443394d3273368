"""Parts found by file name: `strategies/hierarchy.py` is `--strategy hierarchy`; there is no registry."""

from __future__ import annotations

import keyword
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeVar

from ..errors import PresetError, UsageError
from .custom import told
from .fields import check, nearest

Part = TypeVar("Part")


def names(package: ModuleType, besides: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The parts of a package, sorted; `besides` are files that are no parts."""
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if name not in besides))


def find(package: ModuleType, name: str, what: str, besides: frozenset[str] = frozenset()) -> type:
    """The class that a part's file is named after.

    Raises UsageError: with the nearest name where there is no such file, else with what is wrong with the file.
    """
    known = names(package, besides)
    if name not in known:
        close = nearest(name, known)
        hint = f"did you mean {close}?" if close else f"the choice is {', '.join(known)}."
        raise UsageError(f"there is no {what} {name!r}; {hint}")
    full = f"{package.__name__}.{name}"
    spec = find_spec(full)
    path = str(spec.origin) if spec else full
    with told(path):
        module = import_module(full)
    found = getattr(module, class_name(name), None)
    if not isinstance(found, type):
        raise UsageError(f"{path} must hold a class {class_name(name)}, named after the file.")
    return found


def made(kind: type[Part], options: Mapping[str, Any], table: str) -> Part:
    """A part with the given options; all that is wrong with them at once, as a PresetError that names their table."""
    part, problems = check(kind, options)
    if part is None:
        raise PresetError([f"{table}.{problem.key} {problem.message}" for problem in problems])
    return part


def class_name(name: str) -> str:
    """`local_leap` holds `LocalLeap`; `none` holds `None_`, since `None` is taken."""
    title = "".join(word.title() for word in name.split("_"))
    return f"{title}_" if keyword.iskeyword(title) else title
