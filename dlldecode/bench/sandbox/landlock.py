"""The file system, as a confined process sees it: Python's library to read, its own folder to write."""

from __future__ import annotations

import os
import struct

from . import kernel

CREATE, ADD, CONFINE = 444, 445, 446  # the same numbers on every kind of machine
ASK_VERSION, A_FOLDER = 1, 1
EXECUTE, READ = 1 << 0, 1 << 2 | 1 << 3
FIRST_RIGHTS = (1 << 13) - 1
LATER_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # moving between folders, cutting files, talking to devices


def confine() -> None:
    """Forbid everything else, for good. Raises OSError where the kernel has no Landlock."""
    version = kernel.call("syscall", CREATE, None, 0, ASK_VERSION)
    rights = FIRST_RIGHTS | sum(right for since, right in LATER_RIGHTS.items() if version >= since)
    rules = kernel.call("syscall", CREATE, struct.pack("=Q", rights), 8, 0)
    for folder in kernel.libraries():
        allow(rules, folder, READ)
    allow(rules, ".", rights & ~EXECUTE)
    kernel.call("prctl", kernel.NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    kernel.call("syscall", CONFINE, rules, 0)
    os.close(rules)


def allow(rules: int, folder: str, rights: int) -> None:
    """Add the rights on a folder and all beneath it."""
    opened = os.open(folder, os.O_PATH)
    kernel.call("syscall", ADD, rules, A_FOLDER, struct.pack("=Qi", rights, opened), 0)
    os.close(opened)
