"""The protections, each on its own: what a system lacks is left out and said."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Mapping
from typing import Any

from . import hooks, kernel, landlock, seccomp

Job = Mapping[str, Any]
NOBODY = 65534


def before_fork(job: Job) -> list[str]:
    """Limit this process and those that it starts; the names of the layers that took."""
    kernel.die_with_parent()
    lower(resource.RLIMIT_CPU, job["computing"], job["computing"] + 1)  # the first ends it by a signal of its own
    lower(resource.RLIMIT_FSIZE, job["file"])
    lower(resource.RLIMIT_NOFILE, job["open_files"])
    lower(resource.RLIMIT_CORE, 0)
    memory = lambda: lower(resource.RLIMIT_AS, job["memory"])  # noqa: E731
    return take(job, {"memory": memory, "user": become_nobody, "files": landlock.confine})


def after_fork(job: Job) -> list[str]:
    """Forbid what was needed until now: processes, threads, and calls to the kernel beyond plain computing."""
    lower(resource.RLIMIT_NPROC, 0)
    return take(job, {"calls": seccomp.confine, "hooks": hooks.watch})


def take(job: Job, layers: Mapping[str, Callable[[], None]]) -> list[str]:
    """Put on those layers that the job wants and the system has."""
    taken = []
    for name in job["layers"]:
        try:
            layers.get(name, refuse)()
        except (OSError, ValueError, ImportError, AttributeError, KeyError):
            continue
        taken.append(name)
    return taken


def refuse() -> None:
    """A layer of the other phase."""
    raise KeyError


def lower(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit that cannot be raised again, within the limit that holds already."""
    ceiling = resource.getrlimit(kind)[1]
    wanted = (soft, soft if hard is None else hard)
    resource.setrlimit(kind, wanted if ceiling == resource.RLIM_INFINITY else tuple(min(ceiling, x) for x in wanted))


def become_nobody() -> None:
    """Give up the administrator's rights. Raises OSError where nobody else may read Python's library."""
    if os.getuid():
        return
    folders = [".", *kernel.libraries()]
    os.chown(".", NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        for folder in folders:
            os.listdir(folder)
    finally:
        os.seteuid(0)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    kernel.die_with_parent()  # the change of user undid it
