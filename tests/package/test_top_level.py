import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPECTED = {
    "pyproject.toml", "dlldecode", "presets", "tests", "docs", "Makefile", "README.md", "CHANGELOG.md", "LICENSE",
}  # fmt: skip


def test_the_top_level_holds_exactly_what_it_should():
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout, as in a source archive")
    done = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True)
    names = {line.partition("/")[0] for line in done.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} == EXPECTED
