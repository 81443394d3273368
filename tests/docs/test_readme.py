"""Every command and every Python example of the README and of docs/ is run; nothing is skipped.

`sh` blocks are run command by command, in order, in an empty folder; each must exit with 0. `console` blocks hold
commands after `$` and what they print: where the output has a line that begins with `####`, the answer's number, that
line must be the same; else all of stdout must be. A comment at the end of a command says what a test machine lacks, and
the command is run as far as it goes:

- `# needs the weights`, `# needs a GPU`: with `--dry-run --offline`, so that options and settings are checked; a
  stand-in folder lies at ./LLaDA-8B-Instruct, five lines of GSM8K's kind at ./data.
- `# needs the network`: offline, where it must exit with 3 and the sentence that names the remedy.
- `# needs jq`: without the last stage of the pipeline on a machine that has no jq.

`make run`, `make test` and `pip install` would do over again what runs this test; they are run with make's and pip's
own dry run. Any other comment of that form is an error. `python` blocks are executed in this process. The blocks of
docs/write-a-strategy.md need its example as a file: see test_write_a_strategy.py.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dlldecode
from dlldecode.config import preset, toml
from dlldecode.errors import ConditionTrue
from dlldecode.models import hub

from .blocks import ROOT, blocks

NEED = re.compile(r"\s+# needs (.*)$")
FINAL = re.compile(r"^####.*$", re.MULTILINE)
NEEDS = (None, "the weights", "a GPU", "the network", "jq")


def commands(block):
    """The commands of a block and what each one needs."""
    for line in block.text.splitlines():
        if line.strip() and not line.startswith("#"):
            need = NEED.search(line)
            yield line[: need.start()] if need else line, need and need.group(1)


COMMANDS = [block for block in blocks("sh") if block.page.name != "write-a-strategy.md"]
every = pytest.mark.parametrize


@pytest.fixture(scope="session")
def programs(warm, tmp_path_factory):
    """A folder with `dlldecode` in it, and a `python` whose `-m dlldecode.MODULE` is as quick."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "dlldecode").write_text(f'#!/bin/sh\nexec {warm.command("dlldecode")} "$@"\n')
    (folder / "python").write_text(
        f'#!/bin/sh\ncase "$1 $2" in "-m dlldecode."*) shift; exec {warm.command()} "$@";; esac\n'
        f'exec {sys.executable} "$@"\n'
    )
    for program in folder.iterdir():
        program.chmod(0o755)
    return folder


@pytest.fixture
def shell(tmp_path, programs):
    """Run one command line in an empty folder, alone on the machine: no settings, no network, one thread."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DLLDECODE_")}
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        **kept, "PATH": path, "OMP_NUM_THREADS": "1",
        "XDG_CONFIG_HOME": str(tmp_path / "none"), "XDG_STATE_HOME": str(tmp_path / "state"),
        "DLLDECODE_NO_CONFIG": "1", "DLLDECODE_DEVICE": "cpu", "HF_HOME": str(tmp_path / "none"), "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    (tmp_path / "LLaDA-8B-Instruct").symlink_to(hub.BUNDLED)
    (tmp_path / "bold.toml").write_text(own_preset())
    (tmp_path / "data" / "gsm8k").mkdir(parents=True)
    for name in ("test", "train"):
        line = json.dumps({"question": "How many are two and two?", "answer": "2 + 2 = 4\n#### 4"})
        (tmp_path / "data" / "gsm8k" / f"{name}.jsonl").write_text(f"{line}\n" * 5)

    def run(line):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return run


def own_preset():
    """The preset that docs/presets.md shows."""
    return next(block.text for block in blocks("toml") if "extends" in block.text)


def runnable(line, need):
    """The command as a test machine can run it."""
    if line.startswith("make "):
        return f"make -C {ROOT} --dry-run {line.split()[1]}"
    if line.startswith("pip install ."):
        return f"cd {ROOT} && python -m pip install --dry-run --no-deps --no-build-isolation --no-index ."
    if need in ("the weights", "a GPU"):
        return f"{line} --dry-run --offline"
    if need == "jq" and not shutil.which("jq"):
        return line.partition("| jq")[0]
    return line


@every("block", COMMANDS, ids=lambda block: block.name)
def test_commands(block, shell):
    for line, need in commands(block):
        assert need in NEEDS, f"{block.name}: nobody knows what {need!r} is"
        done = shell(runnable(line, need))
        if need == "the network":
            assert done.returncode == 3 and "offline" in done.stderr, done.stderr
            continue
        left_early = "| head" in line and done.returncode == 141
        assert done.returncode == 0 or left_early, f"{line}\n{done.stderr}"
        assert done.stdout or ">" in line or " -o " in line, line


def transcripts():
    """Command and shown output of every `$` in every console block."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            yield block.page.name, line, shown


@every(("page", "line", "shown"), list(transcripts()), ids=lambda value: value[:45])
def test_transcripts(page, line, shown, shell):
    done = shell(line)
    assert done.returncode == 0, done.stderr
    if FINAL.search(shown):
        assert FINAL.findall(done.stdout) == FINAL.findall(shown)
    else:
        assert done.stdout.strip() == shown.strip()


def test_the_transcripts_are_right():
    """9 trays of 6 tarts without 38 make 4 boxes of 4; a question is worth showing when its answer is right."""
    found = [(line, FINAL.findall(shown)) for _, line, shown in transcripts() if "--strategy" in line]
    assert len(found) >= 3
    assert all("38 tarts get burnt" in line and final == [f"#### {(9 * 6 - 38) // 4}"] for line, final in found)


@every("block", [b for b in blocks("python") if b.page.name != "write-a-strategy.md"], ids=lambda block: block.name)
def test_python(block, capsys):
    exec(compile(block.text, block.name, "exec"), {"__name__": "example"})
    assert capsys.readouterr().out


def test_presets_and_configuration_files(tmp_path, monkeypatch):
    """Every TOML block is a preset without problems, or a configuration file that can be run."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shown = [block.text for block in blocks("toml")]
    assert len(shown) >= 2
    for text in shown:
        if "extends" in text:
            (tmp_path / "bold.toml").write_text(text)
            assert not preset.find(str(tmp_path / "bold.toml")).problems
            continue
        (tmp_path / "dlldecode.toml").write_text(text)
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("DLLDECODE_NO_CONFIG", raising=False)
        from dlldecode.config.assemble import Request, resolve

        options = toml.read(tmp_path / "dlldecode.toml").table["strategy_options"]["hierarchy"]
        assert resolve(Request()).options.items() >= options.items()


def test_exit_codes_are_those_of_the_errors():
    table = (ROOT / "README.md").read_text()
    rows = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in row.split(",")}
    errors = [getattr(dlldecode, name) for name in dlldecode.__all__ if name[0].isupper() and "Error" in name]
    assert {error.exit_code for error in [*errors, dlldecode.ItemsFailed, ConditionTrue]} <= rows
    assert rows == {0, 1, 2, 3, 4, 5, 6, 129, 130, 141, 143}
