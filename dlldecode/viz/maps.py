"""The canvas as a map, one cell a token, and figures as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from .flow import region_of
from .look import Look
from .scene import Mark, Scene, marks


def tokens(scene: Scene, columns: int, look: Look) -> list[Text]:
    """All positions, `columns` a line."""
    states, tints, rows = marks(scene), region_of(scene), []
    for start in range(0, len(states), columns):
        row = Text()
        for at in range(start, min(start + columns, len(states))):
            cell = scene.cells[at]
            style = look.style(states[at], tints.get(at, 0), cell.confidence if cell else 1.0)
            row.append(look.glyph(states[at]), style)
        rows.append(row)
    return rows


def block(scene: Scene, columns: int, look: Look) -> Text:
    """The open block in one line: what is masked by the letter of its region, what is written by its state."""
    states, numbers, regions = marks(scene), region_of(scene), scene.regions
    row = Text()
    for at in range(scene.block.first, min(scene.block.last + 1, scene.block.first + columns)):
        mark, number = states[at], numbers.get(at)
        if mark is Mark.OPEN and number is not None:
            row.append(regions[number].letter, look.style(mark, number))
        else:
            cell = scene.cells[at]
            row.append(look.glyph(mark), look.style(mark, 0, cell.confidence if cell else 1.0))
    return row


def trail(scene: Scene, size: tuple[int, int], look: Look) -> list[Text]:
    """The last steps of the open block, one a line: how its masks split into ever smaller runs."""
    columns, rows = size
    found = (*scene.trail, scene) if scene.step else ()
    block = slice(scene.block.first, scene.block.last + 1)
    return [trace(marks(each)[block], columns, look) for each in found[max(0, len(found) - rows) :]]


def trace(states: Sequence[Mark], columns: int, look: Look) -> Text:
    """One step of a trail; runs of masks take turns in their tints. Of several positions in a cell, a mask shows."""
    row, run, was_open = Text(), -1, False
    share = max(1, -(-len(states) // columns))
    groups = (states[start : start + share] for start in range(0, len(states), share))
    for mark in (next((mark for mark in group if mark is Mark.OPEN), group[0]) for group in groups):
        is_open = mark in (Mark.OPEN, Mark.REVOKED)
        run += is_open and not was_open
        row.append(look.glyph(mark), look.style(mark, run))
        was_open = is_open
    return row


def confidences(scene: Scene, columns: int, look: Look) -> str:
    """Confidence by position: a cell each, or the lowest of several."""
    share = max(1, -(-len(scene.cells) // columns))
    groups = (scene.cells[start : start + share] for start in range(0, len(scene.cells), share))
    lowest = (min((cell.confidence for cell in group if cell), default=0.0) for group in groups)
    return "".join(look.level(max(0.0, value)) for value in lowest)


def pace(scene: Scene, columns: int, look: Look) -> str:
    """Tokens written by each of the last steps, beside the most that one wrote."""
    most = max(scene.pace, default=1) or 1
    return "".join(look.level(count / most) for count in scene.pace[-columns:])
