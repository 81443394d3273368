"""What models take of memory, as the engine reckons it."""

from __future__ import annotations

import torch

from dlldecode.engine import memory
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.models import dummy
from dlldecode.models.home import Home, outline
from dlldecode.models.memory import weights
from dlldecode.models.network import Network

from .markdown import table

META = torch.device("meta")
HOMES = {
    "float32": Home(META, torch.float32),
    "bfloat16": Home(META, torch.bfloat16),
    "fp8": Home(META, torch.bfloat16, is_eight_bit=True),
}
SIZES = [memory.Size(rows, prompt, canvas) for rows, prompt, canvas in ((1, 128, 256), (1, 1024, 1024), (8, 256, 512))]


def memory_table() -> str:
    """Gigabytes of the weights by dtype, and of a batch beside them with and without a cache."""
    batches = [
        f"{size.rows} of {size.prompt} + {size.canvas}, `{cache}`" for size in SIZES for cache in ("none", "dual")
    ]
    return table([["model", *(f"weights, {name}" for name in HOMES), *batches], *map(memory_row, ("llada", "dream"))])


def memory_row(alias: str) -> list[str]:
    """What a model takes."""
    spec = dummy.spec_of(alias)
    trunks = [outline(spec, home) for home in HOMES.values()]
    network = Network(trunks[1], dummy.DummyTokenizer(), alias, None, dummy.DIGEST)
    recipes = [
        (size, build(Settings(max_tokens=size.canvas, cache=cache), "threshold"))
        for size in SIZES
        for cache in ("none", "dual")
    ]
    batches = [memory.needed(network, recipe, size) for size, recipe in recipes]
    return [f"`{alias}`", *(f"{each / 1e9:.1f}" for each in [*map(weights, trunks), *batches])]
