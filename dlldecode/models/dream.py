"""Dream: a Qwen2 trunk seen both ways, logits shifted by one column (https://arxiv.org/abs/2508.15487)."""

from __future__ import annotations

from . import fields
from .fields import Config
from .naming import published
from .spec import ModelSpec

TURN_END = "<|im_end|>"

NEEDED = {"hidden_act": "silu"}
IDLE = {
    "attention_bias": True,
    "block_size": None,
    "rope_scaling": None,
    "use_mrope": False,
    "use_sliding_window": False,
}
WHOLE = {"embedding": "model.embed_tokens", "norm": "model.norm", "output": "lm_head"}
PER_LAYER = {
    "attention_norm": "input_layernorm",
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "mlp_norm": "post_attention_layernorm",
    "mlp.gate": "mlp.gate_proj",
    "mlp.up": "mlp.up_proj",
    "mlp.down": "mlp.down_proj",
}


def describe(config: Config) -> ModelSpec:
    """The model that a Dream config.json speaks of; a ModelError names a missing or unsupported key."""
    width, heads = fields.whole(config, "hidden_size"), fields.whole(config, "num_attention_heads")
    fields.demand(config, NEEDED, {**IDLE, "head_dim": width // max(heads, 1)})
    return ModelSpec(
        family="dream",
        vocab_size=fields.whole(config, "vocab_size"),
        width=width,
        layers=fields.whole(config, "num_hidden_layers"),
        heads=heads,
        kv_heads=fields.whole(config, "num_key_value_heads"),
        mlp_width=fields.whole(config, "intermediate_size"),
        max_length=fields.whole(config, "max_position_embeddings"),
        mask_id=fields.whole(config, "mask_token_id"),
        stop_ids=(fields.whole(config, "eos_token_id"),),
        pad_id=fields.whole(config, "pad_token_id"),
        norm_eps=fields.positive(config, "rms_norm_eps"),
        rotary_base=fields.positive(config, "rope_theta"),
        rotary_float32=False,
        qkv_bias=True,
        tied=fields.flag(config, "tie_word_embeddings"),
        shifted=True,
    )


def tensor_names(spec: ModelSpec) -> dict[str, str]:
    """The published name of every part of `Trunk(spec)`'s parameters."""
    return published(spec, WHOLE, "model.layers", PER_LAYER)
