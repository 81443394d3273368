"""The side of the caller: starts the confined processes, listens to them and ends them."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ...errors import UsageError

WITHOUT = {
    "memory": "the memory of a program is not limited",
    "user": "programs run as the administrator",
    "files": "the kernel does not keep programs from reading and writing files (Landlock)",
    "calls": "the kernel does not keep programs from the network and from starting processes (seccomp)",
    "hooks": "the interpreter does not watch what programs ask for (audit hooks)",
}
# The modules of this folder, without the package above, whose import takes long and which the program need not see.
START = (
    "import sys, types; package = sys.modules['confined'] = types.ModuleType('confined');"
    "package.__path__ = [sys.argv[1]]; from confined.child import main; main()"
)
PIPE = 1 << 16  # bytes


@dataclass(frozen=True)
class Limits:
    """What a program may use: seconds by the clock and of computing, bytes of memory and of each file and output."""

    seconds: float = 20.0
    computing: int = 10
    memory: int = 1 << 30
    file: int = 1 << 20
    open_files: int = 32
    output: int = 1 << 16


@dataclass(frozen=True)
class Outcome:
    """Whether the check ended well, else why not; the output's beginning; the protections that were active."""

    passed: bool
    note: str
    output: str = ""
    layers: tuple[str, ...] = ()


def run(
    program: str,
    check: str = "",
    names: Collection[str] = (),
    limits: Limits | None = None,
    layers: Iterable[str] = tuple(WITHOUT),
) -> Outcome:
    """Run a program, then a check that sees the program's `names`; both are Python with the standard library alone.

    Any thread may call it. Raises UsageError on systems without processes that can be limited (Windows).
    """
    if os.name != "posix":
        raise UsageError(f"code of a model cannot be run on {sys.platform!r}; use Linux or macOS.")
    chosen = limits or Limits()
    job = {**asdict(chosen), "names": [*names], "layers": [*layers]}
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as stdin,
    ):
        Path(folder, "program.py").write_bytes(program.encode(errors="replace"))
        stdin.write(check.encode(errors="replace"))
        stdin.seek(0)
        verdict, output = converse(json.dumps(job), folder, stdin, chosen)
    return read(verdict, output.decode(errors="replace"))


def missing() -> tuple[str, ...]:
    """Say which protections this machine cannot give, one sentence each."""
    active = run("").layers
    return tuple(sentence for name, sentence in WITHOUT.items() if name not in active)


def converse(job: str, folder: str, check: IO[bytes], limits: Limits) -> tuple[bytes | None, bytes]:
    """Start the processes and end them all: what the check reported (None where time ran out), and the output."""
    # -S -I: no packages, no variables of the environment; the folder of the caller is not on the path.
    command = [sys.executable, "-I", "-S", "-c", START, str(Path(__file__).parent), job]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=check, stdout=pipe, stderr=pipe, cwd=folder, env={}, start_new_session=True
    ) as process:
        try:
            return listen(process, limits)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def listen(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes | None, bytes]:
    """Read both pipes until the check's is closed; all output is read, its beginning kept."""
    assert process.stdout and process.stderr
    verdict, output = process.stdout.fileno(), process.stderr.fileno()
    kept = {verdict: b"", output: b""}
    ends = time.monotonic() + limits.seconds
    with selectors.DefaultSelector() as selector:
        for pipe in kept:
            selector.register(pipe, selectors.EVENT_READ)
        while verdict in selector.get_map():
            ready = selector.select(max(0.0, ends - time.monotonic()))
            if not ready or time.monotonic() > ends:
                return None, kept[output]
            for key, _ in ready:
                chunk = os.read(key.fd, PIPE)
                kept[key.fd] += chunk[: limits.output - len(kept[key.fd])]
                if not chunk:
                    selector.unregister(key.fd)
    return kept[verdict], kept[output]


def read(verdict: bytes | None, output: str) -> Outcome:
    """What was reported, in the caller's words."""
    if verdict is None:
        return Outcome(False, "time limit", output)
    if not verdict:  # it was killed, as by its own limits
        return Outcome(False, "the check ended without a verdict", output)
    said: dict[str, Any] = json.loads(verdict)
    return Outcome(said["passed"], said["note"], output, tuple(said["layers"]))
