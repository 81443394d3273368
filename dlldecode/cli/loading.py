"""Load the model that a command's settings name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import stderr

if TYPE_CHECKING:
    from ..config.run import RunSettings
    from ..models.network import Network


def model(run: RunSettings) -> tuple[Network, float]:
    """The model, and the seconds that it took."""
    from ..api import load

    began = time.perf_counter()
    found = load(
        run.model, device=run.device, dtype=run.dtype, revision=run.revision, offline=run.offline, weights=run.load
    )
    seconds = time.perf_counter() - began
    stderr.notice(f"loaded {found.name} on {found.device} in {found.dtype}, {seconds:.1f} s", level=1)
    return found, seconds
