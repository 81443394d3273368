"""The published names of a trunk's parameters, from what a family calls its parts."""

from __future__ import annotations

from collections.abc import Mapping

from .spec import ModelSpec

BIASED = ("attention.query", "attention.key", "attention.value")


def published(spec: ModelSpec, whole: Mapping[str, str], layers: str, part: Mapping[str, str]) -> dict[str, str]:
    """The published name of every parameter of `Trunk(spec)`.

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
