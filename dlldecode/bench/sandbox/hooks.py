"""What the interpreter itself refuses: no wall against an attacker, but all there is where the kernel gives nothing."""

from __future__ import annotations

import os
import sys
from typing import Any

from . import kernel

REFUSED = (
    "socket.", "subprocess.", "ctypes.", "resource.", "pty.", "syslog.", "fcntl.",
    "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill", "signal.pthread_kill",
    "os.chmod", "os.chown", "os.link", "os.symlink", "os.setxattr", "os.removexattr", "os.utime",
)  # fmt: skip
READS = ("os.listdir", "os.scandir", "os.chdir")
WRITES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch() -> None:
    """Refuse the network, processes, signals and files outside of the folder and Python's library; for good."""
    own, lent = [os.path.realpath(".")], kernel.libraries()

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(REFUSED):
            raise PermissionError(f"{event} is not allowed")
        if event == "open":
            examine(arguments[:1], own if (arguments[2] or 0) & WRITING else own + lent)
        elif event in READS:
            examine(arguments[:1], own + lent)
        elif event in WRITES:
            examine(arguments, own)

    sys.addaudithook(refuse)


def examine(paths: tuple[Any, ...], allowed: list[str]) -> None:
    """Raise PermissionError for a path outside of the allowed folders; numbers are files that are open already."""
    for path in paths:
        if path is None or isinstance(path, int):
            continue
        real = os.path.realpath(os.fsdecode(path))
        if not any(real == folder or real.startswith(f"{folder}/") for folder in allowed):
            raise PermissionError(f"{real} is out of reach")
