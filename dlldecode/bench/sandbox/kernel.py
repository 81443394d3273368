"""Calls that Python has no function for. Importing this is cheap; what a system lacks shows when it is called."""

from __future__ import annotations

import os
import sys
from typing import Any

DIE_WITH_PARENT, NOT_TO_BE_READ, NO_NEW_PRIVILEGES, CONFINE_CALLS = 1, 4, 38, 22


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library. Raises OSError where it fails, ImportError or AttributeError without it."""
    import ctypes

    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    result: int = function(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def die_with_parent() -> None:
    """Have the kernel end this process with its parent, and keep others of this user out of its memory (Linux)."""
    if sys.platform == "linux":
        call("prctl", DIE_WITH_PARENT, 9, 0, 0, 0)
        call("prctl", NOT_TO_BE_READ, 0, 0, 0, 0)


def libraries() -> list[str]:
    """The folders that Python's own library and what it links with are read from."""
    base = sys.base_prefix
    folders = [os.path.dirname(os.__file__), f"{base}/lib", f"{base}/lib64"]
    folders += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"]
    return sorted({os.path.realpath(folder) for folder in folders if os.path.isdir(folder)})
