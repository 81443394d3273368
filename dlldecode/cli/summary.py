"""The one line at the end: what was written, in how many forwards, how fast."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..batch import Result
    from ..config.assemble import Resolved


class Summary:
    """Totals over the results of a run."""

    def __init__(self, settings: Resolved) -> None:
        self._settings = settings
        self.count = self.failed = self.canvas = self.effective = self.forwards = 0
        self.preparing = 0.0
        self._began = self._ended = time.perf_counter()

    def begin(self) -> None:
        """Decoding starts now."""
        self._began = self._ended = time.perf_counter()

    def add(self, result: Result) -> None:
        """Count one result."""
        self.count += 1
        self.failed += result.error is not None
        self.canvas += len(result.token_ids)
        self.effective += result.effective
        self.forwards += result.forwards
        self.preparing = max(self.preparing, result.preparing)
        self._ended = time.perf_counter()

    def line(self) -> str:
        """Tokens, forwards, speed, and what they were measured with."""
        whole = self._ended - self._began
        seconds = whole - self.preparing
        run, settings = self._settings.run, self._settings.settings
        numbers = [
            f"{self.count} prompts" if self.count > 1 else "",
            f"{self.canvas} canvas / {self.effective} effective tokens",
            f"{self.forwards} forwards",
            f"TPF {self.effective / self.forwards:.2f}" if self.forwards else "",
            f"TPS {self.effective / seconds:.1f}" if seconds else "",
            f"{seconds:.2f} s" + (f" after {self.preparing:.1f} s of compiling" if self.preparing else ""),
        ]
        model = f"{run.model}, a small model for demonstration" if run.model == "tiny" else run.model
        model = f"{run.model} with random weights" if run.load == "dummy" else model
        what = f"{model}; preset {self._settings.preset}, strategy {self._settings.strategy}, seed {settings.seed}"
        return f"{', '.join(filter(None, numbers))} ({what})"
