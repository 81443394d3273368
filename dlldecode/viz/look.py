"""Colours, glyphs and marks: every state looks its own, with colours (Okabe and Ito's) and without them."""

from __future__ import annotations

from dataclasses import dataclass

from .scene import Mark

STYLES = {
    Mark.CLOSED: "dim",
    Mark.OPEN: "",
    Mark.FRESH: "reverse",
    Mark.ANCHOR: "bold underline #e69f00",
    Mark.CLUSTER: "underline #56b4e9",
    Mark.UNSURE: "italic yellow",
    Mark.REVOKED: "strike #d55e00",
    Mark.SETTLED: "",
}
TINTS = ("#56b4e9", "#cc79a7", "#009e73", "#e69f00")  # of regions, in turn
SURE = ((0.9, "#009e73"), (0.7, "#7fb241"), (0.0, "#f0e442"))  # from a confidence on
BRACKETS = {
    Mark.FRESH: "**",
    Mark.ANCHOR: "[]",
    Mark.CLUSTER: "{}",
    Mark.UNSURE: "??",
    Mark.REVOKED: "~~",
}
GLYPHS = {
    Mark.CLOSED: "░",
    Mark.OPEN: "▒",
    Mark.FRESH: "●",
    Mark.ANCHOR: "◆",
    Mark.CLUSTER: "▬",
    Mark.UNSURE: "▪",
    Mark.REVOKED: "×",
    Mark.SETTLED: "█",
}
LETTERS = {
    Mark.CLOSED: ".",
    Mark.OPEN: ":",
    Mark.FRESH: "*",
    Mark.ANCHOR: "A",
    Mark.CLUSTER: "=",
    Mark.UNSURE: "?",
    Mark.REVOKED: "~",
    Mark.SETTLED: "#",
}
LEVELS, DIGITS = " ▁▂▃▄▅▆▇█", " 123456789"


@dataclass(frozen=True)
class Look:
    """How states are shown: with glyphs and styles, or `is_plain` in ASCII with brackets around tokens."""

    is_plain: bool = False

    def style(self, mark: Mark, tint: int = 0, confidence: float = 1.0) -> str:
        """The style of a position; `tint` counts regions, and what is fresh is coloured by its confidence."""
        if mark is Mark.OPEN:
            return TINTS[tint % len(TINTS)]
        if mark is Mark.FRESH:
            return f"reverse {next((color for least, color in SURE if confidence >= least), SURE[-1][1])}"
        return STYLES[mark]

    def mask(self, mark: Mark) -> str:
        """Three cells that stand for a masked position."""
        return (LETTERS if self.is_plain else GLYPHS)[mark] * 3

    def glyph(self, mark: Mark) -> str:
        """One cell that stands for a position on a map."""
        return (LETTERS if self.is_plain else GLYPHS)[mark]

    def marked(self, mark: Mark, text: str) -> str:
        """A token's text, in brackets where nothing else tells its state."""
        if not self.is_plain or mark not in BRACKETS:
            return text
        left, right = BRACKETS[mark]
        return f"{left}{text}{right}"

    def level(self, share: float) -> str:
        """One cell of a sparkline; nothing for a share of 0."""
        levels = DIGITS if self.is_plain else LEVELS
        return levels[0] if share <= 0 else levels[min(len(levels) - 1, 1 + int(share * (len(levels) - 1)))]

    def bar(self, share: float, cells: int) -> str:
        """A bar of so many cells."""
        full = round(max(0.0, min(1.0, share)) * cells)
        on, off = ("#", "-") if self.is_plain else ("━", "╌")
        return on * full + off * (cells - full)

    def corners(self) -> tuple[str, str, str, str, str, str]:
        """Top left, top right, bottom left, bottom right, horizontal and vertical lines of a box."""
        return ("+", "+", "+", "+", "-", "|") if self.is_plain else ("╭", "╮", "╰", "╯", "─", "│")

    def say(self, text: str) -> str:
        """A text of ours without glyphs that ASCII lacks."""
        return text.replace("…", "...").replace("↑", "^").replace("↓", "v").replace("·", "|") if self.is_plain else text
