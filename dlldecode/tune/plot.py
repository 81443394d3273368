"""An outcome as a picture: score against TPF, or a heat map over two axes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from ..bench.export.columns import said
from ..bench.export.labels import Label, place
from ..bench.export.plot import FAINT, HUES, INK, interval, plain, ring, saved, stairs
from ..bench.report import Row
from .outcome import Entry, Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FRONT, PICK = HUES[0], HUES[1]
WIDTH, HEIGHT = 7.2, 5.0  # inches
CELL = 0.62  # inches of a heat map's cell
COLOURS = "viridis"
BRIGHT = 0.6  # from here on, between 0 and 1, a cell takes dark letters


def picture(outcome: Outcome, kind: str, axes: tuple[str, str] | None = None) -> bytes:
    """The picture as `png` or `svg`; a heat map where two axes are named. Raises UsageError without matplotlib."""
    return saved(lambda: heat(outcome, *axes) if axes else front(outcome), kind)


def front(outcome: Outcome) -> Figure:
    """All trials; those that ran on fewer items faint and small, and levelled."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    whole = {entry.number for entry in outcome.compared}
    best = [outcome.entry(number).row for number in outcome.front]
    stairs(axes, sorted(map(_spot, best)))
    for entry in outcome.entries:
        _point(axes, entry, "front" if entry.number in outcome.front else "whole" if entry.number in whole else "few")
    for row in best:
        interval(axes, row, row.tpf, FRONT)
    axes.plot(*_spot(outcome.entry(0).row), **ring(), zorder=5, label="reference")
    if outcome.pick is not None:
        star = {"marker": "*", "markersize": 15, "color": PICK, "mec": "white", "ls": "none"}
        axes.plot(*_spot(outcome.entry(outcome.pick).row), **star, zorder=6, label="pick")
    plain(axes, "TPF: tokens per forward")
    axes.set_ylabel(f"{said(best[0].metric) if best else 'score'} (%), search half", color=INK)
    _legend(axes)
    _footnote(figure, outcome, "* placed as it stood beside the reference on those items")
    figure.draw_without_rendering()
    place(axes, [Label(_values(row), *_spot(row), FRONT) for row in best])
    return figure


STYLES: dict[str, dict[str, Any]] = {
    "few": {"color": FAINT, "markersize": 4, "alpha": 0.5, "label": "dropped after fewer items*"},
    "whole": {"color": INK, "markersize": 5, "alpha": 0.7, "label": "on all items"},
    "front": {"color": FRONT, "markersize": 8, "mec": "white", "label": "front, 95 % interval"},
}


def _point(axes: Axes, entry: Entry, style: str) -> None:
    axes.plot(*_spot(entry.level), "o", **STYLES[style], zorder=4)


def _legend(axes: Axes) -> None:
    """Each kind of mark once."""
    handles, labels = axes.get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    axes.legend(found.values(), found.keys(), fontsize=8, frameon=False, labelcolor=INK)


def _spot(row: Row) -> tuple[float, float]:
    return row.tpf, 100 * row.score.value


def _values(row: Row) -> str:
    return ", ".join(said(value) for value in row.axes.values())


class Shade(NamedTuple):
    """What a heat map shows: its name, a row's figure, and how a cell says it."""

    name: str
    figure: Callable[[Row], float]
    shape: str


SHADES = (
    Shade("score (%)", lambda row: 100 * row.score.value, "{:.0f}"),
    Shade("TPF", lambda row: row.tpf, "{:.2f}"),
)


def heat(outcome: Outcome, across: str, upwards: str) -> Figure:
    """Score and TPF over two axes, means over all else; a cell with an asterisk has trials that ran on fewer items."""
    from matplotlib.figure import Figure

    cells: dict[tuple[Any, Any], list[Entry]] = defaultdict(list)
    for entry in outcome.entries:
        if across in entry.row.axes and upwards in entry.row.axes:
            cells[entry.row.axes[across], entry.row.axes[upwards]].append(entry)
    columns, rows = (_sorted([key[place] for key in cells]) for place in (0, 1))
    size = (2 * (CELL * len(columns) + 1.4), CELL * len(rows) + 1.6)
    figure = Figure(figsize=(max(size[0], 5.6), max(size[1], 2.6)), layout="constrained")
    for axes, shade in zip(figure.subplots(1, len(SHADES)), SHADES, strict=True):
        _shaded(axes, shade, [[cells.get((x, y), []) for x in columns] for y in rows], outcome.items)
        axes.set_xticks(range(len(columns)), [said(value) for value in columns])
        axes.set_yticks(range(len(rows)), [said(value) for value in rows])
        axes.set_xlabel(said(across), color=INK)
        axes.set_ylabel(said(upwards), color=INK)
        axes.set_title(shade.name, color=INK, fontsize=10)
    _footnote(figure, outcome, f"* on fewer than {outcome.items} items: as it stood beside the reference there")
    return figure


def _footnote(figure: Figure, outcome: Outcome, text: str) -> None:
    """What an asterisk means, where there is one."""
    if len(outcome.compared) < len(outcome.entries):
        figure.supxlabel(text, fontsize=8, color=INK)


def _sorted(values: Sequence[Any]) -> list[Any]:
    """Each value once, numbers in their order."""
    unique = list(dict.fromkeys(values))
    return sorted(unique) if all(isinstance(value, (int, float)) for value in unique) else unique


def _shaded(axes: Axes, shade: Shade, cells: Sequence[Sequence[Sequence[Entry]]], items: int) -> None:
    values = [
        [fmean([shade.figure(entry.level) for entry in cell]) if cell else float("nan") for cell in line]
        for line in cells
    ]
    image = axes.imshow(values, cmap=COLOURS, origin="lower", aspect="auto")
    for upwards, line in enumerate(cells):
        for across, cell in enumerate(line):
            if cell:
                value = values[upwards][across]
                mark = "*" if any(entry.items < items for entry in cell) else ""
                hue = INK if image.norm(value) > BRIGHT else "white"
                axes.text(
                    across, upwards, shade.shape.format(value) + mark, ha="center", va="center", color=hue, fontsize=8
                )
