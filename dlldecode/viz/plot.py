"""The order in which positions were written, as a picture file: position by step, coloured by confidence."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UsageError
from ..trace.events import Interval, Stepped
from ..trace.read import Recording
from .scene import SEED, scenes
from .spell import harmless

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".pdf", ".svg")
COLOURS = "viridis_r"  # perceptually uniform, told apart by colour-blind readers; surest is darkest
UNKNOWN, REGION, CLUSTER, BORDER, CROSS = "#999999", "#e9ebee", "#f6d9b8", "#a8b0ba", "#d62728"
WIDTH, LOWEST, HIGHEST = 6.6, 2.6, 9.0  # inches of a panel
STEP = 0.085  # inches of a step, while the panel has room
DOTS = 160  # per inch
POINTS = 72  # per inch
LONGEST = 60  # letters of a line of a title
RANGE = 0.5  # how far a position or a step reaches to either side


class Dot(NamedTuple):
    """A position written in a step; `ringed` where it split a run of masks or is a seed."""

    position: int
    step: int
    confidence: float
    ringed: bool


def plot(recordings: Sequence[Recording], file: Path) -> None:
    """Write a picture (PNG, PDF or SVG by the file's name) with one panel a recording, all on the same axes.

    Raises UsageError without matplotlib, without a recording, and for a file that cannot be written.
    """
    if not recordings:
        raise UsageError("There is nothing to plot; name at least one trace.")
    if file.suffix.lower() not in FORMATS:
        raise UsageError(f"{file} is no picture that can be written; end its name with {', '.join(FORMATS)}.")
    figure = drawn(recordings)
    try:
        figure.savefig(file, format=file.suffix[1:].lower(), dpi=DOTS)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror or error}); name another file.") from error


def drawn(recordings: Sequence[Recording]) -> Figure:
    """The whole figure."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("Plots need matplotlib; install it with: pip install 'dlldecode[plot]'.") from error
    steps = max(1, *(len(each.steps) for each in recordings))
    canvas = max(each.header.canvas for each in recordings)
    columns = min(len(recordings), 2)
    rows = math.ceil(len(recordings) / columns)
    height = min(max(STEP * steps, LOWEST), HIGHEST)
    figure = Figure(figsize=(WIDTH * columns + 1.2, (height + 0.7) * rows + 0.7), layout="constrained")
    every = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels = [axes for row in every for axes in row]
    size = min(max(POINTS * min(0.9 * WIDTH / canvas, height / steps), 1.6), 8.0)
    for axes, recording in zip_longest(panels, recordings):
        if recording is None:
            axes.set_visible(False)
        else:
            panel(axes, recording, size)
    panels[0].set(xlim=(-RANGE, canvas - RANGE), ylim=(steps - RANGE, -RANGE))
    for axes in every[:, 0]:
        axes.set_ylabel("step")
    for axes in panels[max(0, len(recordings) - columns) : len(recordings)]:
        axes.set_xlabel("position")
        axes.tick_params(labelbottom=True)
    colour_bar(figure, panels)
    legend(figure, panels[0])
    return figure


def panel(axes: Axes, recording: Recording, size: float) -> None:
    """One recording: what was open, what was written when, what was taken back."""
    steps = list(recording.steps)
    spans(axes, ((at, span) for at, step in enumerate(steps) for span in step.regions), REGION)
    spans(axes, ((at, span) for at, step in enumerate(steps) for span in step.clusters), CLUSTER)
    for border in borders(recording):
        axes.axvline(border - RANGE, color=BORDER, linewidth=0.6, zorder=1)
    found = list(dots(steps))
    axes.scatter(
        *columns_of(found), c=[dot.confidence for dot in found], cmap=colours(), vmin=0, vmax=1,
        s=size**2, marker="s", linewidths=0, plotnonfinite=True, zorder=2,
    )  # fmt: skip
    axes.scatter(*columns_of([dot for dot in found if dot.ringed]), **ring(size), zorder=3)
    back = [Dot(position, at, 0, False) for at, step in enumerate(steps) for position in step.revocations]
    axes.scatter(*columns_of(back), **cross(size), zorder=4)
    axes.set_title(title(recording), fontsize=10, loc="left", parse_math=False)


def borders(recording: Recording) -> set[int]:
    """Where blocks begin and end: as the header has it, or, where they were found on the way, as the steps have it."""
    header = recording.header
    if header.has_equal_blocks:
        return {*range(0, header.canvas, header.block_length), header.canvas}
    return {0, header.canvas, *(at for step in recording.steps for at in (step.block.first, step.block.last + 1))}


def dots(steps: Sequence[Stepped]) -> Iterator[Dot]:
    """Every position written, in order."""
    followers = iter(steps)
    next(followers, None)
    for at, (step, follower) in enumerate(zip_longest(steps, followers)):
        masked = {place for span in (follower.regions if follower else ()) for place in (span.first, span.last)}
        for commit in step.commits:
            splits = {commit.position - 1, commit.position + 1} <= masked
            yield Dot(commit.position, at, commit.confidence, splits or commit.kind == SEED)


def columns_of(found: Sequence[Dot]) -> tuple[list[int], list[int]]:
    """Where dots lie: across, and down."""
    return [dot.position for dot in found], [dot.step for dot in found]


def spans(axes: Axes, found: Iterator[tuple[int, Interval]], colour: str) -> None:
    """Stretches of positions, each in its step, as faint bars."""
    from matplotlib.collections import PolyCollection

    boxes = [
        [(left, top), (right, top), (right, top + 1), (left, top + 1)]
        for top, left, right in ((at - RANGE, span.first - RANGE, span.last + RANGE) for at, span in found)
    ]
    axes.add_collection(PolyCollection(boxes, facecolors=colour, linewidths=0, zorder=0, rasterized=True))


def title(recording: Recording) -> str:
    """Which decoding it is, and how many forwards it took."""
    header = recording.header
    last = deque(scenes(header, recording.bytes, recording.steps), maxlen=1)[0]
    how = ", preset ".join(header.how)
    status = recording.footer.status if recording.footer else "cut"
    end = "" if status == "ok" else f", {status}"
    which = harmless(f"{header.model}: {how}")
    shown = which if len(which) <= LONGEST else f"{which[: LONGEST - 1]}…"
    return f"{shown}\n{last.forwards} forwards, {last.rate:.2f} tokens per forward{harmless(end)}"


def colours() -> Any:
    """The colour map of confidences; what is no number is grey."""
    from matplotlib import colormaps

    return colormaps[COLOURS].with_extremes(bad=UNKNOWN)


def ring(size: float) -> dict[str, Any]:
    """How an anchor is drawn."""
    across = size + min(3, 0.7 * size)
    return {
        "s": across**2,
        "marker": "o",
        "facecolors": "none",
        "edgecolors": "black",
        "linewidths": min(0.8, size / 5),
    }


def cross(size: float) -> dict[str, Any]:
    """How a revocation is drawn."""
    return {"s": (size + 1) ** 2, "marker": "x", "color": CROSS, "linewidths": 1.0}


def colour_bar(figure: Figure, panels: Sequence[Axes]) -> None:
    """What the colours mean."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    shown = [axes for axes in panels if axes.get_visible()]
    figure.colorbar(ScalarMappable(Normalize(0, 1), colours()), ax=shown, label="confidence", fraction=0.03, pad=0.01)


def legend(figure: Figure, axes: Axes) -> None:
    """What the other marks mean."""
    from matplotlib.patches import Patch

    keys = [
        axes.scatter([], [], s=36, marker="s", color="#31688e", label="written"),
        axes.scatter([], [], **ring(6), label="anchor: splits a run of masks; in DiCo, a seed"),
        axes.scatter([], [], **cross(6), label="taken back"),
        Patch(facecolor=REGION, edgecolor=BORDER, linewidth=0.5, label="region"),
        Patch(facecolor=CLUSTER, edgecolor=BORDER, linewidth=0.5, label="cluster"),
        axes.plot([], [], color=BORDER, linewidth=0.8, label="border of blocks")[0],
    ]
    figure.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
