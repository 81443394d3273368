import os
import subprocess
import sys
from pathlib import Path

import pytest

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
def shell(environment):
    """Run a shell pipeline; `dlldecode` in it answers with the toy model."""

    def run(line, **options):
        script = f'set -o pipefail\ndlldecode() {{ {TOY} "$@"; }}\n{line}'
        options = {"timeout": 60, "capture_output": True, "stdin": subprocess.DEVNULL, "cwd": ROOT, **options}
        done = subprocess.run(["bash", "-c", script], env=environment, **options)
        assert b"Traceback" not in (done.stderr or b""), done.stderr
        return done

    return run
