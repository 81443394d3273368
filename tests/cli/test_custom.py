"""A strategy in a file of the user's own, from the outside."""

import json
from pathlib import Path

import pytest

import dlldecode
from dlldecode.core import custom

SHIPPED = Path(dlldecode.__file__).parent / "strategies" / "threshold.py"
SMALL = "-n 32 --block-length 8 -w 0"


@pytest.fixture
def mine(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(SHIPPED.read_text())
    custom.reread()
    return file


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        (("", ""), 0, ""),
        (("class Threshold(", "class Threshold((("), 2, " is not valid Python: "),
        (("(Strategy[tuple[()]])", ""), 2, "mine.py must hold one class that is a Strategy, and holds none."),
        (("return write(", "return 1 / 0, write("), 1, "unexpected ZeroDivisionError: division by zero; look at "),
        (("return write(", "return None, write("), 1, "; look at "),
    ],
)
def test_a_file_works_and_what_is_wrong_with_it_is_its_own(mine, shell, change, code, sentence):
    mine.write_text(mine.read_text().replace(*change))
    done = shell(f"dlldecode generate -s ./mine.py -S threshold=0.8 {SMALL[:5]} x", cwd=mine.parent)
    said = done.stderr.decode().splitlines()[-1]
    assert done.returncode == code and sentence in said and "report it" not in said
    assert (done.stdout == b"seven times six is 42\n") == (code == 0)
    assert not (mine.parent / "__pycache__").exists()
    if code:
        assert said.startswith("error: ") and str(mine) in said


def test_options_are_listed_and_checked_like_any(mine, inside):
    shown = inside(f"presets show {mine}").stdout
    assert f'strategy = "{mine}"' in shown and "threshold = 0.9  # " in shown
    assert inside(f"presets check {mine}").returncode == 0
    wrong = inside(f"generate -s {mine} -S treshold=1 x")
    assert wrong.returncode == 2 and "did you mean strategy_options.threshold?" in wrong.stderr


def test_a_comparison_names_it_and_takes_nothing_over_from_another_text(mine, inside, lines, tmp_path):
    line = f"bench topk {mine} --axis threshold=0.5,0.9 --task {lines} {SMALL} --out {tmp_path / 'o'} --resume -f json"

    def compared():
        done = inside(line)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["about"]["decoded"], [row["label"] for row in found["rows"]]

    labels = ["topk", f"{mine} threshold=0.5", f"{mine} threshold=0.9"]
    assert compared() == (18, labels) and compared() == (0, labels)
    mine.write_text(mine.read_text() + "# another text\n")
    custom.reread()
    assert compared() == (12, labels), "topk is as it was"
    records = [json.loads(text) for text in (tmp_path / "o" / "records.jsonl").read_text().splitlines()]
    own = [record for record in records if record["preset"] == str(mine)]
    assert {record["strategy"] for record in own} == {str(mine)} and len({record["preset_hash"] for record in own}) == 4


def test_a_trace_names_it_and_pictures_do_so_shortly(mine, inside, tmp_path):
    trace = tmp_path / "a.trace"
    assert inside(f"generate -s {mine} -n 16 --trace {trace} x").returncode == 0
    assert json.loads(trace.read_text().splitlines()[0])["strategy"] == str(mine)
    mine.unlink()
    drawn = tmp_path / "a.txt"
    assert inside(f"visualize --replay {trace} -o {drawn}").returncode == 0
    heading = drawn.read_text().splitlines()[0]
    assert "  mine.py  seed 0" in heading and str(tmp_path) not in heading


def test_a_search_starts_from_it_and_saves_where_it_lies(mine, inside, lines, tmp_path):
    saved = tmp_path / "presets" / "found.toml"
    saved.parent.mkdir()
    line = f"tune {mine} --grid threshold=0.5,0.9 --task {lines} -n 32 --block-length 8 --out {tmp_path / 'o'}"
    done = inside(f"{line} --limit 6 --save-preset {saved}")
    assert done.returncode == 0, done.stderr
    assert f'strategy = "{mine}"' in saved.read_text()
    assert inside(f"generate -p {saved} x").stdout == "seven times six is 42\n"
