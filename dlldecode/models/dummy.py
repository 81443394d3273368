"""Models of the published shapes with random weights, to measure speed where the weights are not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from ..errors import ModelError
from . import eight_bit
from .families import describe, read_config
from .fields import Config
from .home import Home, outline
from .hub import ALIASES, local
from .spec import ModelSpec
from .toy import ByteTokenizer, joined
from .trunk import Linear, Trunk
from .weights import place

DIGEST = "dummy"  # stands in records where real weights have their digest

LLADA: Config = {
    "model_type": "llada",
    "activation_type": "silu",
    "block_type": "llama",
    "d_model": 4096,
    "embedding_size": 126464,
    "eos_token_id": 126081,
    "include_bias": False,
    "include_qkv_bias": False,
    "layer_norm_type": "rms",
    "mask_token_id": 126336,
    "max_sequence_length": 4096,
    "mlp_hidden_size": 12288,
    "n_heads": 32,
    "n_kv_heads": 32,
    "n_layers": 32,
    "pad_token_id": 126081,
    "rms_norm_eps": 1e-5,
    "rope": True,
    "rope_full_precision": True,
    "rope_theta": 500000.0,
    "weight_tying": False,
}
DREAM: Config = {
    "model_type": "Dream",
    "eos_token_id": 151643,
    "hidden_act": "silu",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "mask_token_id": 151666,
    "max_position_embeddings": 131072,
    "num_attention_heads": 28,
    "num_hidden_layers": 28,
    "num_key_value_heads": 4,
    "pad_token_id": 151643,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "tie_word_embeddings": False,
    "vocab_size": 152064,
}


class DummyTokenizer(ByteTokenizer):
    """Bytes in; out come the ids themselves, since the text of random weights means nothing."""

    def decode(self, ids: list[int]) -> str:
        """Ids as words."""
        return " ".join(f"<{token}>" for token in ids)

    def chat(self, prompt: str, system: str | None = None, turns: Sequence[tuple[str, str]] = ()) -> list[int]:
        """The bytes of the texts; no template and no special tokens."""
        return self.encode(joined(prompt, system, turns))

    def encode(self, text: str) -> list[int]:
        """The bytes of a text."""
        return list(text.encode())


def spec_of(name: str) -> ModelSpec:
    """The shape of a model by alias, hub id or folder. Raises a ModelError for one whose shape is not known here."""
    folder = local(name)
    if folder is not None:
        return describe(read_config(folder))
    alias = next((alias for alias, known in ALIASES.items() if name in (alias, known)), None)
    if alias is None:
        raise ModelError(f"the shape of {name} is not known without its config.json; dummy knows {', '.join(ALIASES)}")
    spec = describe(LLADA if alias.startswith("llada") else DREAM)
    return replace(spec, stop_ids=(*spec.stop_ids, 126348 if spec.family == "llada" else 151645))


def build(spec: ModelSpec, home: Home) -> Trunk:
    """A trunk of random weights, drawn on the device from a fixed seed. Raises a DeviceError without the memory."""
    trunk = outline(spec, home)
    place(trunk, home)
    generator = torch.Generator(home.device).manual_seed(0)
    for module in trunk.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if isinstance(module, Linear) and module.scale is not None and name == "weight":
                drawn = torch.empty(parameter.shape, dtype=home.dtype, device=home.device)
                eight_bit.fill(parameter, module.scale, drawn.normal_(std=0.02, generator=generator))
            elif parameter.dim() > 1:
                parameter.normal_(std=0.02, generator=generator)
            elif name != "scale":
                parameter.fill_(1.0)
    return trunk
