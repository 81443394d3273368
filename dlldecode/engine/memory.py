"""What a batch takes of the device's memory, reckoned before anything is decoded."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DeviceError
from ..models.adapter import Model
from .board import Session
from .recipe import Recipe

# Bytes for every logit beside itself: sums and a masked copy; drawing tokens takes hashes and noise of 8 bytes each; a
# strategy that works on logits may remember as many numbers, before, after and afresh, and takes logarithms of them.
READING, DRAWING, REMEMBERING = 12, 72, 28


class Size(NamedTuple):
    """Rows of a batch, and columns of the prompt and of the canvas."""

    rows: int
    prompt: int
    canvas: int


def needed(model: Model, recipe: Recipe, size: Size) -> int:
    """Bytes beside the weights, about."""
    rows = size.rows * recipe.branches
    wanted = recipe.width(size.canvas) * (2 if recipe.casts_shadow else 1)
    is_drawn = recipe.settings.temperature > 0
    logits = wanted * model.spec.vocab_size
    reading = rows * logits * (DRAWING if is_drawn else READING)
    remembering = size.rows * logits * (REMEMBERING if recipe.needs & {"logits", "raw"} else 0)
    return model.footprint(rows, size.prompt + size.canvas, wanted, recipe.cache.keeps) + reading + remembering


def fits(model: Model, session: Session, rows: int) -> bool:
    """Whether a batch needs no more than the device has free."""
    room = model.free()
    size = Size(rows, session.prompt_width, session.canvas)
    return room is None or needed(model, session.recipe, size) <= room


def expect(model: Model, session: Session, rows: int) -> None:
    """Raise a DeviceError, with what would fit, where a batch needs more than the device has free."""
    room = model.free()
    if room is None or fits(model, session, rows):
        return
    size = Size(rows, session.prompt_width, session.canvas)
    raise DeviceError(
        f"{rows} {'row' if rows == 1 else 'rows'} of {session.length} columns take about "
        f"{needed(model, session.recipe, size) / 1e9:.1f} GB beside the weights, and {session.device} has "
        f"{room / 1e9:.1f} GB free; {advice(model, session.recipe, size, room)}."
    )


def advice(model: Model, recipe: Recipe, size: Size, room: int) -> str:
    """The largest batch that fits, else the longest canvas of one row, else what remains."""
    fewer = range(size.rows - 1, 0, -1)
    if rows := next((rows for rows in fewer if needed(model, recipe, size._replace(rows=rows)) <= room), None):
        return f"take --batch-size {rows}"
    alone, block = size._replace(rows=1), recipe.settings.block_length
    shorter = range((size.canvas - 1) // block * block, 0, -block)
    if canvas := next((each for each in shorter if needed(model, recipe, alone._replace(canvas=each)) <= room), None):
        return f"take --batch-size 1 --max-tokens {canvas}"
    return "take a smaller --dtype or model"
