"""The page on the trace format: its example is a trace, its programs read that, its tables name every field."""

import io
import json
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout

import pytest

from dlldecode.core.step import Kind, Phase
from dlldecode.trace import lines
from dlldecode.trace.read import read

from ..docs.blocks import ROOT
from .test_schema import problems

PAGE = (ROOT / "docs" / "trace-format.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


(EXAMPLE,) = blocks("jsonl")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "run.jsonl").write_text(EXAMPLE)
    monkeypatch.chdir(tmp_path)


def test_the_example_is_a_trace(folder):
    found = read("run.jsonl")
    assert len(found.steps) == 2 and found.footer and found.header.canvas == 4
    assert not [problem for line in EXAMPLE.splitlines() for problem in problems(json.loads(line))]


def test_the_programs_run(folder):
    shown = []
    for block in blocks("py"):
        with redirect_stdout(io.StringIO()) as output:
            exec(compile(block, "trace-format.md", "exec"), {"__name__": "example"})
        shown.append(output.getvalue())
    assert shown[0] == "No.<|endoftext|>\n" and shown[1].startswith("threshold 2 2 Footer(status='ok'")
    assert "torch" not in blocks("py")[1]


@pytest.mark.skipif(not shutil.which("jq"), reason="needs jq")
def test_the_command_runs(folder):
    (command,) = blocks("bash")
    assert (
        subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        == "0\t+3\t-0\n1\t+1\t-0\n"
    )


def test_reading_imports_no_torch(folder):
    code = f"{blocks('py')[1]}\nimport sys; print(sorted({{'torch', 'numpy', 'transformers'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Header", {"type", "format", "schema", *lines.HEADER}),
        ("Step", {"type", "bytes", *lines.STEP}),
        ("Footer", {"type", *lines.FOOTER}),
    ],
)
def test_the_tables_name_every_field(heading, fields):
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == fields


def test_every_kind_and_phase_is_told():
    assert all(f"`{one.name.lower()}`" in PAGE for one in (*Kind, *Phase))
