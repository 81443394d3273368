"""The published names of a trunk's parameters, from what a family calls its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor

from .spec import ModelSpec

BIASED = ("attention.query", "attention.key", "attention.value")


def published(spec: ModelSpec, whole: Mapping[str, str], layers: str, part: Mapping[str, str]) -> dict[str, str]:
    """The published name of every part of `Trunk(spec)`'s parameters, by the names that `parts` gives.

    `whole` names what there is once, `part` what every layer has; `layers` is the folder of the layers.
    """
    once = {ours: theirs for ours, theirs in whole.items() if not (spec.tied and ours == "output")}
    names = {f"{ours}.weight": f"{theirs}.weight" for ours, theirs in once.items()}
    for layer in range(spec.layers):
        for ours, theirs in part.items():
            names[f"layers.{layer}.{ours}.weight"] = f"{layers}.{layer}.{theirs}.weight"
            if spec.qkv_bias and ours in BIASED:
                names[f"layers.{layer}.{ours}.bias"] = f"{layers}.{layer}.{theirs}.bias"
    return names


def parts(spec: ModelSpec, parameters: Iterable[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """Tensors named like a trunk's parameters, those of joint products cut (as views) into what checkpoints hold."""
    kv_width = spec.kv_heads * spec.head_size
    joint = {
        "attention.qkv": (("query", "key", "value"), (spec.width, kv_width, kv_width)),
        "mlp.gate_up": (("gate", "up"), (spec.mlp_width, spec.mlp_width)),
    }
    found: dict[str, Tensor] = {}
    for name, tensor in parameters:
        *layer, group, part, kind = ["", "", "", *name.split(".")]
        names, sizes = joint.get(f"{group}.{part}", ((part,), (len(tensor),)))
        prefix = ".".join(word for word in (*layer, group) if word)
        for own, piece in zip(names, tensor.split(sizes), strict=True):
            found[".".join(word for word in (prefix, own, kind) if word)] = piece
    return found
