"""What taking tokens back is worth: how often it changes anything, for the better or the worse, and for which answers.

The first setting is the reference. A token that was doubted and replaced is judged by the finished answer: the model
looks at it with that one position masked, and is likelier to write the old token or the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from ..look import look
from ..source import Decoding, Source
from ..table import Table

PRESETS = ("hierarchy", "wino", "saber")
AXES = ("remask=0.0,0.2,0.4", "remask_by=argmax,written")
LINES = None


class Doubt(NamedTuple):
    """A written token that was taken back or rewritten."""

    position: int
    token: int


@dataclass
class Tally:
    """What a setting's doubts came to, and which items it got right."""

    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    steps: int = 0
    doubts: int = 0
    same: int = 0
    better: int = 0
    worse: int = 0


def answer(source: Source) -> Table:
    """A line for each setting."""
    found: dict[str, Tally] = {}
    for decoding in source.decodings():
        tally = found.setdefault(decoding.setting.label, Tally())
        tally.scores[decoding.task, decoding.item.id] = decoding.score
        tally.steps += len(decoding.steps)
        judge(tally, source, decoding)
    reference = next(iter(found.values()))
    return Table(
        "Doubted tokens, and the answers that changed beside the first setting",
        ("setting", "score %", "repaired", "harmed", "steps", "doubts", "unchanged %", "better %", "worse %"),
        tuple(_line(name, tally, reference) for name, tally in found.items()),
    )


def _line(name: str, tally: Tally, reference: Tally) -> tuple[object, ...]:
    items = len(tally.scores)
    gained = [tally.scores[item] - reference.scores[item] for item in tally.scores]
    shares = [
        round(100 * count / tally.doubts, 1) if tally.doubts else None
        for count in (tally.same, tally.better, tally.worse)
    ]
    score = round(100 * sum(tally.scores.values()) / items, 1)
    repaired, harmed = sum(gain > 0 for gain in gained), sum(gain < 0 for gain in gained)
    return (name, score, repaired, harmed, round(tally.steps / items, 1), round(tally.doubts / items, 1), *shares)


def judge(tally: Tally, source: Source, decoding: Decoding) -> None:
    """Count the doubts of a decoding by what they led to; those behind the answer count as well."""
    doubted, final = list(doubts(decoding)), decoding.final
    changed = [doubt for doubt in doubted if final[doubt.position] != doubt.token]
    tally.doubts += len(doubted)
    tally.same += len(doubted) - len(changed)
    if not changed:
        return
    canvases = torch.tensor([final] * len(changed))
    before = canvases.clone()
    for row, doubt in enumerate(changed):
        canvases[row, doubt.position], before[row, doubt.position] = decoding.mask_id, doubt.token
    old = look(source.model, decoding.prompt, canvases, before).known
    new = look(source.model, decoding.prompt, canvases, torch.tensor([final] * len(changed))).known
    for row, doubt in enumerate(changed):
        gained = float(new[row, doubt.position] - old[row, doubt.position])
        tally.better += gained > 0
        tally.worse += gained <= 0


def doubts(decoding: Decoding) -> Iterator[Doubt]:
    """Every written token that a step took back, or wrote anew."""
    for state in decoding.states():
        again = [each.position for each in state.step.commits if state.canvas[each.position] != decoding.mask_id]
        for position in (*again, *state.step.revocations):
            yield Doubt(position, state.canvas[position])
