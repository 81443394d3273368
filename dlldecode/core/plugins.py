"""Parts found by file name: `strategies/hierarchy.py` is `--strategy hierarchy`; there is no registry."""

from __future__ import annotations

import keyword
import pkgutil
from importlib import import_module
from types import ModuleType

from ..errors import UsageError
from .fields import nearest


def names(package: ModuleType, besides: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The parts of a package, sorted; `besides` are files that are no parts."""
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in found if name not in besides))


def find(package: ModuleType, name: str, what: str, besides: frozenset[str] = frozenset()) -> type:
    """The class that a part's file is named after; UsageError with the nearest name when there is no such file."""
    known = names(package, besides)
    if name not in known:
        close = nearest(name, known)
        hint = f"did you mean {close}?" if close else f"the choice is {', '.join(known)}."
        raise UsageError(f"there is no {what} {name!r}; {hint}")
    module = import_module(f"{package.__name__}.{name}")
    found: type = getattr(module, class_name(name))
    return found


def class_name(name: str) -> str:
    """`local_leap` holds `LocalLeap`; `none` holds `None_`, since `None` is taken."""
    title = "".join(word.title() for word in name.split("_"))
    return f"{title}_" if keyword.iskeyword(title) else title
