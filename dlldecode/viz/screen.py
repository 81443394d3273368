"""Frames as what a terminal or a file is given."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text


def console(columns: int, is_colored: bool = True, is_recording: bool = False) -> Console:
    """A console that writes to memory, whatever the environment says of terminals and colours."""
    return Console(
        file=io.StringIO(),
        width=columns,
        color_system="truecolor" if is_colored else None,
        force_terminal=is_colored,
        no_color=not is_colored,
        record=is_recording,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def printed(target: Console, lines: Iterable[Text]) -> None:
    """Write lines as they are: no wrapping, no markup."""
    for line in lines:
        target.print(line, no_wrap=True, overflow="crop", crop=True, soft_wrap=False)


def ansi(lines: Sequence[Text], columns: int) -> str:
    """Lines with escape sequences for their styles."""
    target = console(columns)
    printed(target, lines)
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def text(lines: Sequence[Text]) -> str:
    """Lines without styles, and without blanks at their ends."""
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)
