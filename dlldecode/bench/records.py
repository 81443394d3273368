"""Results on disk: one line an item, appended as it finishes, so that a run that was cut off can go on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError

Record = dict[str, Any]
LINES, ABOUT = "records.jsonl", "environment.json"
SAME = ("model", "revision", "weights", "dtype", "device", "versions")  # what results of one folder have in common


def digest(*parts: Any) -> str:
    """A short digest of plain values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Records:
    """A folder of results. Open it, take what is `known`, `append` what is new; closed, it can be opened again.

    A line that was cut off by a kill is dropped; items that failed are known, but not done.
    """

    def __init__(self, folder: Path, go_on: bool = False) -> None:
        """Open a folder, which is made if needed. Raises UsageError for one that is full, in use or not writable."""
        self.folder = folder
        path = folder / LINES
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(
                f"results cannot be written to {folder} ({reason}); choose another place with --out."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise UsageError(f"another run is writing to {folder}; wait for it, or choose another --out.") from None
        if not go_on and path.stat().st_size:
            os.close(self._file)
            raise UsageError(f"{folder} holds results already; add --resume to go on, or choose another --out.")
        self.known = {record["key"]: record for record in self._read(path)}

    def _read(self, path: Path) -> Iterator[Record]:
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._file, whole)
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                found = json.loads(line)
                assert isinstance(found["key"], str)
            except (ValueError, KeyError, TypeError, AssertionError):
                raise UsageError(
                    f"{path}, line {number} is no result of bench; mend it or choose another --out."
                ) from None
            yield found

    def agree(self, about: Mapping[str, Any]) -> None:
        """Raise UsageError where the folder's results come from another model, device or version."""
        path, ours = self.folder / ABOUT, {key: about[key] for key in SAME}
        if not self.known:
            path.write_text(json.dumps(ours, indent=1) + "\n")
            return
        try:
            theirs = json.loads(path.read_text())
        except (OSError, ValueError):
            raise UsageError(f"{path} is gone or broken; choose another --out.") from None
        for key in SAME:
            if theirs.get(key) != ours[key]:
                raise UsageError(
                    f"{self.folder} holds results of another configuration: {key} {theirs.get(key)!r},"
                    f" not {ours[key]!r}; choose another --out."
                )

    def is_done(self, key: str) -> bool:
        """Whether an item has a result without an error."""
        return key in self.known and self.known[key]["error"] is None

    def append(self, record: Record) -> None:
        """Write one result, whole or not at all as far as a reader can see."""
        line = (json.dumps(record) + "\n").encode()
        while line:
            line = line[os.write(self._file, line) :]
        self.known[record["key"]] = record

    def close(self) -> None:
        """Let others write."""
        os.close(self._file)
