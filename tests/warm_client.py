"""Have `tests.warm` run a command with this process's arguments, folder, environment and streams, and end as it ends.

`python -I -S warm_client.py SOCKET MODULE ARGUMENTS`. Signals to end are handed on.
"""

import json
import os
import signal
import socket
import sys


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


streams = [number for number in (0, 1, 2) if is_open(number)]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(sys.argv[1])
    asked = {"command": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ), "streams": streams}
    message = f"{json.dumps(asked)}\n".encode()
    socket.send_fds(connection, [message[:1]], streams)
    connection.sendall(message[1:])
    answer = connection.makefile()
    child = int(answer.readline())
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: os.kill(child, number))
    status = int(answer.readline())
if os.WIFSIGNALED(status):
    signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
    os.kill(os.getpid(), os.WTERMSIG(status))
sys.exit(os.WEXITSTATUS(status))
