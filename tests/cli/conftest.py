import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from dlldecode import api
from dlldecode.cli.app import app
from dlldecode.errors import DlldecodeError

from . import toy
from .toy import ANSWER

ROOT = Path(__file__).parents[2]
TOY = f"{sys.executable} -m tests.cli.toy"


@pytest.fixture
def environment(tmp_path):
    """An environment without the machine's own settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DLLDECODE_")}
    for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
        kept.pop(name, None)
    return {**kept, "XDG_CONFIG_HOME": str(tmp_path), "DLLDECODE_NO_CONFIG": "1", "PYTHONPATH": str(ROOT)}


@pytest.fixture
def shell(environment, warm):
    """Run a shell pipeline; `dlldecode` in it answers with the toy model."""
    toy = warm.command("tests.cli.toy")

    def run(line, **options):
        script = f'set -o pipefail\ndlldecode() {{ {toy} "$@"; }}\n{line}'
        options = {"timeout": 60, "capture_output": True, "stdin": subprocess.DEVNULL, "cwd": ROOT, **options}
        done = subprocess.run(["bash", "-c", script], env=environment, **options)
        assert b"Traceback" not in (done.stderr or b""), done.stderr
        return done

    return run


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def inside(monkeypatch, tmp_path):
    """Run a command line in this process; what it raises becomes its exit code and sentence."""
    monkeypatch.setattr(api, "load", toy.load)
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def command(line):
        result = CliRunner().invoke(app, shlex.split(line))
        error = result.exception
        if isinstance(error, DlldecodeError):
            return Done(error.exit_code, result.stdout, f"{result.stderr}error: {error}\n")
        assert error is None or isinstance(error, SystemExit), error
        return Done(result.exit_code, result.stdout, result.stderr)

    return command


@pytest.fixture
def lines(tmp_path):
    """Six questions of which the toy answers every other one."""
    file = tmp_path / "own.jsonl"
    answers = [ANSWER if n % 2 else "no" for n in range(6)]
    file.write_text("".join(json.dumps({"prompt": f"p{n}", "answer": a}) + "\n" for n, a in enumerate(answers)))
    return file
