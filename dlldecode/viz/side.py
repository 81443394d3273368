"""Several scenes on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from .frame import SMALLEST, Note, Size, fitted, frame
from .look import Look
from .scene import Scene


def together(scenes: Sequence[Scene], size: Size, look: Look, note: Note) -> list[Text]:
    """Frames beside one another; below one another where the screen is too narrow for that."""
    if len(scenes) == 1:
        return frame(scenes[0], size, look, note)
    columns = (size.columns - len(scenes) + 1) // len(scenes)
    notes = [note if number == 0 else note._replace(state="", hint="") for number in range(len(scenes))]
    if columns < SMALLEST[0]:
        rows = size.rows // len(scenes)
        each = [frame(scene, Size(size.columns, rows), look, said) for scene, said in zip(scenes, notes, strict=True)]
        return [line for lines in each for line in lines]
    part = Size(columns, size.rows)
    each = [frame(scene, part, look, said) for scene, said in zip(scenes, notes, strict=True)]
    height = max(map(len, each))
    filled = [[*lines, *[Text()] * (height - len(lines))] for lines in each]
    return [Text(" ").join([fitted(part, columns) for part in row]) for row in zip(*filled, strict=True)]
