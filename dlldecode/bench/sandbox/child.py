"""The first process of a run: confines itself, then forks into the program's side and the check's."""

from __future__ import annotations

import json
import os
import sys

from . import kernel, layers
from .candidate import serve
from .judge import Judge


def main() -> None:
    """Do the job of the command line; the verdict goes to stdout, and what the program prints to stderr."""
    job = json.loads(sys.argv[2])
    verdict, nothing = os.dup(1), os.open(os.devnull, os.O_RDONLY)
    os.dup2(2, 1)
    active = layers.before_fork(job)
    down, up = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        kernel.die_with_parent()
        os.dup2(nothing, 0)
        for not_its_own in (nothing, verdict, down[1], up[0]):
            os.close(not_its_own)
        layers.after_fork(job)
        serve(down[0], up[1])
    os.close(down[0])
    os.close(up[1])
    active += layers.after_fork(job)
    with open(0, encoding="utf-8") as file:  # read only now, so that the program's memory does not hold it
        check = file.read()
    judge = Judge(up[0], down[1], child, lambda passed, note: report(verdict, passed, note, active))
    judge.decide(check, job["names"])


def report(verdict: int, passed: bool, note: str, active: list[str]) -> None:
    """Tell the caller, and end at once, so that no handler of the check can come between."""
    shown = "".join(letter if letter.isprintable() else " " for letter in note[:1000])  # the program chose some of it
    said = {"passed": passed, "note": " ".join(shown.split())[:200], "layers": active}
    os.write(verdict, json.dumps(said).encode())
    os._exit(0)
