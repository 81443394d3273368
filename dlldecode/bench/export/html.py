"""One page that needs no network: the picture, a table that sorts, what the figures mean."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from ..report import Report
from .columns import columns
from .plot import FAINT, INK, picture
from .words import caption, notes

TEMPLATE = "page.html"
SCRIPT = re.compile("<script>(.*?)</script>", re.DOTALL)


def text(report: Report) -> str:
    """The page. Raises UsageError without matplotlib."""
    from jinja2 import Environment

    source = files(__package__).joinpath(TEMPLATE).read_text("utf-8")
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    wanted = columns(report, with_tasks=True)
    return page.render(
        digest=digest(source),
        caption=caption(report),
        columns=wanted,
        rows=[[(column.value(row), column.cell(row)) for column in wanted] for row in report.overall],
        notes=notes(report),
        definitions=report.about.get("definitions", {}),
        drawing=drawing(report),
    )


def digest(source: str) -> str:
    """The digest by which the browser knows the one script that may run."""
    found = SCRIPT.search(source)
    assert found
    return base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode("ascii")


def drawing(report: Report) -> str:
    """The picture for a page of any colour: words take the page's ink, the ground is clear."""
    whole = picture(report, "svg").decode()
    drawn = whole[whole.index("<svg") :].replace(INK, "currentColor").replace(FAINT, "var(--soft)")
    return re.sub(r'(<g id="patch_1">\s*<path [^>]*style=")[^"]*', r"\1fill: none", drawn, count=1)
