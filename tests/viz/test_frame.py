"""Frames as they stand on a screen, compared with ones that were looked at."""

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dlldecode.trace.events import Interval
from dlldecode.viz import screen
from dlldecode.viz.frame import Note, Size, frame
from dlldecode.viz.look import BRACKETS, GLYPHS, LETTERS, Look
from dlldecode.viz.scene import Cell, Mark, marks, opening, scenes
from dlldecode.viz.side import together

from .pictures import HERE, recorded, scene

GOLDEN = [
    (name, number, size, is_plain)
    for name, number in (("dico", 14), ("hierarchy", 7), ("revoked", 8))
    for size in (Size(80, 24), Size(120, 40))
    for is_plain in (False, True)
]


@pytest.mark.parametrize(("name", "number", "size", "is_plain"), GOLDEN)
def test_frames_look_as_they_did(name, number, size, is_plain):
    """`GOLDEN=1 pytest` writes the files anew, to be looked at."""
    lines = frame(scene(name, number), size, Look(is_plain), Note("decoding", 31, 0.03))
    shown = screen.text(lines)
    file = HERE / "golden" / f"{name}-{number}-{size.columns}x{size.rows}-{'plain' if is_plain else 'glyphs'}.txt"
    if os.environ.get("GOLDEN"):
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")
    assert not is_plain or shown.isascii()


@pytest.mark.parametrize("layout", ["auto", "flow", "map", "split"])
@pytest.mark.parametrize("look", [Look(), Look(is_plain=True)])
def test_a_frame_never_exceeds_its_screen(layout, look):
    for name, numbers in (("dico", (0, 7, 31)), ("revoked", (0, 3, 8))):
        for number in numbers:
            for size in (
                Size(20, 5),
                Size(60, 12),
                Size(61, 13),
                Size(80, 24),
                Size(109, 40),
                Size(110, 28),
                Size(200, 60),
            ):
                lines = frame(scene(name, number), size, look, Note("x" * 90, 999, 0.5, layout))
                assert len(lines) <= size.rows - 1 or len(lines) == 1
                assert max(cell_len(line.plain) for line in lines) <= size.columns


def test_every_state_has_a_sign_of_its_own():
    assert len(set(GLYPHS.values())) == len(set(LETTERS.values())) == len(Mark)
    assert len(set(BRACKETS.values())) == len(BRACKETS)
    look = Look()
    styles = {mark: look.style(mark) for mark in Mark if mark not in (Mark.SETTLED, Mark.OPEN, Mark.CLOSED)}
    assert len(set(styles.values())) == len(styles)
    words = ("bold", "underline", "italic", "strike", "reverse", "dim")
    without_color = {mark: tuple(word for word in words if word in style) for mark, style in styles.items()}
    assert len(set(without_color.values())) == len(styles), "NO_COLOR keeps them apart"


def test_a_long_canvas_follows_the_open_block():
    short = recorded("dico").header
    header = replace(short, canvas=2048, block_length=64)
    start = opening(header, {7: b"word\n"})
    cells = tuple(Cell(7, 0.99, "plain", 0) if at < 640 else None for at in range(2048))
    step = replace(next(iter(recorded("dico").steps)), block=(640, 703), commits=(), regions=(), anchors=())
    step = replace(step, block=type(recorded("dico").steps[0].block)(640, 703))
    lines = frame(replace(start, cells=cells, step=step), Size(80, 24), Look(is_plain=True), Note(layout="flow"))
    shown = screen.text(lines)
    assert "^ 6" in shown and ":::" in shown and "21 blocks not open" in shown


def test_blocks_found_on_the_way_have_no_total():
    start = opening(replace(recorded("dico").header, canvas=96, settings={"window": "adablock"}), {})
    first = replace(recorded("dico").steps[0], commits=(), regions=(), anchors=(), clusters=())
    spans = (Interval(0, 9), Interval(0, 9), Interval(10, 27))
    *_, found = scenes(start.header, {}, [replace(first, block=span) for span in spans])
    shown = screen.text(frame(found, Size(80, 24), Look(is_plain=True)))
    assert "- window 2, 10 to 27 -" in shown and "... 68 masks not open" in shown and "block 1" not in shown
    assert "no window yet" in screen.text(frame(start, Size(80, 24), Look(is_plain=True)))


def test_the_canvas_ends_where_the_text_ends():
    last = scene("hierarchy", -1)
    assert f"<end +{len(last.cells) - last.end - 1}>" in screen.text(frame(last, Size(80, 24), Look()))


def test_new_lines_and_indentation_stay():
    header = replace(recorded("dico").header, canvas=6, block_length=6)
    spelling = {1000: b"def f():\n", 1001: b"    return", 1002: b" 1"}
    cells = (*(Cell(token, 1.0, "plain", 0) for token in spelling), None, None, None)
    shown = screen.text(frame(replace(opening(header, spelling), cells=cells), Size(80, 24), Look(is_plain=True)))
    assert "| def f():  " in shown and "|     return 1A:::" in shown


HOSTILE = st.text(
    alphabet=st.sampled_from("\x1b[31m\x07\x9b\u202e\u2066\u200b\u0301\u200d👩漢字é\r\n\t ab\x00"), max_size=9
)


@given(st.lists(HOSTILE | st.binary(max_size=5), min_size=1, max_size=12), st.integers(60, 90))
@settings(max_examples=60, deadline=None)
def test_hostile_text_is_shown_and_never_obeyed(texts, columns):
    header = replace(recorded("dico").header, canvas=len(texts), block_length=4, prompt="\x1b]0;title\x07 \u202eabc")
    spelling = {1000 + at: text if isinstance(text, bytes) else text.encode() for at, text in enumerate(texts)}
    cells = tuple(Cell(token, 0.5, "plain", 0) for token in spelling)
    for look in (Look(), Look(is_plain=True)):
        lines = frame(replace(opening(header, spelling), cells=cells), Size(columns, 30), look)
        for line in lines:
            assert cell_len(line.plain) <= columns
            assert not set(line.plain) & set("\x1b\x07\x9b\x00\r\u202e\u2066\u200b")


def test_two_scenes_stand_side_by_side_or_one_above_the_other():
    both = [scene("dico", 9), scene("hierarchy", 7)]
    wide, narrow = Size(160, 40), Size(80, 40)
    lines = together(both, wide, Look(), Note("paused", 31))
    assert any("dico" in line.plain and "hierarchy" in line.plain for line in lines) and len(lines) < 40
    lines = together(both, narrow, Look(), Note("paused", 31))
    assert sum("dico" in line.plain for line in lines) == 1 and len(lines) < 40
    assert all(cell_len(line.plain) <= 80 for line in lines)


def test_marks_cover_the_canvas():
    for number in range(6):
        found = scene("revoked", number)
        assert len(marks(found)) == found.header.canvas
    assert json.loads((HERE / "traces" / "revoked.jsonl").read_text().splitlines()[0])["options"]["remask"] == 0.8
