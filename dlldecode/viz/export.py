"""Files made from traces, each kind by its suffix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError
from ..trace.read import Recording


class Wish(NamedTuple):
    """How films and stills are made: steps a second, and the step of a single frame (None: several)."""

    speed: float = 8.0
    at: int | None = None


def write(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    """Make one file. Raises UsageError where it cannot be written."""
    maker = MAKERS[suffix(file)]
    try:
        maker(recordings, file, wish)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror or error}); choose another place.") from error


def check(files: Sequence[Path]) -> None:
    """Find out before anything is played whether all files can be written. Raises UsageError."""
    for file in files:
        if suffix(file) not in MAKERS:
            raise UsageError(f"{file} has a suffix that stands for nothing; choose {', '.join(MAKERS)}.")
        is_new = not file.exists()
        try:
            with file.open("ab"):
                pass
        except OSError as error:
            raise UsageError(f"{file} cannot be written ({error.strerror or error}); choose another place.") from error
        if is_new:
            file.unlink()


def suffix(file: Path) -> str:
    """What follows the last dot, in small letters."""
    return file.suffix.lower()


def _svg(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .strip import svg

    file.write_text(svg(recordings, wish.at), encoding="utf-8")


def _text(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .strip import plain

    file.write_text(plain(recordings, wish.at), encoding="utf-8")


def _cast(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .strip import cast

    file.write_text(cast(_only(recordings, file), wish.speed), encoding="utf-8")


def _gif(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .strip import gif

    gif(_only(recordings, file), wish.speed, file)


def _page(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .page import pieces

    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(pieces(recordings))


def _plot(recordings: Sequence[Recording], file: Path, wish: Wish) -> None:
    from .plot import plot

    plot(recordings, file)


def _only(recordings: Sequence[Recording], file: Path) -> Recording:
    """The one trace that a film shows."""
    if len(recordings) > 1:
        raise UsageError(f"{file} shows one trace, and there are {len(recordings)}; write .html, .svg or .png.")
    return recordings[0]


MAKERS: dict[str, Callable[[Sequence[Recording], Path, Wish], None]] = {
    ".svg": _svg,
    ".html": _page,
    ".cast": _cast,
    ".txt": _text,
    ".png": _plot,
    ".gif": _gif,
}
