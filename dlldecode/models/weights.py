"""Fill a trunk from safetensors, strictly, one shard at a time, straight into the device's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ..errors import ModelError
from . import eight_bit, memory
from .families import family_of
from .fields import Config
from .home import Home, outline
from .naming import parts
from .shards import Header, listed
from .spec import ModelSpec
from .trunk import Linear, Trunk

COPIED_ROWS = 16
FLOATS = ("F32", "F16", "BF16", "F64")


class Target(NamedTuple):
    """A parameter or a part of one, and the rows' scales where it has 8 bits."""

    tensor: Tensor
    scale: Tensor | None = None


def build(spec: ModelSpec, config: Config, files: list[Header], home: Home) -> Trunk:
    """A trunk at its home, every parameter filled from the files and every tensor of the files used.

    Host memory holds at most one shard beside the model. Raises a ModelError that lists what does not fit, and a
    DeviceError where the weights are more than the device has free.
    """
    trunk = outline(spec, home)
    published = family_of(config).tensor_names(spec)
    pieces = parts(spec, trunk.named_parameters())
    check({name: piece for name, piece in pieces.items() if not name.endswith(".scale")}, published, files)
    place(trunk, home)
    pieces = parts(spec, trunk.named_parameters())
    targets = {
        theirs: Target(pieces[ours], pieces.get(f"{ours.removesuffix('.weight')}.scale"))
        for ours, theirs in published.items()
    }
    # One wait for the device at the end, not one per tensor.
    sound = torch.cat([fill(targets, head) for head in files if head.entries]).to("cpu")
    broken = [name for name, fine in zip(order(files), sound, strict=True) if not fine]
    if broken:
        raise ModelError(f"the weights hold NaN or infinite values as {home.name}: {listed(broken)}; take another copy")
    return trunk


def place(trunk: Trunk, home: Home) -> None:
    """Give every parameter memory on its device, still unwritten. Raises a DeviceError where it has too little.

    On the CPU in float32 the products' weights lie by channel, not by row: few columns are up to twice as fast.
    """
    memory.expect(trunk, home)
    by_channel = home.device.type == "cpu" and home.dtype == torch.float32
    for module in trunk.modules():
        for name, parameter in module.named_parameters(recurse=False):
            is_turned = by_channel and isinstance(module, Linear) and parameter.dim() == 2
            shape = parameter.shape[::-1] if is_turned else parameter.shape
            empty = torch.empty(shape, dtype=parameter.dtype, device=home.device)
            setattr(module, name, nn.Parameter(empty.t() if is_turned else empty, requires_grad=False))
    trunk.eval()


def order(files: list[Header]) -> list[str]:
    """Tensor names in the order in which they are read."""
    return [name for head in files for name in head.entries]


def fill(targets: Mapping[str, Target], head: Header) -> Tensor:
    """Copy one file's tensors into their parameters; says of each, on the device, whether all its values are finite."""
    sound = []
    try:
        with safe_open(head.file, framework="pt", device="cpu") as shard:
            for name in head.entries:
                sound.append(copy(shard.get_tensor(name), targets[name]))
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{head.file} cannot be read ({error}); download it again") from error
    return torch.stack(sound)


def copy(source: Tensor, target: Target) -> Tensor:
    """Copy a tensor into its parameter; says, on the device, whether all values there are finite.

    A parameter that lies by channel is filled in pieces, since a copy that turns needs a temporary of its size.
    """
    tensor, scale = target
    if scale is not None:
        exact = source.to(tensor.device)
        eight_bit.fill(tensor, scale, exact)
        return is_finite(exact)
    if tensor.is_contiguous():
        tensor.copy_(source)
        return is_finite(tensor)
    pieces = list(zip(source.split(COPIED_ROWS), tensor.split(COPIED_ROWS), strict=True))
    for fresh, part in pieces:
        part.copy_(fresh)
    if source.dtype != torch.float64:  # nothing became infinite on the way
        return is_finite(source)
    return torch.stack([is_finite(fresh.to(tensor.dtype)) for fresh, _ in pieces]).all()


def is_finite(tensor: Tensor) -> Tensor:
    """Whether all values are finite: the extremes carry NaN along, and need no temporary of the tensor's size."""
    return torch.stack(torch.aminmax(tensor)).isfinite().all()


def check(parameters: Mapping[str, Tensor], published: dict[str, str], files: list[Header]) -> None:
    """Compare what the trunk needs with what the files announce; all problems in one ModelError."""
    needed = {published[name]: tuple(parameter.shape) for name, parameter in parameters.items()}
    found = {name: entry for head in files for name, entry in head.entries.items()}
    shared = [name for name in needed if name in found]
    problems = {
        "missing": [name for name in needed if name not in found],
        "not expected": [name for name in found if name not in needed],
        "in two files": repeated(files),
        "of another shape": [
            f"{name} {list(found[name].shape)} instead of {list(needed[name])}"
            for name in shared
            if found[name].shape != needed[name]
        ],
        "of a dtype that is not read": [
            f"{name} {found[name].dtype}" for name in shared if found[name].dtype not in FLOATS
        ],
    }
    said = [f"{len(names)} {kind} ({listed(names)})" for kind, names in problems.items() if names]
    if said:
        where = files[0].file.parent
        raise ModelError(
            f"the tensors in {where} do not fit its config.json: {'; '.join(said)}; take a complete, unquantised copy"
        )


def repeated(files: list[Header]) -> list[str]:
    """Tensors that more than one file holds."""
    names = order(files)
    return sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
