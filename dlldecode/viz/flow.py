"""The canvas as text that flows: tokens where they are written, masks where they are not, blocks to come folded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.text import Text

from .look import Look
from .scene import Mark, Scene, marks
from .spell import spelled

TAB = "    "
RETURN = "↵"  # a new line that is worth seeing


class Piece(NamedTuple):
    """What one position puts on a line: blanks, which a wrapped line drops, then something in a style."""

    at: int
    blank: str
    core: str
    style: str
    ends_line: bool = False


class Row(NamedTuple):
    """One line of the screen, and the first and last position on it."""

    text: Text
    first: int
    last: int


def flow(scene: Scene, columns: int, look: Look) -> list[Row]:
    """The whole canvas in lines of at most `columns` cells."""
    return list(wrapped(pieces(scene, look), columns))


def pieces(scene: Scene, look: Look) -> Iterator[Piece]:
    """What every position shows, up to the end of the text and of the open block; the rest as two folds."""
    states, texts, tints = marks(scene), spelled(scene.cells, scene.spelling), region_of(scene)
    shown = min(scene.end, max(scene.block.last + 1, last_written(scene) + 1))
    begun: set[int] = set()
    for at in range(shown):
        cell, mark = scene.cells[at], states[at]
        if mark is Mark.REVOKED:
            old = spelled([scene.revoked[at]], scene.spelling)[0]
            yield from written(at, old, look, (mark, 1.0))
        elif cell is None:
            tint = tints.get(at, 0)
            letter = region_letter(scene, at, begun, tints)
            mask = look.mask(mark)
            yield Piece(at, "", letter + mask[len(letter) :], look.style(mark, tint))
        else:
            yield from written(at, texts[at], look, (mark, cell.confidence))
    if scene.end < scene.header.canvas:
        left = scene.header.canvas - scene.end - 1
        yield Piece(scene.end, " ", f"<end +{left}>" if left else "<end>", "dim")
    elif shown < scene.header.canvas:
        yield Piece(shown, "", "", "", ends_line=True)
        yield Piece(shown, "", look.say(f"… {closed(scene, shown)}"), "dim")


def closed(scene: Scene, shown: int) -> str:
    """How much is left behind the first positions; in blocks where they are known beforehand."""
    masks = scene.header.canvas - shown
    if not scene.header.has_equal_blocks:
        return f"{masks} masks not open"
    blocks = -(-masks // scene.header.block_length)
    return f"{blocks} block{'s' if blocks > 1 else ''} not open, {masks} masks"


def written(at: int, text: str, look: Look, state: tuple[Mark, float]) -> Iterator[Piece]:
    """The pieces of a token: one a line of its text."""
    mark, confidence = state
    style = look.style(mark, confidence=confidence)
    *ended, last = text.replace("\t", TAB).split("\n")
    for line in ended:
        core = line.lstrip(" ")
        seen = core or ("" if mark is Mark.SETTLED else "\\n" if look.is_plain else RETURN)
        yield Piece(at, line[: len(line) - len(core)], look.marked(mark, seen) if seen else "", style, ends_line=True)
    core = last.lstrip(" ")
    if core:
        yield Piece(at, last[: len(last) - len(core)], look.marked(mark, core), style)
    elif last and mark is Mark.SETTLED:
        yield Piece(at, last, "", "")
    elif last:
        yield Piece(at, "", look.marked(mark, last), style)


def wrapped(found: Iterator[Piece], columns: int) -> Iterator[Row]:
    """Lines of at most so many cells."""
    line, used, first, last = Text(), 0, None, 0
    for piece in found:
        blank = piece.blank
        for part in chop_cells(piece.core, columns) or [""]:
            if used + cell_len(blank) + cell_len(part) > columns and used:
                yield Row(line, piece.at if first is None else first, last)
                line, used, first, blank = Text(), 0, None, ""
            blank = blank[: columns - cell_len(part)]
            line.append(blank).append(part, piece.style)
            used += cell_len(blank) + cell_len(part)
            first, last, blank = piece.at if first is None else first, piece.at, ""
        if piece.ends_line:
            yield Row(line, piece.at if first is None else first, piece.at)
            line, used, first = Text(), 0, None
    if used:
        yield Row(line, last if first is None else first, last)


def region_of(scene: Scene) -> dict[int, int]:
    """The number of the region that every position of one belongs to."""
    spans = enumerate(region.span for region in scene.regions)
    return {at: number for number, span in spans for at in range(span.first, span.last + 1)}


def region_letter(scene: Scene, at: int, begun: set[int], numbers: dict[int, int]) -> str:
    """The letter of a region at the first mask that is left of it."""
    number = numbers.get(at)
    if number is None or number in begun:
        return ""
    begun.add(number)
    return scene.regions[number].letter


def last_written(scene: Scene) -> int:
    """The last position that is written; -1 where none is."""
    return max((at for at, cell in enumerate(scene.cells) if cell is not None), default=-1)


def visible(rows: list[Row], scene: Scene, height: int, look: Look) -> list[Text]:
    """So many lines, those of the open block among them; what is above and below is counted."""
    if height < 2:  # no room to count what is left out
        return [row.text for row in rows[:height]] + [Text()] * (height - len(rows))
    if len(rows) <= height:
        return [row.text for row in rows] + [Text()] * (height - len(rows))
    focus = next((number for number, row in enumerate(rows) if row.last >= scene.block.first), len(rows) - 1)
    start = max(0, min(focus - 1, len(rows) - height))
    chosen = [row.text for row in rows[start : start + height]]
    above, below = start, len(rows) - start - height
    if above:
        chosen[0] = Text(look.say(f"↑ {above + 1} lines"), "dim")
    if below:
        chosen[-1] = Text(look.say(f"↓ {below + 1} lines"), "dim")
    return chosen
