"""A process that has read torch, out of which commands are forked: `python -m tests.warm SOCKET`; see `Warm` below.

Reading torch is most of what a short command takes, and tests run hundreds of them. A command behaves as if it had been
started: with its caller's arguments, folder, environment and streams, and an end that its caller sees. It ends when its
stdin does. Tests about starting up, limits, and processes that are killed, start their commands themselves.
"""

import atexit
import gc
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Warm:
    """Starts the process, and says how a shell starts a module in it."""

    def __init__(self, folder):
        self.socket = folder / "warm"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(self.socket)], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self.process.stdout.readline() == b"ready\n"

    def command(self, *module):
        """What to write in a shell instead of `python -m MODULE`, or of `python -m`."""
        client = Path(__file__).with_name("warm_client.py")
        return shlex.join([sys.executable, "-I", "-S", str(client), str(self.socket), *module])

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def serve(path):
    import numpy  # noqa: F401
    import pydantic  # noqa: F401
    import torch  # noqa: F401

    gc.freeze()  # a collection in a fork would copy every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whose end nobody asks for
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                return watched(connection)
            connection.close()
    return None


def watched(connection):
    """Fork the command, tell its number, and how it ends; what the command itself is to do."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    first, streams, *_ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(first + connection.makefile("rb").readline())
    child = os.fork()
    if child == 0:
        connection.close()
        return dressed(asked, streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{status}\n".encode())
    os._exit(0)


def dressed(asked, streams):
    """Take over the caller's streams, folder and environment; the module and its arguments."""
    for number in (0, 1, 2):
        os.close(number)
    for number, stream in zip(asked["streams"], streams, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        setattr(sys, name, opened(number, mode) if number in asked["streams"] else None)
        setattr(sys, f"__{name}__", getattr(sys, name))
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    return asked["command"]


def opened(number, mode):
    errors = "backslashreplace" if number == 2 else "strict"
    return open(number, mode, buffering=1 if number == 2 or os.isatty(number) else -1, encoding="utf-8", errors=errors)


def run(module, arguments):
    """Run a module as a program; its exit code."""
    sys.argv = [module, *arguments]
    try:
        if module == "dlldecode":
            from dlldecode.cli.main import main

            main()
        else:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code or 0
    return 0


if __name__ == "__main__":
    if command := serve(sys.argv[1]):
        code = run(command[0], command[1:])
        atexit._run_exitfuncs()
        if sys.stdout:
            sys.stdout.flush()
        os._exit(code)  # taking torch apart object by object would take as long as reading it
