"""What a decoding looks like after each of its steps: a pure fold over the trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from ..trace.events import Interval, Stepped
from ..trace.lines import Header

BARS = ("tau_sure", "high", "threshold")  # options that say how sure a token should be, by strategy
USUAL_BAR = 0.9
REMEMBERED, PACES = 64, 512  # steps of a trail, and of what a timeline shows
SEED = "seed"  # the kind of DiCo's seeds


class Mark(Enum):
    """How a position of the canvas is shown; every position has exactly one."""

    CLOSED = "masked, its block not open yet"
    OPEN = "masked, its region being filled"
    FRESH = "written in this step"
    ANCHOR = "written, and borders masks; in DiCo, a seed"
    CLUSTER = "written inside a local cluster"
    UNSURE = "written below the threshold"
    REVOKED = "taken back in this step"
    SETTLED = "written earlier"


class Cell(NamedTuple):
    """A written position: the token, its probability then, why, and the step (from 0) that wrote it."""

    token: int
    confidence: float
    kind: str
    step: int


class Region(NamedTuple):
    """A run of masks before the latest step: a letter, its positions, and how many of them are written by now."""

    letter: str
    span: Interval
    written: int


@dataclass(frozen=True)
class Scene:
    """The canvas after a step (None: before the first), and what led there.

    `cells` has None where a position is masked; `revoked` holds what this step took back. `pace` counts the tokens
    written by each of the last steps, `losses` those taken back, `lost` all that ever were. `opened` counts the windows
    so far. `trail` has the scenes of the last steps in the open one, this one left out. `spelling` gives the bytes of
    ids.
    """

    header: Header
    spelling: Mapping[int, bytes] = field(repr=False)
    cells: tuple[Cell | None, ...]
    step: Stepped | None = None
    revoked: Mapping[int, Cell] = field(default_factory=dict)
    pace: tuple[int, ...] = ()
    losses: tuple[int, ...] = ()
    lost: int = 0
    opened: int = 0
    trail: tuple[Scene, ...] = field(default=(), repr=False)

    @property
    def written(self) -> int:
        """Positions written by now."""
        return sum(cell is not None for cell in self.cells)

    @property
    def forwards(self) -> int:
        """Calls of the model by now."""
        return self.step.forwards if self.step else 0

    @property
    def seconds(self) -> float:
        """Seconds of decoding by now."""
        return self.step.seconds if self.step else 0.0

    @property
    def block(self) -> Interval:
        """The open window; before the first step, the leftmost one."""
        first = Interval(0, min(self.header.block_length, self.header.canvas) - 1)
        return self.step.block if self.step else first

    @property
    def end(self) -> int:
        """Where the text ends: the first written stop token, or the end of the canvas."""
        stops = set(self.header.stop_ids)
        return next((at for at, cell in enumerate(self.cells) if cell and cell.token in stops), len(self.cells))

    @property
    def bar(self) -> float:
        """The confidence below which a written token counts as unsure."""
        found = (self.header.options.get(name) for name in BARS)
        return next((float(bar) for bar in found if type(bar) in (int, float) and 0 <= bar <= 1), USUAL_BAR)

    @property
    def rate(self) -> float:
        """Tokens written per forward so far, up to the end of the text."""
        return sum(cell is not None for cell in self.cells[: self.end]) / self.forwards if self.forwards else 0.0

    @property
    def anchors(self) -> frozenset[int]:
        """Anchors of the latest step that are still written, and the seeds of the open block."""
        found = set(self.step.anchors) if self.step else set[int]()
        found |= {at for at in range(self.block.first, self.block.last + 1) if self.is_seed(at)}
        return frozenset(at for at in found if self.cells[at] is not None)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The runs of masks that the latest step worked on, left to right."""
        spans = self.step.regions if self.step else (self.block,)
        return tuple(Region(letter(number), span, self.count(span)) for number, span in enumerate(spans))

    def is_seed(self, at: int) -> bool:
        """Whether a position was written as a seed."""
        cell = self.cells[at]
        return cell is not None and cell.kind == SEED

    def count(self, span: Interval) -> int:
        """Written positions of a span."""
        return sum(cell is not None for cell in self.cells[span.first : span.last + 1])


def opening(header: Header, spelling: Mapping[int, bytes]) -> Scene:
    """The canvas before the first step."""
    return Scene(header, spelling, (None,) * header.canvas)


def after(scene: Scene, step: Stepped) -> Scene:
    """The canvas after one more step."""
    cells = list(scene.cells)
    stays = step.block.first == scene.block.first
    revoked = {at: cell for at in step.revocations if (cell := cells[at])}
    for at in step.revocations:
        cells[at] = None
    for commit in step.commits:
        cells[commit.position] = Cell(commit.token, commit.confidence, commit.kind, step.step)
    return replace(
        scene,
        cells=tuple(cells),
        step=step,
        revoked=revoked,
        pace=(*scene.pace[1 - PACES :], len(step.commits)),
        losses=(*scene.losses[1 - PACES :], len(revoked)),
        lost=scene.lost + len(revoked),
        opened=scene.opened + (scene.step is None or not stays),
        trail=extended(scene) if stays else (),
    )


def extended(scene: Scene) -> tuple[Scene, ...]:
    """The trail of the scene after this one; scenes in it need none of their own."""
    own = (replace(scene, trail=(), pace=(), losses=()),) if scene.step else ()
    return (*scene.trail[1 - REMEMBERED :], *own)


def scenes(header: Header, spelling: Mapping[int, bytes], steps: Iterable[Stepped]) -> Iterator[Scene]:
    """The opening, then the canvas after every step."""
    scene = opening(header, spelling)
    yield scene
    for step in steps:
        yield (scene := after(scene, step))


def marks(scene: Scene) -> tuple[Mark, ...]:
    """How every position is shown."""
    step, block = scene.step, scene.block
    fresh = {commit.position for commit in step.commits} if step else set()
    inside = {at for span in (step.clusters if step else ()) for at in range(span.first, span.last + 1)}
    anchors, bar = scene.anchors, scene.bar

    def mark(at: int, cell: Cell | None) -> Mark:
        if cell is None:
            return Mark.REVOKED if at in scene.revoked else Mark.OPEN if at in span else Mark.CLOSED
        if at in fresh:
            return Mark.FRESH
        if at in anchors:
            return Mark.ANCHOR
        if at in inside:
            return Mark.CLUSTER
        return Mark.UNSURE if cell.confidence < bar else Mark.SETTLED

    span = range(block.first, block.last + 1)
    return tuple(mark(at, cell) for at, cell in enumerate(scene.cells))


def letter(number: int) -> str:
    """A, B, ... Z, then a, b, ... z, then + for what no letter is left for."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return letters[number] if number < len(letters) else "+"
