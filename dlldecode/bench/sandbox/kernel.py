"""Calls that Python has no function for. Importing this is cheap; what a system lacks shows when it is called."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

DIE_WITH_PARENT, NOT_TO_BE_READ, NO_NEW_PRIVILEGES, CONFINE_CALLS = 1, 4, 38, 22
LACKING = (OSError, ValueError, ImportError, AttributeError, KeyError)  # how it shows that a system lacks something


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library. Raises one of LACKING where it fails or there is none, as beside Linux."""
    if sys.platform != "linux":  # elsewhere the same numbers mean other things
        raise OSError("this is a call of Linux")
    import ctypes

    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    result: int = function(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def die_with_parent() -> None:
    """Have the kernel end this process with its parent, and keep others of this user out of its memory, if it can."""
    with suppress(*LACKING):
        call("prctl", DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        call("prctl", NOT_TO_BE_READ, 0, 0, 0, 0)


def libraries() -> list[str]:
    """The folders that Python's own library and what it links with are read from."""
    base = sys.base_prefix
    folders = [os.path.dirname(os.__file__), f"{base}/lib", f"{base}/lib64"]
    folders += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo"]
    return sorted({os.path.realpath(folder) for folder in folders if os.path.isdir(folder)})
