"""Wordings of the task families, kept as text: `[name]`, then one wording a line."""

from __future__ import annotations

from pathlib import Path


def load(family: str) -> dict[str, tuple[str, ...]]:
    """Read a family's wordings by name."""
    text = (Path(__file__).parent / f"{family}.txt").read_text(encoding="utf-8")
    sections = (section.split("\n") for section in text.strip().split("\n\n"))
    return {lines[0].strip("[]"): tuple(lines[1:]) for lines in sections}
