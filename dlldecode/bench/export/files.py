"""Files that a report is written to: refused before anything runs, replaced whole at the end."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import UsageError
from ..report import Report

SUFFIXES = (".json", ".jsonl", ".csv", ".md", ".html", ".png", ".svg")
PICTURES = (".html", ".png", ".svg")  # what needs matplotlib

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Exports:
    """Files that could be written when they were asked for."""

    files: tuple[Path, ...]

    def write(self, report: Report, records: Records = ()) -> None:
        """Write every file; a .json also holds the records. A file that fails is left as it was. Raises UsageError."""
        for file in self.files:
            put(file, made(report, records, file.suffix.lower()))


def open_all(paths: Sequence[Path | str]) -> Exports:
    """Find out before anything is measured whether all files can be written. Raises UsageError."""
    files = tuple(dict.fromkeys(Path(path) for path in paths))
    for file in files:
        _check(file)
    return Exports(tuple(file.resolve() for file in files))  # what a link names is replaced, not the link


def _check(file: Path) -> None:
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file} has a suffix that stands for nothing; choose {', '.join(SUFFIXES)}.")
    if file.suffix.lower() in PICTURES and find_spec("matplotlib") is None:
        raise UsageError(f"{file} needs matplotlib; install it with: pip install 'dlldecode[plot]'.")
    check_place(file)


def check_place(file: Path) -> None:
    """Raise UsageError where a file cannot be written."""
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is no file; choose another place.")
    if file.exists() and not os.access(file, os.W_OK):
        raise UsageError(f"{file} cannot be written (Permission denied); choose another place.")
    with _beside(file.resolve()):
        pass


def put(file: Path, content: bytes) -> None:
    """Write a file, whole or not at all. Raises UsageError."""
    with _beside(file) as (stream, temporary):
        stream.write(content)
        stream.close()
        if file.exists():
            shutil.copymode(file, temporary)
        os.replace(temporary, file)


@contextmanager
def _beside(file: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file in the same folder, gone at the end unless it took the file's place."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            yield stream, temporary
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise UsageError(f"{file} cannot be written ({error.strerror or error}); choose another place.") from error
    finally:
        temporary.unlink(missing_ok=True)


def made(report: Report, records: Records, suffix: str) -> bytes:
    """What a file of this suffix holds."""
    from . import csv, html, json, jsonl, markdown, plot
    from .words import caption

    if suffix in (".png", ".svg"):
        return plot.picture(report, suffix[1:], caption(report))
    if suffix == ".json":
        return json.text(report, records).encode()
    writers = {".jsonl": jsonl.text, ".csv": csv.text, ".md": markdown.text, ".html": html.text}
    return writers[suffix](report).encode()
