"""LLaDA: a Llama trunk with its own names, rotated in float32, logits in place (https://arxiv.org/abs/2502.09992)."""

from __future__ import annotations

from . import fields
from .fields import Config
from .naming import published
from .spec import ModelSpec

TURN_END = "<|eot_id|>"

NEEDED = {
    "block_type": "llama",
    "layer_norm_type": "rms",
    "activation_type": "silu",
    "rope": True,
    "include_bias": False,
}
IDLE = {
    "alibi": False,
    "attention_layer_norm": False,
    "bias_for_layer_norm": False,
    "block_group_size": 1,
    "clip_qkv": None,
    "input_emb_norm": False,
    "layer_norm_with_affine": True,
    "multi_query_attention": False,
    "rope_scaling": None,
    "scale_logits": False,
    "sliding_window": None,
}
WHOLE = {
    "embedding": "model.transformer.wte",
    "norm": "model.transformer.ln_f",
    "output": "model.transformer.ff_out",
}
PER_LAYER = {
    "attention_norm": "attn_norm",
    "attention.query": "q_proj",
    "attention.key": "k_proj",
    "attention.value": "v_proj",
    "attention.output": "attn_out",
    "mlp_norm": "ff_norm",
    "mlp.gate": "ff_proj",
    "mlp.up": "up_proj",
    "mlp.down": "ff_out",
}


def describe(config: Config) -> ModelSpec:
    """The model that a LLaDA config.json speaks of; a ModelError names a missing or unsupported key."""
    fields.demand(config, NEEDED, IDLE)
    heads = fields.whole(config, "n_heads")
    return ModelSpec(
        family="llada",
        vocab_size=fields.whole(config, "embedding_size"),
        width=fields.whole(config, "d_model"),
        layers=fields.whole(config, "n_layers"),
        heads=heads,
        kv_heads=heads if config.get("n_kv_heads") is None else fields.whole(config, "n_kv_heads"),
        mlp_width=fields.whole(config, "mlp_hidden_size"),
        max_length=fields.whole(config, "max_sequence_length"),
        mask_id=fields.whole(config, "mask_token_id"),
        stop_ids=(fields.whole(config, "eos_token_id"),),
        pad_id=fields.whole(config, "pad_token_id"),
        norm_eps=fields.positive(config, "rms_norm_eps"),
        rotary_base=fields.positive(config, "rope_theta"),
        rotary_float32=fields.flag(config, "rope_full_precision"),
        qkv_bias=fields.flag(config, "include_qkv_bias"),
        tied=fields.flag(config, "weight_tying"),
    )


def tensor_names(spec: ModelSpec) -> dict[str, str]:
    """The published name of every part of `Trunk(spec)`'s parameters."""
    return published(spec, WHOLE, "model.transformer.blocks", PER_LAYER)
