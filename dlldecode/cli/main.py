"""The console entry point: signals, and every way to end with its exit code and at most one sentence."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from ..errors import DlldecodeError, UsageError
from . import stderr
from .output import READER_GONE

INSTALL = "--install-completion"


def main() -> None:
    """Run the command line."""
    ended(_app)


def _app() -> None:
    from . import complete
    from .app import app

    complete.join_words(os.environ)
    try:
        app()
    except OSError as error:
        if INSTALL not in sys.argv:
            raise
        raise UsageError(
            f"{INSTALL} cannot write {error.filename} ({error.strerror}); --show-completion prints it instead."
        ) from None


def ended(command: Callable[[], None]) -> None:
    """Run a command and end with its exit code, whatever it raises."""
    # Threads of torch that wait for work would otherwise spin, and starve each other as soon as a core is busy.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    _take_signals(_stop)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # until a command guards its own output
    try:
        command()
    except DlldecodeError as error:
        _explain(error, error.exit_code)
    except BrokenPipeError:
        _leave_quietly(READER_GONE)
    except OSError as error:
        _point_nowhere(1)  # what could not be written would be tried again, and told, when the interpreter ends
        if error.errno == errno.ENOSPC:
            _explain(error, 1, "the disk is full; finished records are kept, make room and go on.")
        _explain(error, 1, f"unexpected {_describe(error)}")
    except MemoryError as error:
        _explain(error, 4, "out of memory; lower --batch-size or --max-tokens, or take a smaller model.")
    except Exception as error:
        _explain(error, 1, _unexpected(error))
    finally:
        _take_signals(_leave)  # an exit raised while Python takes itself down would only be printed


def _take_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Interruptions go to a handler from here on."""
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    """An ordinary exit, so that everything open is closed on the way out."""
    raise SystemExit(128 + number)


def _leave(number: int, frame: FrameType | None) -> None:
    """The end at once, when nothing is left open."""
    os._exit(128 + number)


def _explain(error: BaseException, code: int, sentence: str | None = None) -> None:
    with suppress(OSError):
        if is_debugging():
            traceback.print_exception(error)
        stderr.error(sentence or str(error))
    sys.exit(code)


def _describe(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _unexpected(error: Exception) -> str:
    """The sentence about an error that is ours, unless it comes of a strategy in the user's own file."""
    from ..core.custom import blamed

    place = blamed(error)
    if place is None:
        return f"unexpected {_describe(error)}; see where with --debug, and please report it."
    return f"unexpected {_describe(error)}; look at {place}, or see where with --debug."


def is_debugging() -> bool:
    """Whether a traceback was asked for."""
    return "--debug" in sys.argv[1:] or os.environ.get("DLLDECODE_DEBUG", "") not in ("", "0")


def _leave_quietly(code: int) -> None:
    """End without another word, also not from the interpreter when it flushes its streams."""
    _point_nowhere(1, 2)
    sys.exit(code)


def _point_nowhere(*descriptors: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
