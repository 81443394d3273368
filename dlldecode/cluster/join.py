"""The Ray cluster that RAY_ADDRESS names, or one of this machine for the length of a block."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..errors import DeviceError, UsageError

ADDRESS = "RAY_ADDRESS"
ANSWERS_WITHIN = 5.0  # seconds
STARTS = 2  # Ray gives its own node 30 s; the first time on a busy machine, reading Ray's many files takes longer
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
LOCAL: dict[str, Any] = {"address": "local", "include_dashboard": False, "object_store_memory": 128 * 2**20}


@contextmanager
def joined() -> Iterator[None]:
    """Be connected to a cluster; one that was started for this is stopped at the end, however the block ends.

    Raises UsageError without Ray, or where no cluster answers at RAY_ADDRESS; DeviceError where none can be started.
    """
    ray = _ray()
    if ray.is_initialized():  # the caller's own
        yield
        return
    address = os.environ.get(ADDRESS)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # which would otherwise be sent over the network
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # some versions of Ray print a warning without
    try:
        with _own_signals():
            _connect(ray, address)
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise UsageError("--engine ray needs Ray; install it with: pip install 'dlldecode[ray]'") from None
    return ray


def _connect(ray: Any, address: str | None) -> None:
    if not address:
        begin(ray)
        return
    _knock(address)
    try:
        ray.init(address=address, **QUIET)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(f"{ADDRESS}={address}: no cluster can be joined there: {_line(error)}") from None


def begin(ray: Any, **more: Any) -> None:
    """Start a cluster of this machine alone, `more` being Ray's own arguments. Raises DeviceError if it does not."""
    for again in reversed(range(STARTS)):
        try:
            ray.init(**LOCAL, **QUIET, **more)
            return
        except Exception as error:  # Ray raises nothing narrower
            ray.shutdown()
            if not again:
                raise DeviceError(f"Ray does not start on this machine: {_line(error)}") from None


def _knock(address: str) -> None:
    """Raise UsageError where nobody listens: Ray itself would try for many minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWERS_WITHIN).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"{ADDRESS}={address}: no cluster answers there ({error}); start one with `ray start --head`, or unset"
            f" {ADDRESS} to use this machine alone."
        ) from None


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's ways to end on a signal, which Ray replaces by its own, with other exit codes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {number: signal.getsignal(number) for number in ENDING}
    told: list[int] = []

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        raise SystemExit(128 + number)

    for number, handler in kept.items():
        if callable(handler):
            signal.signal(number, tell)
    try:
        yield
    except SystemExit:
        _put_back(kept)
        signal.raise_signal(told[0] if told else signal.SIGTERM)  # now its own handler raises
        raise
    finally:
        _put_back(kept)


def _put_back(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
