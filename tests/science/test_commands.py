"""`python -m dlldecode.science` from the outside, on the toy model."""

import json
import shlex

import pytest
from typer.testing import CliRunner

from dlldecode import api
from dlldecode.cli.app import app as bench
from dlldecode.errors import UsageError
from dlldecode.science import questions
from dlldecode.science.__main__ import app
from dlldecode.science.chart import drawn
from dlldecode.science.table import Lines, Table

from ..cli import toy

SMALL = "-n 32 --block-length 8 --limit 2 --quiet"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a command line in this process, and give its standard output; what it raises is raised here."""
    monkeypatch.setattr(api, "load", toy.load)
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    lines = [json.dumps({"prompt": f"p{n}", "answer": toy.ANSWER}) for n in range(2)]
    (tmp_path / "own.jsonl").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)

    def command(line, group=app):
        result = CliRunner().invoke(group, shlex.split(line))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return command


@pytest.mark.parametrize("name", questions.available())
def test_every_question_is_answered_in_every_format(run, tmp_path, name):
    pictures = "--export a.svg --export a.png" if questions.load(name).LINES else ""
    text = run(f"run {name} topk threshold --task own.jsonl {SMALL} --export a.json --export a.csv {pictures}")
    kept = json.loads((tmp_path / "a.json").read_text())
    assert kept["rows"] and kept["about"]["model"] == "tiny" and kept["title"] in text
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 1 + len(kept["rows"])
    assert text.count("\n| ") == 2 + len(kept["rows"])
    if pictures:
        assert (tmp_path / "a.svg").read_text().count("<svg") == 1
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_asked_by_default(run):
    planned = run("run lengths --task own.jsonl --limit 2 --dry-run")
    assert "topk block_length=4" in planned and "hierarchy block_length=64" in planned
    assert "block_length" not in run("run lengths hierarchy --task own.jsonl --limit 2 --dry-run").splitlines()[1]


def test_a_comparison_is_drawn(run, tmp_path):
    run(f"bench topk --axis k=1,2,4 --task own.jsonl {SMALL} --export found.json", bench)
    text = run("chart found.json --across k --up tpf --export a.svg --export a.csv")
    assert text.count("\n| ") == 5 and "topk k=4" in text
    assert "tpf" in (tmp_path / "a.svg").read_text()
    rows = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()]
    assert [row[rows[0].index("k")] for row in rows[1:]] == ["1", "2", "4"]


def test_the_scale_reaches_as_far_as_the_points():
    table = Table("t", ("k", "score", "preset"), ((1, 0.5, "a"), (8, 0.7, "a")), lines=Lines("k", "score", "preset"))
    (axes,) = drawn(table, table.lines).axes
    assert axes.get_xlim()[0] <= 1 and axes.get_xlim()[1] >= 8


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run bund", "did you mean bound"),
        ("run bound --export a.svg", "no picture"),
        ("run lengths --export a.pdf", "suffix"),
        ("run lengths --export nowhere/a.svg", "cannot be written"),
        ("run lengths nobody", "nobody"),
        ("run lengths --limit 0", "at least 1"),
        ("chart nothing.json --across k", "cannot be read"),
        ("chart own.jsonl --across k", "is no JSON"),
        ("chart empty.json --across k", "holds no comparison"),
    ],
)
def test_bad_input(run, tmp_path, line, said):
    (tmp_path / "empty.json").write_text("{}")
    with pytest.raises(UsageError, match=said):
        run(line)


def test_columns_that_are_not_there(run):
    run(f"bench topk --task own.jsonl {SMALL} --export found.json", bench)
    with pytest.raises(UsageError, match=r"no column 'k'; there are setting, preset, score"):
        run("chart found.json --across k")
    with pytest.raises(UsageError, match="no task 'other'; it has own"):
        run("chart found.json --across tpf --task other")
