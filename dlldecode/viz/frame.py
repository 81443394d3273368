"""One picture of a scene for a screen of a given size: pure, from a scene to lines."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from . import maps
from .flow import flow, visible
from .look import Look
from .scene import Mark, Scene
from .spell import harmless

SMALLEST = (60, 12)  # below, one line says it all
WIDE = (110, 28)  # from here on, a panel stands beside the canvas and the prompt above it
PANEL = 36
LEAST_SPLIT = 6  # lines that a map and text need together
LEGEND = (Mark.CLOSED, Mark.OPEN, Mark.FRESH, Mark.ANCHOR, Mark.CLUSTER, Mark.UNSURE, Mark.REVOKED)
WORDS = {
    Mark.CLOSED: "masked",
    Mark.OPEN: "filling",
    Mark.FRESH: "new",
    Mark.ANCHOR: "anchor",
    Mark.CLUSTER: "cluster",
    Mark.UNSURE: "unsure",
    Mark.REVOKED: "revoked",
}
TELLING = ("high", "low", "remask", "tau_seed", "tau_sure", "tau_margin", "threshold", "factor", "k")
SHOWN_OPTIONS = 3  # thresholds in the header


class Size(NamedTuple):
    """Cells across and lines down."""

    columns: int
    rows: int


class Note(NamedTuple):
    """What a frame says beside its scene: what is going on, the steps there are, the view's cost, a hint on keys."""

    state: str = ""
    steps: int | None = None
    cost: float | None = None
    layout: str = "auto"
    hint: str = ""


def frame(scene: Scene, size: Size, look: Look, note: Note = Note()) -> list[Text]:  # noqa: B008 (a tuple)
    """Lines no wider than the screen, one fewer than it has, so that the cursor's line never scrolls."""
    if size.columns < SMALLEST[0] or size.rows < SMALLEST[1]:
        return [clipped(status(scene, look, note), size.columns)]
    is_wide = size.columns >= WIDE[0] and size.rows >= WIDE[1]
    above = heading(scene, size.columns, look, note, is_wide)
    below = figures(scene, size.columns, look, note, is_wide)
    height = size.rows - 1 - len(above) - len(below) - 2
    inner = size.columns - 4 - (PANEL + 3 if is_wide else 0)
    body = canvas(scene, Size(inner, height), look, note.layout)
    body = body if is_wide else traced(scene, body, inner, look)
    side = panel(scene, Size(PANEL, height), look) if is_wide else []
    return [
        clipped(line, size.columns) for line in (*above, *boxed(scene, body, side, (inner, note.hint, look)), *below)
    ]


def heading(scene: Scene, columns: int, look: Look, note: Note, is_wide: bool) -> list[Text]:
    """Model, strategy and thresholds; progress and figures; the prompt where there is room."""
    header = scene.header
    names = dict.fromkeys([header.model, *header.how])
    title = Text("  ".join(names), "bold").append(f"  seed {header.seed}", "not bold")
    for name, value in thresholds(scene):
        title.append(f"  {name} {value}", "not bold dim")
    lines = [spread(title, Text(note.state, "bold"), columns), progress(scene, columns, look, note)]
    if is_wide:
        prompt = " ".join((header.prompt or "").split())
        lines.append(labelled("prompt", 8).append(harmless(prompt)))
    return lines


def thresholds(scene: Scene) -> list[tuple[str, object]]:
    """The options that say how sure a token must be, a few of them."""
    options = scene.header.options
    return [(name, options[name]) for name in TELLING if options.get(name)][:SHOWN_OPTIONS]


def progress(scene: Scene, columns: int, look: Look, note: Note) -> Text:
    """A bar and what has been counted so far."""
    header, step = scene.header, scene.step
    number = step.step + 1 if step else 0
    total = f"/{note.steps}" if note.steps else ""
    before, lost = f"step {number}{total} ", f"  revoked {scene.lost}" if scene.lost else ""
    after = f"  {scene.written}/{header.canvas} tokens  {scene.forwards} forwards  TPF {scene.rate:.2f}"
    if scene.seconds:
        after += f"  TPS {scene.rate * scene.forwards / scene.seconds:.1f}  {scene.seconds:.2f} s"
    cells = max(2, min(columns // 8, columns - len(before) - len(after) - len(lost)))
    bar = look.bar(scene.written / header.canvas, cells)
    return Text.assemble(before, (bar, "#009e73"), after, (lost, "#d55e00"))


def canvas(scene: Scene, size: Size, look: Look, layout: str) -> list[Text]:
    """The text as it will read; where it is too long, a map of all tokens above the part that is being written."""
    rows = flow(scene, size.columns, look)
    if layout == "map":
        return padded(maps.tokens(scene, size.columns, look), size.rows)
    is_split = layout == "split" or (layout == "auto" and len(rows) > size.rows)
    if is_split and size.rows >= LEAST_SPLIT:
        strip = maps.tokens(scene, size.columns, look)[: max(1, size.rows // 3)]
        ruled = [*strip, Text(("-" if look.is_plain else "─") * size.columns, "dim")]
        return [*ruled, *visible(rows, scene, size.rows - len(ruled), look)]
    return visible(rows, scene, size.rows, look)


def traced(scene: Scene, body: list[Text], columns: int, look: Look) -> list[Text]:
    """The canvas with the steps of the open block where lines are left over."""
    used = max((number for number, row in enumerate(body, 1) if row.plain), default=0)
    room = len(body) - used - 2
    if room < 2:
        return body
    found = [Text("the block, step by step", "dim"), *maps.trail(scene, (columns, room), look)]
    return padded([*body[:used], Text(), *found], len(body))


def boxed(scene: Scene, body: list[Text], side: list[Text], how: tuple[int, str, Look]) -> list[Text]:
    """The canvas in a box so many cells wide, a hint in its lower edge, the panel beside it."""
    inner, hint, look = how
    top_left, top_right, low_left, low_right, across, down = look.corners()
    title = f"{across} {window(scene)} "
    phase = scene.step.phase if scene.step else "none"
    title += f"{across} {phase} " if phase != "none" else ""
    right = across * (PANEL + 2) + top_right if side else ""
    joint = across if side else top_right
    lines = [Text(top_left + title.ljust(inner + 2, across)[: inner + 2] + joint + right, "dim")]
    for number, row in enumerate(body):
        line = Text.assemble((f"{down} ", "dim"), fitted(row, inner), (f" {down}", "dim"))
        lines.append(line + Text.assemble(" ", fitted(side[number], PANEL), (f" {down}", "dim")) if side else line)
    right = across * (PANEL + 2) + low_right if side else ""
    edge = (f"{across} {hint} " if hint else "").ljust(inner + 2, across)[: inner + 2]
    lines.append(Text(low_left + edge + (across if side else low_right) + right, "dim"))
    return lines


def window(scene: Scene) -> str:
    """What is open; how many blocks there are is known where they are of one length alone."""
    header, extent = scene.header, f"{scene.block.first} to {scene.block.last}"
    if header.has_equal_blocks:
        blocks = -(-header.canvas // header.block_length)
        return f"block {scene.block.first // header.block_length + 1}/{blocks}, {extent}"
    return f"window {scene.opened}, {extent}" if scene.step else "no window yet"


def panel(scene: Scene, size: Size, look: Look) -> list[Text]:
    """A bar for every region, what this step did, and how the block came apart."""
    regions = [region_line(scene, number, size.columns, look) for number in range(len(scene.regions))]
    room = max(3, size.rows // 2 - 3)
    if len(regions) > room:
        regions = [*regions[: room - 1], Text(look.say(f"… {len(regions) - room + 1} more"), "dim")]
    lines = [Text("regions", "bold"), *regions, Text(), deeds(scene), Text(), Text("the block, step by step", "bold")]
    return padded([*lines, *maps.trail(scene, (size.columns, max(0, size.rows - len(lines))), look)], size.rows)


def region_line(scene: Scene, number: int, columns: int, look: Look) -> Text:
    """A region's letter, span, bar and count."""
    region = scene.regions[number]
    length = region.span.last - region.span.first + 1
    count = f"{region.written}/{length}"
    span = f"{region.span.first}-{region.span.last}"
    line = Text(f"{region.letter} ", look.style(Mark.OPEN, number)).append(f"{span:>9} ")
    cells = columns - cell_len(line.plain) - len(count) - 1
    return line.append(look.bar(region.written / length, cells), look.style(Mark.OPEN, number)).append(f" {count}")


def deeds(scene: Scene) -> Text:
    """What the latest step did."""
    if scene.step is None:
        return Text("nothing written yet", "dim")
    parts = [f"+{len(scene.step.commits)} new", f"{len(scene.anchors)} anchors"]
    parts += [f"-{len(scene.revoked)} revoked"] if scene.revoked else []
    parts += [f"{len(scene.step.clusters)} clusters"] if scene.step.clusters else []
    return Text("  ".join(parts))


def figures(scene: Scene, columns: int, look: Look, note: Note, is_wide: bool) -> list[Text]:
    """Regions in one line where no panel shows them, confidences, pace, and what the marks mean."""
    lines = [] if is_wide else [labelled("block") + maps.block(scene, columns - 8, look), region_row(scene, look)]
    sure = [cell.confidence for cell in scene.cells if cell]
    middle = f"min {min(sure):.2f}  median {statistics.median(sure):.2f}  " if sure else ""
    facts = f"  {middle}bar {scene.bar:.2f}"
    lines.append(labelled("conf").append(maps.confidences(scene, columns - 7 - len(facts), look)).append(facts))
    latest = scene.step.step + 1 if scene.step else 0
    lost = [str(latest - ago) for ago, count in enumerate(reversed(scene.losses)) if count]
    facts = "  tokens a step" + (f", revoked at {', '.join(reversed(lost[:4]))}" if lost else "")
    facts += f"  view {note.cost:.0%}" if note.cost is not None else ""
    lines.append(labelled("pace").append(maps.pace(scene, columns - 7 - len(facts), look)).append(facts))
    return [*lines, legend(look)]


def region_row(scene: Scene, look: Look) -> Text:
    """Every region's letter, bar and count, one after the other."""
    row = labelled("regions", 7)
    for number, region in enumerate(scene.regions):
        length = region.span.last - region.span.first + 1
        row.append(f" {region.letter} {look.bar(region.written / length, 6)}", look.style(Mark.OPEN, number))
        row.append(f" {region.written}/{length}")
    return row


def legend(look: Look) -> Text:
    """What the marks mean."""
    line = Text()
    for mark in LEGEND:
        sample = look.mask(mark) if mark in (Mark.CLOSED, Mark.OPEN) else look.marked(mark, WORDS[mark])
        line.append(sample, look.style(mark))
        line.append(f" {WORDS[mark]}  " if mark in (Mark.CLOSED, Mark.OPEN) else "  ")
    return line


def status(scene: Scene, look: Look, note: Note) -> Text:
    """One line, for a screen too small for more."""
    header = scene.header
    number = scene.step.step + 1 if scene.step else 0
    done = f"{scene.written}/{header.canvas}"
    return Text(f"{number} {look.bar(scene.written / header.canvas, 8)} {done} TPF {scene.rate:.2f} {note.state}")


def spread(left: Text, right: Text, columns: int) -> Text:
    """Two texts at the ends of a line."""
    gap = columns - cell_len(left.plain) - cell_len(right.plain)
    return left + Text(" " * gap) + right if gap > 0 else left


def labelled(label: str, cells: int = 7) -> Text:
    """The beginning of a line of figures."""
    return Text().append(label.ljust(cells), "dim")


def padded(rows: list[Text], height: int) -> list[Text]:
    """So many lines."""
    return [*rows[:height], *[Text()] * (height - len(rows))]


def fitted(line: Text, columns: int) -> Text:
    """The line in exactly so many cells."""
    line = clipped(line, columns)
    return line + Text(" " * (columns - cell_len(line.plain)))


def clipped(line: Text, columns: int) -> Text:
    """The line in at most so many cells."""
    if cell_len(line.plain) <= columns:
        return line
    line = line.copy()
    line.truncate(columns)
    return line
