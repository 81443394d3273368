"""Stopping, going on, and writing weights under LLaDA's names in small safetensors files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from dlldecode.models import llada
from dlldecode.models.naming import parts
from dlldecode.models.trunk import Trunk

FILE_BYTES = 15 * 1024**2
NAME = "checkpoint.pt"


def save(folder: Path, state: dict[str, Any]) -> None:
    """Write everything needed to go on; an interrupted write leaves the former file whole."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state, folder / f"{NAME}.part")
    (folder / f"{NAME}.part").replace(folder / NAME)


def restore(folder: Path, device: str) -> dict[str, Any]:
    """Read what `save` wrote."""
    state: dict[str, Any] = torch.load(folder / NAME, map_location=device, weights_only=True)
    return state


def read(folder: Path, trunk: Trunk) -> None:
    """Fill a trunk with weights that `export` wrote."""
    targets = parts(trunk.spec, trunk.named_parameters())
    names = {theirs: ours for ours, theirs in llada.tensor_names(trunk.spec).items()}
    with torch.no_grad():
        for file in sorted(folder.glob("model-*.safetensors")):
            for name, tensor in load_file(file).items():
                targets.pop(names[name]).copy_(tensor)
    assert not targets, sorted(targets)


def split(tensors: dict[str, Tensor], most: int) -> list[dict[str, Tensor]]:
    """Part tensors, in order, into groups of at most so many bytes."""
    groups: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors.items():
        if size + tensor.nbytes > most and groups[-1]:
            groups.append({})
            size = 0
        groups[-1][name] = tensor
        size += tensor.nbytes
    return groups


def export(folder: Path, trunk: Trunk, weights: dict[str, Tensor], file_bytes: int = FILE_BYTES) -> None:
    """Write bfloat16 weights (`weights` named like the trunk's parameters) as safetensors files with their index."""
    folder.mkdir(parents=True, exist_ok=True)
    names = llada.tensor_names(trunk.spec)
    pieces = parts(trunk.spec, weights.items())
    tensors = {names[name]: piece.detach().to("cpu", torch.bfloat16).contiguous() for name, piece in pieces.items()}
    groups = split(tensors, file_bytes)
    for old in folder.glob("model-*.safetensors"):
        old.unlink()
    places: dict[str, str] = {}
    for number, group in enumerate(groups, 1):
        file = f"model-{number:05d}-of-{len(groups):05d}.safetensors"
        save_file(group, folder / file, metadata={"format": "pt"})
        (folder / file).chmod(0o644)  # safetensors writes for the owner alone, and packages keep the mode
        places |= dict.fromkeys(group, file)
    index = {"metadata": {"total_size": sum(tensor.nbytes for tensor in tensors.values())}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
