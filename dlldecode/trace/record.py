"""Write a trace while it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .events import Stepped
from .lines import Footer, Header, footer_line, header_line, step_line

Write = Callable[[str], None]
Spell = Callable[[int], bytes]  # the bytes that a token stands for


class Recorder:
    """Writes lines as they come, so that what was written replays wherever it is cut."""

    def __init__(self, write: Write, spell: Spell) -> None:
        self._write, self._spell = write, spell
        self._known: set[int] = set()

    def start(self, header: Header) -> None:
        """Write the header."""
        ids = (*header.prompt_ids, header.mask_id)
        self._write(header_line(replace(header, bytes=self._fresh(ids))))

    def step(self, step: Stepped) -> None:
        """Write a step."""
        self._write(step_line(step, self._fresh(commit.token for commit in step.commits)))

    def end(self, footer: Footer) -> None:
        """Write the footer."""
        self._write(footer_line(footer))

    def _fresh(self, ids: Iterable[int]) -> dict[int, bytes]:
        new = {token: self._spell(token) for token in ids if token not in self._known}
        self._known |= new.keys()
        return new
