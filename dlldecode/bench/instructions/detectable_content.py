"""Things that the answer has to hold."""

from __future__ import annotations

import re

from .arguments import Text

# These two may be spaced; any other marker is a regular expression.
MARKERS = {"P.S.": r"p\.\s?s\.", "P.P.S": r"p\.\s?p\.\s?s"}


def number_placeholders(text: Text, *, num_placeholders: int) -> bool:
    """At least so many [placeholders], each within a line; empty brackets and those of links count."""
    # Before every closing bracket there is at most one. A regular expression would look from each opening one anew.
    parts = (part for line in text.split("\n") for part in line.split("]")[:-1])
    return sum("[" in part for part in parts) >= num_placeholders


def postscript(text: Text, *, postscript_marker: str) -> bool:
    """The marker stands anywhere, whatever the case, also with nothing behind it."""
    marker = postscript_marker.strip()
    return re.search(MARKERS.get(marker, marker.lower()), text.lower()) is not None


CHECKS = (number_placeholders, postscript)
