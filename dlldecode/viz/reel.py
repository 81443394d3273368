"""Any scene of a trace at once, forwards or back, without keeping them all."""

from __future__ import annotations

from ..trace.read import Recording
from .scene import Scene, after, opening

EVERY = 64  # steps between the scenes that are kept


class Reel:
    """The scenes of a trace by number: 0 before the first step."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._kept = [opening(recording.header, recording.bytes)]
        self._last = (0, self._kept[0])

    def __len__(self) -> int:
        """Steps."""
        return len(self.recording.steps)

    def at(self, number: int) -> Scene:
        """The scene after so many steps; the last one beyond the end."""
        number = min(number, len(self))
        start, scene = self._last
        if not start <= number < start + EVERY:
            start = min(number // EVERY, len(self._kept) - 1) * EVERY
            scene = self._kept[start // EVERY]
        for place in range(start, number):
            scene = after(scene, self.recording.steps[place])
            if (place + 1) % EVERY == 0 and (place + 1) // EVERY == len(self._kept):
                self._kept.append(scene)
        self._last = (number, scene)
        return scene

    def revocation(self, number: int) -> int | None:
        """The next step, counted from 1, that takes something back."""
        steps = self.recording.steps
        return next((place + 1 for place in range(number, len(self)) if steps[place].revocations), None)
