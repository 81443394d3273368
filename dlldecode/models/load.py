"""From a name to a model on a device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from ..errors import DeviceError, ModelError, UsageError
from . import dummy
from .families import describe, family_of, read_config
from .fields import Config
from .home import Home
from .hub import resolve
from .kernels.choose import operations
from .network import Network
from .shards import fingerprint, headers
from .spec import ModelSpec
from .tokenizer import CoreTokenizer, read_tokenizer
from .weights import build

DTYPES = {
    "float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "fp8": torch.bfloat16
}  # fmt: skip


def load(
    name: str = "tiny", *, device: str = "auto", dtype: str = "auto", revision: str | None = None, offline: bool = False
) -> Network:
    """A model by alias, hub id or folder, ready to decode.

    `device`: auto (CUDA when present), cpu, cuda or cuda:N. `dtype`: auto (float32 on the CPU, bfloat16 on CUDA),
    float32, bfloat16, float16, or fp8 (products of the layers in 8 bits, on CUDA). Raises a ModelError, a DeviceError,
    or a UsageError for an unknown device or dtype.
    """
    home = pick_home(device, dtype)
    source = resolve(name, revision, offline)
    config = read_config(source.folder)
    spec = describe(config)
    files = headers(source.folder)
    tokenizer = read_tokenizer(source.folder, light=source.is_bundled)
    spec = complete(spec, config, tokenizer)
    with memory_guard(name, home):
        trunk = build(spec, config, files, home)
    trunk.operations = operations(home.device, home.dtype)
    return Network(trunk, tokenizer, source.name, source.revision, fingerprint(files))


def load_dummy(name: str = "llada", *, device: str = "auto", dtype: str = "auto") -> Network:
    """A model of the shape that a name stands for, with random weights: for speed, not for text."""
    home = pick_home(device, dtype)
    with memory_guard(name, home):
        trunk = dummy.build(dummy.spec_of(name), home)
    trunk.operations = operations(home.device, home.dtype)
    return Network(trunk, dummy.DummyTokenizer(), name, None, dummy.DIGEST)


@contextmanager
def memory_guard(wanted: str, home: Home) -> Iterator[None]:
    """Turn the device's running out of memory into a DeviceError that names the remedies."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"{home.device} has too little memory for {wanted} in {home.name}; "
            "take --dtype bfloat16, a smaller model or another device"
        ) from error


def complete(spec: ModelSpec, config: Config, tokenizer: CoreTokenizer) -> ModelSpec:
    """The description with the end of a turn among the stops; a ModelError when the tokenizer is another model's."""
    if tokenizer.size > spec.vocab_size:
        raise ModelError(
            f"the tokenizer has {tokenizer.size} entries and the model {spec.vocab_size}: "
            "their files do not belong together"
        )
    turn_end = tokenizer.token_id(family_of(config).TURN_END)
    if turn_end is None or turn_end in spec.stop_ids:
        return spec
    return replace(spec, stop_ids=(*spec.stop_ids, turn_end))


def pick_device(name: str) -> torch.device:
    """The device of that name; a DeviceError when this machine has none."""
    present = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        return torch.device("cuda" if present else "cpu")
    kind, _, index = name.partition(":")
    if kind not in {"cpu", "cuda"} or (index and not index.isdecimal()):
        raise UsageError(f"there is no device {name!r}; choose auto, cpu, cuda or cuda:N")
    if kind == "cuda" and int(index or 0) >= present:
        raise DeviceError(
            f"device {name} was asked for, but torch finds {present} CUDA devices here; choose auto or cpu"
        )
    return torch.device(name)


def pick_home(device: str, dtype: str) -> Home:
    """The device and the dtype of those names."""
    place = pick_device(device)
    return Home(place, pick_dtype(dtype, place), dtype == "fp8")


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    """The dtype of that name."""
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name == "fp8" and device.type != "cuda":
        raise DeviceError(f"dtype fp8 needs a CUDA device, and the model goes to the {device.type}; take --dtype auto")
    if name not in DTYPES:
        raise UsageError(f"there is no dtype {name!r}; choose auto, {', '.join(DTYPES)}")
    return DTYPES[name]
