"""A model described by data, never by its class name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSpec:
    """Everything that differs between full-attention masked diffusion transformers.

    `shifted`: the output at column i speaks of column i + 1 (Dream). `rotary_float32`: queries and keys are rotated
    in float32 whatever the weights' dtype (LLaDA). `stop_ids`: tokens that end an answer, end-of-text first.
    `attention_block`: 0 for full attention, else the block size of block-causal attention.
    """

    family: str
    vocab_size: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    mlp_width: int
    max_length: int
    mask_id: int
    stop_ids: tuple[int, ...]
    pad_id: int
    norm_eps: float = 1e-5
    rotary_base: float = 500_000.0
    rotary_float32: bool = True
    qkv_bias: bool = False
    tied: bool = False
    shifted: bool = False
    attention_block: int = 0

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads

    @property
    def end_of_text(self) -> int:
        """The token that fills the canvas after an answer."""
        return self.stop_ids[0]
