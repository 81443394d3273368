"""From token bytes to what a screen can show: half characters, control characters, wide ones."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .scene import Cell

FILLER = "·"  # stands for a token that ends inside of a character
HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # Cf has everything that turns text round or has no width
VISIBLE = "\n\t"


def spelled(cells: Sequence[Cell | None], spelling: Mapping[int, bytes]) -> list[str]:
    """The text of every written position ("" where masked); a run of written ones is decoded together.

    A character that several tokens make up is shown where it ends, a filler where it goes on or stays a half.
    """
    texts = [""] * len(cells)
    for run in runs(cells):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for at in run:
            cell = cells[at]
            assert cell is not None
            raw = spelling.get(cell.token, f"<{cell.token}>".encode())
            text = decoder.decode(raw, final=at == run[-1])
            texts[at] = harmless(text.replace("\ufffd", FILLER) or (FILLER if raw else ""))
    return texts


def runs(cells: Iterable[Cell | None]) -> Iterator[list[int]]:
    """Maximal stretches of written positions."""
    run: list[int] = []
    for at, cell in enumerate(cells):
        if cell is not None:
            run.append(at)
        elif run:
            yield run
            run = []
    if run:
        yield run


def harmless(text: str) -> str:
    """The text with everything a terminal would obey, hide or turn round spelled out; new lines and tabs stay."""
    return "".join(letter if is_plain(letter) else escaped(letter) for letter in text)


def escaped(letter: str) -> str:
    """The character's number, as Python writes it."""
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def is_plain(letter: str) -> bool:
    """Whether a terminal shows a character as it is."""
    return letter in VISIBLE or unicodedata.category(letter) not in HIDDEN
