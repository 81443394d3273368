"""What the site has beside the pages in docs/: files that lie above it and that pages link to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
ABOVE = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "LICENSE",
    "dlldecode/trace/schema.json": "schema.json",
}


def on_files(files: Files, config: Any) -> Files:
    """Add what lies above docs/, with its links as they are from inside of it."""
    for name, place in ABOVE.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, place, content=text.replace("](docs/", "](")))
    return files


def on_page_markdown(markdown: str, **around: Any) -> str:
    """Links to what lies above docs/ as links to where it is on the site."""
    for name, place in ABOVE.items():
        markdown = re.sub(rf"\]\((\.\./)?{re.escape(name)}", f"]({place}", markdown)
    return markdown
