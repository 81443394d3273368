"""A table as a picture: lines over one column, a colour for each value of another, panels beside one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ..bench.export.columns import said
from ..bench.export.plot import HUES, INK, SHAPES, plain, saved
from .table import Lines, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 5.6, 4.0  # inches of a panel
LOW, HIGH = "low", "high"  # columns that hold the interval of what runs up


def picture(table: Table, kind: str) -> bytes:
    """The picture as `png` or `svg`. Raises UsageError for columns that are not there, and without matplotlib."""
    assert table.lines is not None
    for name in (table.lines.across, table.lines.up, table.lines.by):
        table.column(name)
    return saved(lambda: drawn(table, table.lines), kind)  # type: ignore[arg-type]


def drawn(table: Table, lines: Lines) -> Figure:
    """The whole figure."""
    from matplotlib.figure import Figure

    panels: list[Any] = list(dict.fromkeys(table.column(lines.panel))) if lines.panel else [None]
    figure = Figure(figsize=(WIDTH * len(panels), HEIGHT), layout="constrained")
    every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    groups = list(dict.fromkeys(table.column(lines.by)))
    for axes, panel in zip(every, panels, strict=True):
        _panel(axes, list(rows_of(table, panel)), lines, groups)
        if panel is not None:
            axes.set_title(said(panel), fontsize=10, color=INK)
    every[0].set_ylabel(lines.up, color=INK)
    every[-1].legend(title=lines.by, fontsize=8, title_fontsize=8, frameon=False, labelcolor=INK)
    figure.suptitle(table.title, fontsize=10, color=INK, x=0.01, ha="left")
    return figure


def rows_of(table: Table, panel: Any) -> Iterator[dict[str, Any]]:
    """The rows of a panel that have a figure for both directions."""
    assert table.lines is not None
    across, up, _, _, key = table.lines
    for row in table.rows:
        named = dict(zip(table.columns, row, strict=True))
        if (key is None or named[key] == panel) and None not in (named[across], named[up]):
            yield named


def _panel(axes: Axes, rows: list[dict[str, Any]], lines: Lines, groups: list[Any]) -> None:
    looks = zip(cycle(HUES), cycle(SHAPES), strict=False)
    for group, (hue, shape) in zip(groups, looks, strict=False):
        own = [row for row in rows if row[lines.by] == group]
        across, up = [row[lines.across] for row in own], [row[lines.up] for row in own]
        axes.plot(across, up, color=hue, marker=shape, markersize=6, mec="white", lw=1.4, label=said(group))
        if own and LOW in own[0]:
            axes.fill_between(
                across, [row[LOW] for row in own], [row[HIGH] for row in own], color=hue, alpha=0.12, lw=0
            )
    plain(axes, lines.across)  # which ends the scale where the last point is
    if lines.doubling:
        ticks = sorted({row[lines.across] for row in rows})
        axes.set_xlim(ticks[0] / 1.25, ticks[-1] * 1.25)  # a logarithm has no 0
        axes.set_xscale("log", base=2)
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
