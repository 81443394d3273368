"""The folder of a study: what it is a study of, and the results of every item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..bench.export.files import put
from ..bench.records import LINES, Records, digest
from ..errors import UsageError

ABOUT = "study.json"


def identity(preset: str, base: str, space: Mapping[str, Any], items: str) -> dict[str, Any]:
    """What makes a study the same as another one; `base` is a digest of the preset's settings, `items` of the items."""
    plain = json.loads(json.dumps(space, default=str))
    return {"preset": preset, "settings": base, "space": plain, "items": items}


def folder(home: Path, name: str | None, about: Mapping[str, Any]) -> Path:
    """Where a study lies: by its name, or one made of the preset and a digest of all that it is about."""
    if name is not None and (Path(name).name != name or name in ("", "..")):
        raise UsageError(f"--study {name}: a name is one word without slashes; a place is given with --out DIR.")
    return home / (name or f"{Path(about['preset']).stem}-{digest(about)[:8]}")


def opened(place: Path, about: Mapping[str, Any]) -> Records:
    """The results of a study so far. Raises UsageError for a folder that is in use or holds another study."""
    path = place / ABOUT
    if path.exists():
        _agree(path, about)
    elif (place / LINES).exists() and (place / LINES).stat().st_size:
        raise UsageError(f"{place} holds results that are no study; choose another --out.")
    records = Records(place, go_on=True)
    put(path, (json.dumps(about, indent=1) + "\n").encode())
    return records


def _agree(path: Path, about: Mapping[str, Any]) -> None:
    try:
        theirs = json.loads(path.read_text())
    except (OSError, ValueError):
        raise UsageError(f"{path} is broken; choose another --study.") from None
    for key, value in about.items():
        if theirs.get(key) != value:
            raise UsageError(
                f"{path.parent} holds a study of another {WORDS[key]} ({_brief(theirs.get(key))}, not {_brief(value)});"
                " choose another --study, or the same command as before."
            )


WORDS = {"preset": "preset", "settings": "base", "space": "space", "items": "set of items"}


def _brief(value: Any) -> str:
    """A value in few words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} with {len(each['values'])} values" for key, each in value.items())
    return str(value)
