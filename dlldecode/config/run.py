"""Where and on what a command runs: the settings that no preset holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge
from typing_extensions import Doc


@dataclass(frozen=True)
class RunSettings:
    """The model, the machine and the width of a batch."""

    model: Annotated[str, Doc("alias, hub id or folder")] = "tiny"
    revision: Annotated[str | None, Doc("commit, branch or tag on the hub")] = None
    device: Annotated[str, Doc("auto, cpu, cuda, cuda:1 ...; auto takes CUDA when present")] = "auto"
    dtype: Annotated[
        Literal["auto", "float32", "bfloat16", "float16", "fp8"],
        Doc("precision of the weights; auto follows the device; fp8: products of the layers in 8 bits, on CUDA"),
    ] = "auto"
    batch_size: Annotated[int, Ge(1), Doc("prompts decoded together")] = 1
    graphs: Annotated[
        Literal["auto", "on", "off"],
        Doc("compile the steps and capture them as CUDA graphs; auto does so on CUDA; off launches every kernel apart"),
    ] = "auto"
    load: Annotated[
        Literal["weights", "dummy"], Doc("dummy: random weights of the right shapes, to measure speed; text is noise")
    ] = "weights"
    offline: Annotated[bool, Doc("never use the network")] = False
