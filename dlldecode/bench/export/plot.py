"""Score against speed: every setting a point, the points of an axis joined, the Pareto front behind them."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import UsageError
from ..report import Report, Row
from .columns import axes as axes_of
from .columns import said
from .labels import Label, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#1b1b1b", "#8f8f8f"  # of words, and of what lies behind the points
# Okabe and Ito's hues, yellow darkened and last, as it is faint on white; with seven shapes, 56 looks.
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK, "#b8a800")
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
WIDTH, HEIGHT = 11.5, 4.9  # inches of the whole
DOTS = 160  # per inch
LETTERS = 140  # of a line of the title
MANY = 16  # entries of the legend to a column
CROWD = 24  # settings from which on only the front and the reference have intervals and labels


class Look(NamedTuple):
    """A preset's colour and marker."""

    hue: str
    shape: str


class Panel(NamedTuple):
    """What runs across: its name and a row's figure."""

    name: str
    figure: Callable[[Row], float]


PANELS = (
    Panel("TPF: tokens per forward", lambda row: row.tpf),
    Panel("TPS: tokens per second", lambda row: row.tps),
)


def picture(report: Report, kind: str, title: str = "") -> bytes:
    """The picture as `png` or `svg`. Raises UsageError without matplotlib."""
    return saved(lambda: drawn(report, title), kind)


def saved(draw: Callable[[], Figure], kind: str) -> bytes:
    """What is drawn, as `png` or `svg`, the same bytes every time. Raises UsageError without matplotlib."""
    try:
        from matplotlib import rc_context
    except ImportError as error:
        raise UsageError("Plots need matplotlib; install it with: pip install 'dlldecode[plot]'.") from error
    stream = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "dlldecode", "text.parse_math": False}):
        metadata = {"Date": None} if kind == "svg" else {}
        draw().savefig(stream, format=kind, dpi=DOTS, metadata=metadata)
    return stream.getvalue()


def drawn(report: Report, title: str = "") -> Figure:
    """The whole figure: one panel against TPF, one against TPS."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    looks = dict(zip(dict.fromkeys(row.preset for row in report.overall), _looks(), strict=False))
    every = figure.subplots(1, len(PANELS), sharey=True)
    labels = [_panel(axes, report, each, looks) for axes, each in zip(every, PANELS, strict=True)]
    every[0].set_ylabel(f"{_metric(report)} (%)", color=INK)
    if title:
        figure.suptitle(textwrap.fill(title, LETTERS), fontsize=9, color=INK, x=0.01, ha="left")
    _legend(figure, report, looks)
    figure.draw_without_rendering()
    for axes, found in zip(every, labels, strict=True):
        place(axes, found)
    return figure


def _metric(report: Report) -> str:
    """What runs upwards."""
    names = {row.metric for row in report.overall}
    return said(names.pop()) if len(names) == 1 else "score"


def _looks() -> Iterator[Look]:
    return map(Look, cycle(HUES), cycle(SHAPES))


def _panel(axes: Axes, report: Report, panel: Panel, looks: dict[str, Look]) -> list[Label]:
    """One panel without its labels; what and where they are."""
    rows = report.overall
    points = [(panel.figure(row), 100 * row.score.value) for row in rows]
    best = front(points)
    stairs(axes, best)
    told = [
        row for row, point in zip(rows, points, strict=True) if len(rows) < CROWD or point in best or row is rows[0]
    ]
    for line in lines(rows):
        across = [panel.figure(row) for row in line]
        axes.plot(across, [100 * row.score.value for row in line], color=looks[line[0].preset].hue, lw=1.2, zorder=2)
    for row, point in zip(rows, points, strict=True):
        _point(axes, point, looks[row.preset])
    for row in told:
        interval(axes, row, panel.figure(row), looks[row.preset].hue)
    for row in rows[:1]:
        axes.plot(panel.figure(row), 100 * row.score.value, **ring(), zorder=5)
    plain(axes, panel.name)
    found = [Label(name(row), panel.figure(row), 100 * row.score.value, looks[row.preset].hue) for row in told]
    return [label for label in found if label.text]


def plain(axes: Axes, across: str) -> None:
    """Axes without ornaments, from 0 on; `across` is what runs there."""
    axes.set_xlabel(across, color=INK)
    axes.set_xlim(left=0)
    axes.margins(x=0.1)
    axes.grid(color=FAINT, alpha=0.25, lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK)
    axes.set_facecolor("none")


def _point(axes: Axes, point: tuple[float, float], look: Look) -> None:
    """A setting's mark."""
    axes.plot(*point, look.shape, color=look.hue, markersize=7, markeredgecolor="white", mew=0.7, zorder=4)


def interval(axes: Axes, row: Row, across: float, hue: str) -> None:
    """How far the truth may be."""
    value, low, high = (100 * figure for figure in row.score)
    axes.errorbar(
        across, value, yerr=[[value - low], [high - value]], color=hue, elinewidth=1.4, capsize=2.5, alpha=0.35,
        zorder=1,
    )  # fmt: skip


def lines(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows to join: alike but for the axis that has most values, in the order they come."""
    values = {axis: {repr(row.axes.get(axis)) for row in rows} for row in rows for axis in row.axes}
    longest = max(values, key=lambda axis: len(values[axis]), default=None)
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        others = tuple((axis, repr(value)) for axis, value in row.axes.items() if axis != longest)
        groups.setdefault((row.preset, others, longest in row.axes), []).append(row)
    return [group for group in groups.values() if longest in group[0].axes and len(group) > 1]


def name(row: Row) -> str:
    """What stands at a point: the values of its axes; the legend has the rest."""
    return ", ".join(said(value) for value in row.axes.values())


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that no other beats in both, from the slowest to the fastest."""
    best: list[tuple[float, float]] = []
    for point in sorted(points, reverse=True):
        if not best or point[1] > best[-1][1]:
            best.append(point)
    return best[::-1]


def stairs(axes: Axes, found: Sequence[tuple[float, float]]) -> None:
    """The front as steps: what is left of and below it is beaten."""
    across = [0.0, *(point[0] for point in found)]
    upwards = [found[0][1] if found else 0.0, *(point[1] for point in found)]
    axes.plot(across, upwards, color=FAINT, lw=5, alpha=0.35, drawstyle="steps-pre", solid_capstyle="round", zorder=0)


def ring() -> dict[str, Any]:
    """How the reference is marked."""
    return {"marker": "o", "markersize": 14, "markerfacecolor": "none", "markeredgecolor": INK, "ls": "none", "mew": 1}


def _legend(figure: Figure, report: Report, looks: dict[str, Look]) -> None:
    """Whose points they are, and what the other marks and the labels mean."""
    from matplotlib.lines import Line2D

    keys = [
        Line2D([], [], ls="none", marker=look.shape, color=look.hue, markersize=7, mec="white", label=said(preset))
        for preset, look in looks.items()
    ]
    keys += [
        Line2D([], [], **{**ring(), "markersize": 10}, label="reference"),
        Line2D([], [], color=FAINT, lw=5, alpha=0.35, label="Pareto front"),
        Line2D([], [], color=FAINT, lw=1.4, marker="_", label="95 % interval"),
    ]
    if names := axes_of(report):
        keys.append(Line2D([], [], ls="none", label=f"labels: {', '.join(map(said, names))}"))
    columns = -(-len(keys) // MANY)
    figure.legend(handles=keys, loc="outside right upper", ncols=columns, fontsize=9, frameon=False, labelcolor=INK)
