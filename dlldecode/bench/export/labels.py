"""Labels beside points, where they cover neither points nor one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

POINTS = 72  # per inch
SIZE = 8  # points of a letter
ROOM = 5.5  # points from a mark's middle to where a label may begin
SIDES = ("left", "bottom"), ("left", "top"), ("right", "bottom"), ("right", "top"), ("left", "center"), (
    "right", "center"), ("center", "bottom"), ("center", "top")  # fmt: skip
AWAY = {"left": 1, "bottom": 1, "right": -1, "top": -1, "center": 0}


class Label(NamedTuple):
    """A text, the point that it belongs to, and its colour."""

    text: str
    across: float
    upwards: float
    hue: str


def place(axes: Axes, labels: Sequence[Label]) -> None:
    """Write labels at the first of eight sides that is free, a little further out where none is; else nowhere."""
    taken = list(_marks(axes))
    for label in labels:
        for distance in (1.0, 2.0, 3.0):
            if any(_fits(axes, label, side, distance * ROOM, taken) for side in SIDES):
                break


def _marks(axes: Axes) -> Iterator[Bbox]:
    """Where the points lie, in pixels."""
    from matplotlib.transforms import Bbox

    reach = ROOM * axes.figure.dpi / POINTS * 0.8
    for line in axes.lines:
        if line.get_marker() not in ("None", "none", "", None, "_"):
            for across, upwards in axes.transData.transform(line.get_xydata()):
                yield Bbox.from_extents(across - reach, upwards - reach, across + reach, upwards + reach)


def _fits(axes: Axes, label: Label, side: tuple[str, str], distance: float, taken: list[Bbox]) -> bool:
    """Try one side: the label stays and takes its room, or is gone."""
    horizontal, vertical = side
    text = axes.annotate(
        label.text, (label.across, label.upwards), (AWAY[horizontal] * distance, AWAY[vertical] * distance * 0.8),
        textcoords="offset points", ha=horizontal, va=vertical, fontsize=SIZE, color=label.hue, zorder=6,
    )  # fmt: skip
    box = text.get_window_extent()
    inside = axes.bbox.padded(ROOM)
    if box.x1 > inside.x1 or box.y0 < inside.y0 or box.y1 > inside.y1 or any(box.overlaps(other) for other in taken):
        text.remove()
        return False
    taken.append(box)
    text.set_in_layout(False)
    return True
