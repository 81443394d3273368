"""The lines of a task: from a generator, from files, or from the Hugging Face hub."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import UsageError
from .task import FOLDER, Split, Task

Doc = dict[str, Any]


class Line(NamedTuple):
    """One line of data, and where it stands if that is a file."""

    doc: Doc
    place: str = ""


def lines(task: Task, split: Split = "test", folder: Path | None = None, offline: bool = False) -> list[Line]:
    """Every line of a split, before anything is left out. Raises UsageError where the data are missing or broken."""
    if task.generator is not None:
        return _generated(task.generator, split)
    file = file_of(task, split, folder)
    if file is not None:
        return list(_read(file))
    return _from_hub(task, split, offline)


def file_of(task: Task, split: Split, folder: Path | None) -> Path | None:
    """The file of a split: below the data folder, or beside a user's own task; None where the hub is to be asked."""
    name = task.data_files.get(split)
    if name is None:
        if task.dataset_path is None or folder is not None:
            raise UsageError(
                f"task {task.task} names no file for its {split} lines; add data_files: {{{split}: FILE}}."
            )
        return None
    own = task.folder if task.folder != FOLDER else None
    for place in (folder, own):
        if place is not None and (place / name).is_file():
            return place / name
    if folder is not None or own is not None:
        raise UsageError(f"task {task.task} needs {(folder or own or Path()) / name}, which is not there.")
    return None


def _generated(family: str, split: Split) -> list[Line]:
    from ..tiny.data import heldout, problems

    found = heldout(family) if split == "test" else problems(family, 0, 16)
    return [Line(asdict(problem)) for problem in found]


def _read(path: Path) -> Iterator[Line]:
    """Lines of a .jsonl or .csv file, gzipped or not. Raises UsageError with the line that does not parse."""
    try:
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if ".csv" in path.suffixes:
        reader = csv.DictReader(io.StringIO(text))
        yield from (Line(doc, f"{path}, line {reader.line_num}") for doc in reader)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{path}, line {number}"
            yield Line(_object(place, line), place)


def _object(place: str, line: str) -> Doc:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{place} is not JSON ({error}); mend or remove it.") from None
    if not isinstance(found, dict):
        raise UsageError(f"{place} is not a JSON object; mend or remove it.")
    return found


def _from_hub(task: Task, split: Split, offline: bool) -> list[Line]:
    file = task.data_files.get(split)
    local = f"the folder that holds {file} with --data-dir" if file else "a task file with data_files"
    if offline:
        raise UsageError(f"task {task.task} needs its data, and --offline is set; give {local}.")
    try:
        from datasets import load_dataset
    except ImportError:
        raise UsageError(
            f"task {task.task} needs its data: give {local}, or let it be fetched from the hub"
            f" ({task.dataset_path}) after pip install 'dlldecode[bench]'."
        ) from None
    name = task.test_split if split == "test" else task.fewshot_split
    try:
        found = load_dataset(task.dataset_path, task.dataset_name, split=name, revision=task.revision)
    except Exception as error:  # the library raises whatever its many parts raise
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{task.dataset_path} could not be had from the hub ({reason}); give {local}.") from None
    return [Line(dict(doc)) for doc in found]
