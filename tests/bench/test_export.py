"""A report in every format."""

import csv
import errno
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import xml.etree.ElementTree as xml
from dataclasses import replace

import pytest
from rich.cells import cell_len

from dlldecode.bench.compare import report
from dlldecode.bench.export import FORMATS, files, html, open_all, plot, text
from dlldecode.bench.report import Report
from dlldecode.errors import UsageError

from .records import SWEEP, failed, record, scored, sweep

ABOUT = {"model": "tiny", "dtype": "float32", "device": "cpu", "versions": {"torch": "2"}}
SMALL = report(
    [
        record(item="a"), record(item="b", **scored(0.0)), record("dico threshold=0.9", "a", memory=2 * 10**9),
        record("dico threshold=0.9", "b", **failed()),
    ],
    ["vanilla", "dico threshold=0.9"], ["sums"], ABOUT,
)  # fmt: skip
TASKS = ("sums", "tales", "words")
LARGE = report(sweep(*TASKS, memory=15 * 10**9, joules=50.0), tuple(SWEEP), TASKS, ABOUT)
EVERY = ("json", "jsonl", "csv", "md", "html", "svg", "png")

TABLE = """\
2 settings on sums (2 items); 1 run; model tiny, dtype float32, device cpu

preset   threshold  cache  accuracy %         difference   TPF   TPS  speed        forwards  steps  remasked  memory
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
vanilla  –          none   50.0 ±40.5          reference  2.00  20.0      –  10.0 (2.0+8.0)   10.0       1.0       –
dico     0.9        none   50.0 ±40.5  +0.0 [+0.0, +0.0]  2.00  20.0  1.00×  10.0 (2.0+8.0)   10.0       1.0  2.0 GB

1 of 2 items failed with dico threshold=0.9; they count as score 0.
With 2 items, differences under 100.0 points mean nothing.
AUP: dico 100.0.
Reference: vanilla. Intervals are 95 %; ± is half of one; differences are paired by item.
"""


def test_nothing_right_at_all_is_told():
    wrong = report([record(item="a", **scored(0.0)), record(item="b", **scored(0.0))], ["vanilla"], ["sums"], ABOUT)
    assert "No setting got anything right" in text(wrong, "table") and "No setting got" not in text(SMALL, "table")


def test_answers_that_the_canvas_cut_off_are_told():
    def notes(**other):
        wrong = [record(item="a", **scored(0.0, finish_reason="length")), record("dico", "a", **scored(0.0, **other))]
        return text(report(wrong, ["vanilla", "dico"], ["sums"], ABOUT), "table")

    whole, part = notes(finish_reason="length"), notes()
    assert "All answers were cut off by the canvas; give a longer one" in whole and "No setting got" not in whole
    assert "All answers of vanilla were cut off by the canvas" in part and "No setting got anything right" in part


def test_a_table():
    assert text(SMALL, "table", 120).startswith(TABLE)


NARROW = """\
preset   threshold  accuracy %         difference   TPF   TPS  speed  forwards
──────────────────────────────────────────────────────────────────────────────
vanilla  –          50.0 ±40.5          reference  2.00  20.0      –      10.0
dico     0.9        50.0 ±40.5  +0.0 [+0.0, +0.0]  2.00  20.0  1.00×      10.0
"""


def test_a_narrow_table_leaves_out_what_matters_least():
    assert NARROW in text(SMALL)


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
@pytest.mark.parametrize("found", [SMALL, LARGE], ids=["small", "large"])
def test_a_table_fits_and_cuts_no_figure(width, found):
    shown = text(found, "table", width)
    assert max(map(cell_len, shown.splitlines())) <= width and "…" not in shown
    (head,) = [line.split() for line in shown.splitlines() if "TPF" in line and "preset" in line]
    assert width < 140 or head[-3:-1] == ["remasked", "memory"] or head[-2:] == ["remasked", "memory"]


def test_names_are_cut_before_figures_are():
    rows = tuple(replace(row, preset=f"a-very-long-name-of-a-{row.preset}") for row in LARGE.rows)
    shown = text(replace(LARGE, rows=rows))
    assert max(map(cell_len, shown.splitlines())) == 80
    wanted = [("vanilla", "–", "75.0"), ("threshold", "0.5", "46.7")]
    for line, (preset, *figures) in zip(shown.splitlines()[5:], wanted, strict=False):
        name, *found = line.split()
        assert name.startswith("a-very-long-") and "…" in name and name.endswith(preset)
        assert found[:2] == figures and found[-1] in ("–", "7.14×")


def test_caches_that_tell_settings_apart_stay():
    rows = tuple(replace(row, cache=f"cache{number}") for number, row in enumerate(SMALL.rows))
    assert "cache" not in text(SMALL, "table", 60).splitlines()[3]
    assert "cache1" in text(replace(SMALL, rows=rows), "table", 60)


def test_scores_of_tasks_are_a_table_of_their_own():
    (head,) = [line for line in text(LARGE).splitlines() if "tales" in line and "preset" in line]
    assert head.split() == ["preset", "threshold", *TASKS]


def test_colours_are_for_differences_that_the_interval_keeps_off_zero():
    colored, plain = text(LARGE, "table", 140, colored=True), text(LARGE, "table", 140)
    assert "\x1b[31m" in colored and "\x1b" not in plain


def test_names_are_not_obeyed():
    rows = tuple(replace(row, preset="[red]\x1b[31m*|<b>\n") for row in SMALL.rows)
    found = replace(SMALL, rows=rows)
    assert "[red]\\x1b[31m*|<b>" in text(found, "table", 140)
    assert "[red]\\\\x1b[31m\\*\\|\\<b\\>" in text(found, "md")
    assert "&lt;b&gt;" in (page := html.text(found)) and "<b>" not in page


MARKDOWN = """\
2 settings on sums (2 items); 1 run; model tiny, dtype float32, device cpu

| preset | threshold | cache | accuracy % | difference | TPF | TPS | speed | forwards | steps | remasked | memory |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| vanilla | – | none | 50.0 ±40.5 | reference | 2.00 | 20.0 | – | 10.0 (2.0+8.0) | 10.0 | 1.0 | – |
| dico | 0.9 | none | 50.0 ±40.5 | +0.0 [+0.0, +0.0] | 2.00 | 20.0 | 1.00× | 10.0 (2.0+8.0) | 10.0 | 1.0 | 2.0 GB |

- 1 of 2 items failed with dico threshold=0.9; they count as score 0.
"""


def test_markdown():
    assert text(SMALL, "md").startswith(MARKDOWN)
    assert "| difference | sums | tales | words | TPF |" in text(LARGE, "md")


def test_csv_is_read_back(tmp_path):
    rows = [*csv.DictReader(io.StringIO(text(SMALL, "csv")))]
    vanilla, dico = rows
    assert (vanilla["score"], float(vanilla["score_low"])) == ("0.5", SMALL.rows[0].score.low)
    assert (vanilla["difference"], vanilla["speedup"], vanilla["axis_threshold"]) == ("", "", "")
    assert (dico["axis_threshold"], dico["metric_accuracy"], dico["memory"], dico["failed"]) == (
        "0.9", "0.5", "2000000000", "1",
    )  # fmt: skip
    columns = ", ".join(vanilla)
    base = sqlite3.connect(":memory:")
    base.execute(f"create table figures ({columns})")
    base.executemany(f"insert into figures values ({', '.join('?' * len(vanilla))})", [[*row.values()] for row in rows])
    assert base.execute("select label from figures where cast(axis_threshold as real) > 0.5").fetchall() == [
        ("dico threshold=0.9",)
    ]


def test_json_holds_everything_and_jsonl_its_rows():
    whole = json.loads(text(LARGE, "json"))
    assert whole["about"]["model"] == "tiny" and whole["about"]["aup"]["alpha"] == 3 and whole["schema"] == 1
    assert len(whole["rows"]) == len(LARGE.rows) and len(whole["areas"]) == 8 and "records" not in whole
    last = whole["rows"][-1]
    assert last["difference"]["low"] == LARGE.rows[-1].difference.low and last["task"] == "all"
    assert [json.loads(line) for line in text(LARGE, "jsonl").splitlines()] == whole["rows"]


def test_formats_by_name():
    assert all(text(SMALL, format) for format in FORMATS)
    with pytest.raises(UsageError, match=r"there is no format 'xml'; choose table, md, csv, json, jsonl\."):
        text(SMALL, "xml")
    assert all(text(report([], [], [], {}), format) is not None for format in FORMATS)


# Pictures


def test_the_front_is_what_nothing_beats():
    assert plot.front([(1, 9), (3, 5), (2, 5), (4, 1), (1, 8), (3, 4)]) == [(1, 9), (3, 5), (4, 1)]
    assert plot.front([]) == []


def test_points_of_an_axis_are_joined():
    joined = [[row.label for row in line] for line in plot.lines(LARGE.overall)]
    assert joined == [[label for label in SWEEP if label.startswith(preset)] for preset in ("threshold ", "dico ")]
    two = [replace(row, axes={**row.axes, "cache": cache}) for cache in ("none", "dual") for row in LARGE.overall[1:4]]
    assert [[row.axes["cache"] for row in line] for line in plot.lines(two)] == [["none"] * 3, ["dual"] * 3]


def test_every_setting_is_a_point_and_the_reference_is_ringed():
    for axes, figure in zip(plot.drawn(LARGE).axes, (lambda row: row.tpf, lambda row: row.tps), strict=True):
        found = [line.get_xydata().tolist()[0] for line in axes.lines if line.get_marker() in plot.SHAPES]
        points = [[figure(row), 100 * row.score.value] for row in LARGE.overall]
        assert [point for point in found if point in points] == [*points, points[0]]


def test_labels_do_not_cover_one_another():
    for axes in plot.drawn(LARGE).axes:
        boxes = [label.get_window_extent() for label in axes.texts]
        assert [label.get_text() for label in axes.texts] == ["0.5", "0.7", "0.9"] * 2
        assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_a_drawing_is_well_formed_and_the_same_every_time():
    once = plot.picture(SMALL, "svg", "1 < 2 & $x$")
    assert xml.fromstring(once).tag.endswith("svg") and once == plot.picture(SMALL, "svg", "1 < 2 & $x$")
    assert "1 &lt; 2 &amp; $x$" in once.decode()


def test_nothing_can_be_drawn():
    assert plot.picture(report([], [], [], {}), "png").startswith(b"\x89PNG")


def test_nothing_heavy_is_loaded_by_names():
    code = "import sys, dlldecode.bench.compare, dlldecode.bench.gate, dlldecode.bench.export; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "torch", "matplotlib", "rich", "jinja2"} & set(done.stdout.split())


# Files


def test_every_suffix_is_written(tmp_path):
    records = [record()]
    open_all([tmp_path / f"a.{suffix}" for suffix in EVERY]).write(SMALL, records)
    for format in ("jsonl", "csv", "md"):
        assert (tmp_path / f"a.{format}").read_text() == text(SMALL, format)
    assert json.loads((tmp_path / "a.json").read_text())["records"] == records
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == len(EVERY)


def refusal(*paths) -> str:
    with pytest.raises(UsageError) as found:
        open_all(paths)
    return str(found.value)


def test_what_cannot_be_written_is_refused_at_once(tmp_path, monkeypatch):
    known = "choose .json, .jsonl, .csv, .md, .html, .png, .svg."
    assert refusal("a.txt") == f"a.txt has a suffix that stands for nothing; {known}"
    assert refusal("a.json.gz") == f"a.json.gz has a suffix that stands for nothing; {known}"
    missing, folder = tmp_path / "none" / "a.md", tmp_path / "b.md"
    assert refusal(missing) == f"{missing} cannot be written (No such file or directory); choose another place."
    folder.mkdir()
    assert refusal(tmp_path / "a.csv", folder) == f"{folder} is no file; choose another place."
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    for name in ("a.png", "a.svg", "a.html"):
        assert refusal(name) == f"{name} needs matplotlib; install it with: pip install 'dlldecode[plot]'."
    assert [*tmp_path.iterdir()] == [folder]


def test_a_device_is_no_file(tmp_path):
    link = tmp_path / "a.json"
    link.symlink_to(os.devnull)
    assert refusal(link) == f"{link} is no file; choose another place."


def test_an_existing_file_is_replaced_only_at_the_end(tmp_path):
    target, link = tmp_path / "target.md", tmp_path / "link.md"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    exports = open_all([link])
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 2
    exports.write(SMALL)
    assert target.read_text() == text(SMALL, "md") and link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failing_writer_leaves_the_old_file(tmp_path, monkeypatch):
    (target := tmp_path / "a.csv").write_text("old")
    exports = open_all([target])
    with pytest.raises(AttributeError):
        exports.write(Report({}, (None,)))

    def refuse(number, reason):
        def replace(*paths):
            raise OSError(number, reason)

        monkeypatch.setattr(files.os, "replace", replace)

    refuse(errno.EACCES, "Permission denied")
    with pytest.raises(UsageError, match=r"a\.csv cannot be written \(Permission denied\)"):
        exports.write(SMALL)
    refuse(errno.ENOSPC, "No space left on device")  # no fault of the command: it ends with 1, as elsewhere
    with pytest.raises(OSError, match="No space left"):
        exports.write(SMALL)
    assert target.read_text() == "old" and [*tmp_path.iterdir()] == [target]


# The page


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def test_the_page_asks_for_nothing():
    page = html.text(LARGE)
    assert "src=" not in page and "@import" not in page and page.count("<script>") == 1
    assert html.digest(page) in page


@pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium on the path")
def test_the_page_sorts(tmp_path):
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install 'dlldecode[browser]'")
    path, complaints, requests = tmp_path / "a.html", [], []
    path.write_text(html.text(LARGE), "utf-8")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 700, "height": 900}, color_scheme="dark")
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())

        def sorted_by(head: str) -> list[str]:
            tab.get_by_role("button", name=head, exact=True).click()
            at = tab.locator("th").all_text_contents().index(head)
            return [row.locator("td").nth(at).text_content() for row in tab.locator("tbody tr").all()]

        rates = [f"{row.tpf:.2f}" for row in sorted(LARGE.overall, key=lambda row: row.tpf)]
        assert sorted_by("TPF") == rates[::-1] and sorted_by("TPF") == rates
        assert sorted_by("preset") == sorted(row.preset for row in LARGE.overall)
        assert sorted_by("difference")[-1] == "reference" and sorted_by("difference")[-1] == "reference"
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.locator("figure svg").is_visible()
        browser.close()
    assert complaints == [] and len(requests) == 1
