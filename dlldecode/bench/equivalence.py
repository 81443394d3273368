"""Whether two formulas mean the same, by math-verify in a process of its own.

A formula of a few characters can ask for more digits than a computer holds, and no signal stops Python inside such a
power. So the process ends itself when a comparison takes too long, whatever it is doing, and the next one starts anew.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import os
import subprocess
import sys
import threading
from functools import lru_cache
from importlib.util import find_spec

from ..errors import UsageError

SECONDS = 5.0
LONGEST = 500  # characters; no answer comes near
MEMORY = 4 << 30  # bytes of address space


class Judge:
    """A process that compares formulas, started when first asked; `seconds` is what one comparison may take."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def same(self, gold: str, answer: str) -> bool | None:
        """Say whether two LaTeX formulas are equal; None where that took too long or could not be told."""
        if len(gold) > LONGEST or len(answer) > LONGEST:
            return None
        with self._lock:
            try:
                reply = self._ask(json.dumps([gold, answer]))
            except OSError:  # the child ended between two questions
                reply = ""
            if not reply:
                self.close()
        return bool(json.loads(reply)) if reply else None

    def close(self) -> None:
        """End the process; the next question starts another."""
        child, self._child = self._child, None
        if child:
            child.kill()
            with contextlib.suppress(OSError):
                child.communicate()

    def _ask(self, question: str) -> str:
        child = self._child = self._child or self._start()
        assert child.stdin and child.stdout
        child.stdin.write(question + "\n")
        child.stdin.flush()
        return child.stdout.readline()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", __name__, str(self.seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )


def same(gold: str, answer: str) -> bool | None:
    """Compare with this process's own judge. Raises UsageError where math-verify is not installed."""
    if find_spec("math_verify") is None:
        raise UsageError("answers in LaTeX need math-verify, which is not here; run pip install 'dlldecode[bench]'.")
    return _judge(os.getpid()).same(gold, answer)


@lru_cache(maxsize=1)
def _judge(process: int) -> Judge:
    """One judge a process: a forked one must not share its parent's pipes."""
    return Judge()


def _compare(gold: str, answer: str) -> bool:
    """Compare without any limit."""
    from math_verify import parse, verify

    try:
        sides = [parse(f"${side}$", parsing_timeout=None) for side in (gold, answer)]
        return bool(verify(sides[0], sides[1], timeout_seconds=None))
    except Exception:  # what a model wrote may break a parser in any way
        return False


def _serve(seconds: float) -> None:
    """Answer a question a line until the parent goes away."""
    replies, sys.stdout = sys.stdout, sys.stderr  # parsers print remarks of their own
    logging.disable()
    _compare("1", "1")  # imports, outside of the time limit
    with contextlib.suppress(ImportError, ValueError):  # not every system has such a limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        faulthandler.dump_traceback_later(seconds, exit=True)
        equal = _compare(*json.loads(line))
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(equal), file=replies, flush=True)


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
