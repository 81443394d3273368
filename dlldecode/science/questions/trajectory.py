"""Where confidence lies while an answer grows: by how far the nearest written token is, and how much is written.

What DiCo's local clusters rest on, https://arxiv.org/abs/2602.23792.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import torch

from ..look import look
from ..source import Decoding, Source, gathered
from ..table import Lines, Table

PRESETS = ("vanilla",)
AXES = ("block_length=32,128",)
LINES = Lines("distance", "confidence", "written", doubling=True, panel="setting")
PARTS = 4  # of a decoding, by the written share of the answer
DISTANCES = (1, 2, 3, 5, 9, 17)  # the least of each class
SURE = 0.9


class Case(NamedTuple):
    """Masks of one setting, while so much of the answer was written, so far from a written token."""

    setting: str
    part: int
    distance: int


class Mask(NamedTuple):
    """How sure the model is of a mask, and whether it proposes what will stand there at the end."""

    confidence: float
    stays: bool


def answer(source: Source) -> Table:
    """A line for each setting, part of the decoding and distance."""
    found = gathered(source, partial(masks, source))
    return Table(
        "Masks inside of the answer, as it grows",
        ("setting", "written", "distance", "masks", "confidence", f"above {SURE} %", "right in the end %"),
        tuple(_line(case, found[case]) for case in sorted(found)),
    )


def masks(source: Source, decoding: Decoding) -> Iterator[tuple[Case, Mask]]:
    """Every mask that lies in the answer, in every state that has one."""
    states = [state for state in decoding.states() if decoding.mask_id in state.canvas[: decoding.effective]]
    if not states:
        return
    seen = look(source.model, decoding.prompt, torch.tensor([state.canvas for state in states]))
    for state, confidence, token in zip(states, seen.confidence.tolist(), seen.token.tolist(), strict=True):
        is_mask = [each == decoding.mask_id for each in state.canvas[: decoding.effective]]
        part = min(PARTS - 1, PARTS * is_mask.count(False) // len(is_mask))
        for place, away in enumerate(distances(is_mask)):
            if is_mask[place]:
                case = Case(decoding.setting.label, part, class_of(away))
                yield case, Mask(confidence[place], token[place] == decoding.final[place])


def distances(is_mask: Sequence[bool]) -> list[int]:
    """How far each position is from the nearest written one; the prompt is written."""
    found = list(range(1, len(is_mask) + 1))
    for place in range(len(is_mask)):
        left = found[place - 1] if place else 0
        found[place] = left + 1 if is_mask[place] else 0
    for place in reversed(range(len(is_mask) - 1)):
        found[place] = min(found[place], found[place + 1] + 1)
    return found


def class_of(distance: int) -> int:
    """The least distance of the class that a distance belongs to."""
    return max(least for least in DISTANCES if least <= distance)


def _line(case: Case, masks: list[Mask]) -> tuple[object, ...]:
    count = len(masks)
    confidence = sum(mask.confidence for mask in masks) / count
    sure = sum(mask.confidence > SURE for mask in masks) / count
    stays = sum(mask.stays for mask in masks) / count
    part = f"{100 * case.part // PARTS} to {100 * (case.part + 1) // PARTS} %"
    return (case.setting, part, case.distance, count, round(confidence, 3), round(100 * sure, 1), round(100 * stays, 1))
