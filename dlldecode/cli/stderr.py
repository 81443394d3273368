"""Everything that is not the result: errors, notices, the summary, a spinner. All of it goes to stderr."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # Unicode's direction overrides
RED, DIM, PLAIN = "\x1b[1;31m", "\x1b[2m", "\x1b[0m"


@dataclass
class Manner:
    """How much is said, and in which colours; set once from the options of a command."""

    color: str = "auto"
    level: int = 0  # -1 quiet, 1 verbose


MANNER = Manner()


def error(sentence: str) -> None:
    """One sentence on what went wrong and what to do."""
    _say("error:", sentence, RED)


def notice(sentence: str, level: int = 0) -> None:
    """Something worth knowing; from `level` of verbosity on."""
    if MANNER.level >= level:
        _say("", sentence, DIM)


def _say(label: str, sentence: str, style: str) -> None:
    if sys.stderr is None:
        return
    shown = harmless(sentence) if is_terminal() else sentence
    lead, text = (label, f" {shown}") if label else (shown, "")
    lead = f"{style}{lead}{PLAIN}" if is_colored() else lead
    print(f"{lead}{text}", file=sys.stderr, flush=True)


def is_terminal() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def is_colored() -> bool:
    """Whether stderr takes colours: the option, else NO_COLOR, FORCE_COLOR, TERM and the terminal, in this order."""
    if MANNER.color != "auto":
        return MANNER.color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal() and os.environ.get("TERM") != "dumb")


def is_animated() -> bool:
    """Whether something may move: a real terminal, whatever colours were forced."""
    return is_terminal() and MANNER.level >= 0 and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def harmless(text: str) -> str:
    """A text whose control characters, and those that turn text round, a terminal will show and not obey."""
    return "".join(letter if is_harmless(letter) else f"\\x{ord(letter):02x}" for letter in text)


def is_harmless(letter: str) -> bool:
    """Whether a terminal only shows a character; new lines and tabs are such, too."""
    return letter in "\n\t" or not (unicodedata.category(letter) == "Cc" or letter in TURNING)


class Spinner:
    """A line that moves while something lasts; nothing at all where nothing may move."""

    def __init__(self, live: Any = None) -> None:
        self._live = live

    def say(self, text: str) -> None:
        """Change the line."""
        if self._live is not None:
            from rich.spinner import Spinner as Wheel
            from rich.text import Text

            self._live.update(Wheel("dots", Text(harmless(text))), refresh=True)

    def stop(self) -> None:
        """Take the line away, for good."""
        if self._live is not None:
            self._live.stop()
            self._live = None


@contextmanager
def spinner(text: str) -> Iterator[Spinner]:
    """A spinner for the length of a block; gone when the block ends, however it ends."""
    if not is_animated():
        yield Spinner()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=sys.stderr, no_color=not is_colored(), highlight=False)
    live = Live(console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    live.start()
    wheel = Spinner(live)
    wheel.say(text)
    try:
        yield wheel
    finally:
        wheel.stop()
