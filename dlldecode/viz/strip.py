"""Still pictures and films of frames: text, SVG, asciicast, GIF."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.terminal_theme import TerminalTheme
from rich.text import Text

from ..errors import UsageError
from ..trace.read import Recording
from . import screen
from .frame import Note, Size, frame
from .look import Look
from .scene import Scene, scenes

STILLS = 4  # frames of a strip
SIZE = Size(100, 24)
LAST = 2.0  # seconds that a film rests on its last frame
GREY = (222, 222, 222)
THEME = TerminalTheme(
    (22, 24, 29),
    (222, 222, 222),
    [(60, 60, 60), (213, 94, 0), (0, 158, 115), (240, 228, 66), (0, 114, 178), (204, 121, 167), (86, 180, 233), GREY],
)
# Rich's own template asks the network for a font.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def stills(recording: Recording, at: int | None) -> list[Scene]:
    """The scene after step `at` (from 1; 0 is the start), or a few from the first step to the last."""
    total = len(recording.steps)
    if at is not None and at > total:
        raise UsageError(f"--at {at} is beyond the last of the {total} steps of {recording.name}.")
    count = min(STILLS, total)
    spaced = {round(1 + number * (total - 1) / max(1, count - 1)) for number in range(count)}
    wanted = {at} if at is not None else spaced or {0}
    found = scenes(recording.header, recording.bytes, recording.steps)
    return [scene for number, scene in enumerate(found) if number in wanted]


def pictures(recording: Recording, at: int | None, look: Look, size: Size = SIZE) -> list[Text]:
    """The lines of still frames, one below the other."""
    note = Note(steps=len(recording.steps))
    return [line for scene in stills(recording, at) for line in (*frame(scene, size, look, note), Text())][:-1]


def plain(recordings: Sequence[Recording], at: int | None) -> str:
    """Still frames in ASCII."""
    return "\n".join(screen.text(pictures(each, at, Look(is_plain=True))) for each in recordings)


def svg(recordings: Sequence[Recording], at: int | None) -> str:
    """Still frames as a drawing that needs no network."""
    target = screen.console(SIZE.columns, is_recording=True)
    for recording in recordings:
        screen.printed(target, pictures(recording, at, Look()))
    header = recordings[0].header
    return target.export_svg(title=f"{header.model}, {header.how[0]}", theme=THEME, code_format=SVG, unique_id="dll")


def cast(recording: Recording, speed: float, size: Size = SIZE) -> str:
    """A film in asciicast's second version, `speed` steps a second."""
    head = {"version": 2, "width": size.columns, "height": size.rows, "title": recording.header.how[0]}
    lines, note = [json.dumps(head)], Note(steps=len(recording.steps))
    number = 0
    for number, scene in enumerate(scenes(recording.header, recording.bytes, recording.steps)):
        shown = screen.ansi(frame(scene, size, Look(), note), size.columns).replace("\n", "\r\n")
        lines.append(json.dumps([round(number / speed, 3), "o", f"\x1b[2J\x1b[H{shown}"]))
    lines.append(json.dumps([round(number / speed + LAST, 3), "o", ""]))
    return "\n".join(lines) + "\n"


def gif(recording: Recording, speed: float, file: Path) -> None:
    """The same film as a GIF, made by agg. Raises UsageError where that is not installed."""
    if shutil.which("agg") is None:
        raise UsageError("a .gif is made by agg, which is not on the PATH; install it, or write a .cast.")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "film.cast"
        source.write_text(cast(recording, speed), encoding="utf-8")
        done = subprocess.run(["agg", str(source), str(file)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(f"agg could not make {file}: {done.stderr.strip().splitlines()[-1:] or done.returncode}.")
