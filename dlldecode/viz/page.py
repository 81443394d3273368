"""Traces as one HTML page that plays them side by side and needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from ..trace.events import Stepped
from ..trace.lines import encoded, rounded
from ..trace.read import Recording
from .scene import opening

TEMPLATE = "page.html"
DATA, DIGEST = "@TRACES@", "@DIGEST@"  # where the template wants the traces and the digest of its script
SCRIPT = re.compile("<script>(.*?)</script>", re.DOTALL)


def page(recordings: Sequence[Recording]) -> str:
    """The page. Its script is the template's own, the traces are data beside it."""
    return "".join(pieces(recordings))


def pieces(recordings: Sequence[Recording]) -> Iterator[str]:
    """The page bit by bit, as long traces are large."""
    template = files(__package__).joinpath(TEMPLATE).read_text("utf-8")
    before, after = template.replace(DIGEST, digest(template)).split(DATA)
    yield before
    for number, recording in enumerate(recordings):
        yield "," if number else "["
        yield embedded(trace(recording)).removesuffix("}") + ',"steps":['
        for place, each in enumerate(recording.steps):
            yield ("," if place else "") + embedded(step(each))
        yield "]}"
    yield "]" if recordings else "[]"
    yield after


def digest(template: str) -> str:
    """The digest by which the browser knows the one script that may run."""
    found = SCRIPT.search(template)
    assert found
    return base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode("ascii")


def embedded(value: Any) -> str:
    """JSON that no HTML parser can take for markup: in ASCII, so that U+2028 is escaped too, and without <, > and &."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def trace(recording: Recording) -> dict[str, Any]:
    """What the page shows of a recording but its steps; ids stay ids, as the page spells them itself."""
    header = recording.header
    return {
        "name": PurePath(recording.name).name,  # where a trace lies is nobody's business
        "status": recording.footer.status if recording.footer else "cut",
        "about": {name: str(getattr(header, name)) for name in ("model", "strategy", "preset", "seed")},
        "options": {name: str(value) for name, value in header.options.items()},
        "bar": rounded(opening(header, {}).bar),
        "prompt": header.prompt_ids,
        "canvas": header.canvas,
        "stops": header.stop_ids,
        "block": (0, min(header.block_length, header.canvas) - 1),
        "bytes": encoded(recording.bytes),
    }


def step(stepped: Stepped) -> dict[str, Any]:
    """One step; what is not finite becomes null, as JSON has no word for it."""
    return {
        "forwards": stepped.forwards,
        "block": stepped.block,
        "phase": stepped.phase,
        "commits": [(c.position, c.token, rounded(c.confidence), c.kind, rounded(c.score)) for c in stepped.commits],
        "revocations": stepped.revocations,
        "regions": stepped.regions,
        "anchors": stepped.anchors,
        "clusters": stepped.clusters,
        "seconds": rounded(stepped.seconds),
    }
