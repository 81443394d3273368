"""The documentation as a site: it builds, and no link of it leads nowhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .blocks import ROOT


def built(root: Path, site: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mkdocs", "build", "--config-file", str(root / "docs/site/mkdocs.yml")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run([*command, "--site-dir", str(site)], capture_output=True, text=True, env=environment)


def test_the_site_is_built_and_holds_every_page(tmp_path):
    done = built(ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} | {"readme", "changelog"}
    assert pages <= {page.stem for page in tmp_path.glob("*.html")}
    assert "strategies.html" in (tmp_path / "readme.html").read_text()


def test_a_link_that_leads_nowhere_is_an_error(tmp_path):
    for name in ("docs", "README.md", "CHANGELOG.md", "LICENSE", "dlldecode/trace/schema.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    page = tmp_path / "docs" / "glossary.md"
    page.write_text(page.read_text() + "\n[nowhere](strategies.md#no-such-heading)\n")
    done = built(tmp_path, tmp_path / "site")
    assert done.returncode == 1 and "no-such-heading" in done.stderr
