"""The safetensors files of a model folder: which tensors they claim to hold, checked before any weight is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from ..errors import ModelError
from .families import read_object

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
LARGEST_HEADER = 100_000_000
SAMPLES, SAMPLE_BYTES = 16, 4096


class Entry(NamedTuple):
    """One tensor as the header of its file announces it; `dtype` in the format's own spelling, such as BF16."""

    file: Path
    dtype: str
    shape: tuple[int, ...]


class Header(NamedTuple):
    """The head of one file: its bytes, and what they announce."""

    file: Path
    raw: bytes
    entries: dict[str, Entry]


def headers(folder: Path) -> list[Header]:
    """The heads of all weight files of a folder, in the order of their names.

    Raises a ModelError for missing, cut or damaged files, and for an index that its files contradict.
    """
    index = read_object(folder / INDEX)
    if (folder / SINGLE).is_file() or index is None:
        return [header(single(folder))]
    placed = weight_map(folder, index)
    names = sorted(set(placed.values()))
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder} lacks {listed(missing)} named in {INDEX}; download the model again")
    found = [header(folder / name) for name in names]
    absent = [name for name, file in placed.items() if not any(name in h.entries for h in found if h.file.name == file)]
    if absent:
        raise ModelError(f"{folder / INDEX} names tensors its files lack: {listed(absent)}; download the model again")
    return found


def single(folder: Path) -> Path:
    """The one weight file of a folder without an index."""
    path = folder / SINGLE
    if path.is_file():
        return path
    pickles = sorted(file.name for file in folder.glob("*") if file.suffix in {".bin", ".pt", ".pth", ".ckpt"})
    if pickles:
        raise ModelError(
            f"{folder} holds its weights as pickles ({listed(pickles)}), which can run code; only safetensors are "
            "read: convert them or take a copy with safetensors"
        )
    raise ModelError(f"{folder} has neither {SINGLE} nor {INDEX}; download the model's weights")


def weight_map(folder: Path, index: dict[str, object]) -> dict[str, str]:
    """Tensor name to file name, from the index; names that would leave the folder are refused."""
    placed = index.get("weight_map")
    if not isinstance(placed, dict) or not placed:
        raise ModelError(f"{folder / INDEX} has no weight_map; download it again")
    strange = sorted({str(file) for file in placed.values() if not plain(file)})
    if strange:
        raise ModelError(f"{folder / INDEX} names files outside the folder: {listed(strange)}; do not trust this copy")
    return placed


def plain(name: object) -> bool:
    """Whether a name is that of a safetensors file lying directly in the folder."""
    return isinstance(name, str) and "/" not in name and "\\" not in name and name.endswith(".safetensors")


def header(path: Path) -> Header:
    """Read the head of one file and check that the file is as long as its head says."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        raw = file.read(size) if size <= LARGEST_HEADER else b""
    try:
        table = json.loads(raw)
        table.pop("__metadata__", None)
        entries = {name: Entry(path, item["dtype"], tuple(item["shape"])) for name, item in table.items()}
        end = 8 + size + max((item["data_offsets"][1] for item in table.values()), default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ModelError(f"{path} is cut short or no safetensors file; download it again") from error
    if path.stat().st_size != end:
        raise ModelError(
            f"{path} has {path.stat().st_size} bytes of {end}: it is cut short or damaged; download it again"
        )
    return Header(path, raw, entries)


def fingerprint(files: list[Header]) -> str:
    """A cheap digest of the weights: names, sizes and heads of the files, and 16 samples of 4 KiB from each.

    It tells checkpoints apart without reading gigabytes; it is no proof against deliberate changes.
    """
    digest = hashlib.sha256()
    for head in files:
        size = head.file.stat().st_size
        digest.update(f"{head.file.name} {size}\n".encode() + head.raw)
        start = 8 + len(head.raw)
        span = max(0, size - start - SAMPLE_BYTES)
        with head.file.open("rb") as file:
            for sample in range(SAMPLES):
                file.seek(start + span * sample // (SAMPLES - 1))
                digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()


def listed(names: list[str], most: int = 3) -> str:
    """The first few names and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
