"""Files made from traces, read back by others' parsers."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from dlldecode.errors import UsageError
from dlldecode.viz import export, strip
from dlldecode.viz.export import Wish

from .pictures import recorded


def made(tmp_path, name, *names, wish=Wish()):  # noqa: B008 (a tuple)
    file = tmp_path / name
    export.write([recorded(each) for each in names], file, wish)
    return file


def test_a_strip_is_a_drawing_that_needs_no_network(tmp_path):
    text = made(tmp_path, "a.svg", "hierarchy").read_text()
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg") and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    words = "".join(root.itertext())
    assert words.count("hierarchy") == 1 + strip.STILLS and "step\xa01/" in words.replace(" ", "\xa0")
    assert len(made(tmp_path, "b.svg", "hierarchy", wish=Wish(at=5)).read_text()) < len(text) / 2


def test_stills_are_spread_over_the_run():
    found = strip.stills(recorded("dico"), None)
    assert [scene.step.step for scene in found] == [0, 10, 20, 30]
    assert strip.stills(recorded("dico"), 0)[0].step is None
    with pytest.raises(UsageError, match="--at 99 is beyond the last of the 31 steps"):
        strip.stills(recorded("dico"), 99)


def test_plain_text_is_ascii(tmp_path):
    text = made(tmp_path, "a.txt", "revoked", "dico").read_text()
    assert text.isascii() and text.count("step ") >= 2 * strip.STILLS


def test_a_cast_plays_at_the_speed_that_was_asked(tmp_path):
    head, *events = map(json.loads, made(tmp_path, "a.cast", "dico", wish=Wish(speed=4)).read_text().splitlines())
    assert head["version"] == 2 and (head["width"], head["height"]) == strip.SIZE
    assert [event[0] for event in events[:3]] == [0, 0.25, 0.5] and {event[1] for event in events} == {"o"}
    assert events[-1][0] == events[-2][0] + strip.LAST
    frames = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", event[2]) for event in events[:-1]]
    assert len(frames) == 32 and all(frame.count("\r\n") == 23 for frame in frames)
    assert not any("\x1b" in frame for frame in frames), "nothing but styles, clearing and moving"


def test_films_show_one_trace(tmp_path):
    with pytest.raises(UsageError, match=r"a\.cast shows one trace, and there are 2"):
        made(tmp_path, "a.cast", "dico", "hierarchy")


def test_gifs_need_agg(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="agg, which is not on the PATH"):
        made(tmp_path, "a.gif", "dico")
    agg = tmp_path / "agg"
    agg.write_text('#!/bin/sh\nexec /bin/cp "$1" "$2"\n')
    agg.chmod(0o755)
    assert json.loads(made(tmp_path, "a.gif", "dico").read_text().splitlines()[0])["version"] == 2
    agg.write_text("#!/bin/sh\necho no fonts >&2\nexit 1\n")
    with pytest.raises(UsageError, match="no fonts"):
        made(tmp_path, "a.gif", "dico")


def test_what_cannot_be_written_is_found_before(tmp_path):
    with pytest.raises(UsageError, match="stands for nothing"):
        export.check([tmp_path / "a.jpg"])
    with pytest.raises(UsageError, match="cannot be written"):
        export.check([tmp_path / "nowhere" / "a.svg"])
    kept = tmp_path / "b.svg"
    kept.write_text("old")
    export.check([kept, tmp_path / "a.svg", Path(tmp_path / "C.HTML")])
    assert kept.read_text() == "old" and not (tmp_path / "a.svg").exists()
