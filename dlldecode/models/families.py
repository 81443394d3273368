"""From a model folder's config.json to the module of its family, found by file name, and to its description."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from ..errors import ModelError
from .fields import Config
from .spec import ModelSpec

FAMILIES = ("dream", "llada")


@runtime_checkable
class Family(Protocol):
    """What the module of a family offers."""

    TURN_END: str

    def describe(self, config: Config) -> ModelSpec:
        """The model that a config.json speaks of."""
        ...

    def tensor_names(self, spec: ModelSpec) -> dict[str, str]:
        """The published name of every part of the trunk's parameters."""
        ...


def family_of(config: Config) -> Family:
    """The module named after the config's `model_type`; a ModelError when the package has none."""
    model_type = config.get("model_type")
    name = str(model_type).lower()
    if name not in FAMILIES:
        raise ModelError(f"config.json has model_type = {model_type!r}; the supported model types are llada and Dream")
    return cast("Family", import_module(f".{name}", __package__))


def describe(config: Config) -> ModelSpec:
    """The checked description of a model of any supported family."""
    spec = family_of(config).describe(config)
    problem = next((text for wrong, text in contradictions(spec) if wrong), None)
    if problem is not None:
        raise ModelError(f"config.json contradicts itself: {problem}")
    return spec


def contradictions(spec: ModelSpec) -> list[tuple[bool, str]]:
    """Each thing that cannot be true of a model, whether it is, in words."""
    sizes = (spec.vocab_size, spec.width, spec.layers, spec.heads, spec.kv_heads, spec.mlp_width, spec.max_length)
    ids = (spec.mask_id, spec.pad_id, *spec.stop_ids)
    if min(sizes) < 1:
        return [(True, f"a size is 0 among {sizes}")]
    return [
        (spec.width % (2 * spec.heads) > 0, f"{spec.heads} heads do not share a width of {spec.width}"),
        (spec.heads % spec.kv_heads > 0, f"{spec.kv_heads} key heads do not share {spec.heads} query heads"),
        (max(ids) >= spec.vocab_size, f"a special token among {ids} is outside {spec.vocab_size} entries"),
        (spec.mask_id in spec.stop_ids, f"token {spec.mask_id} is both the mask and a stop"),
    ]


def read_config(folder: Path) -> Config:
    """The folder's config.json; a ModelError when folder or file is missing or the file cannot be read."""
    if not folder.is_dir():
        raise ModelError(f"{folder} is no folder; give an alias, a hub id or a folder that holds config.json")
    config = read_object(folder / "config.json")
    if config is None:
        raise ModelError(f"{folder} has no config.json; give a folder in the Hugging Face layout")
    return config


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file, None when there is no such file; a ModelError when it holds something else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as JSON ({error}); download it again") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} holds no JSON object but a {type(value).__name__}; download it again")
    return value
