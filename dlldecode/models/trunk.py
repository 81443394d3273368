"""The transformer trunk that LLaDA and Dream share: RMS norms, rotary positions, gated MLP, attention both ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from .spec import ModelSpec
from .store import Slots

Hidden = Float[Tensor, "B Q D"]
Heads = Float[Tensor, "B H Q E"]


class Rotary(NamedTuple):
    """Cosines and sines for every computed position, `[B or 1, 1, Q, E]`, float32."""

    cos: Tensor
    sin: Tensor


class RMSNorm(nn.Module):
    """Root-mean-square norm, taken in float32 and scaled in the model's dtype."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight * wide.to(x.dtype)


class Attention(nn.Module):
    """Grouped-query attention in which every column sees every visible column."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_size = spec.heads, spec.kv_heads, spec.head_size
        self.rotary_float32 = spec.rotary_float32
        kv_width = spec.kv_heads * spec.head_size
        self.query = nn.Linear(spec.width, spec.width, bias=spec.qkv_bias)
        self.key = nn.Linear(spec.width, kv_width, bias=spec.qkv_bias)
        self.value = nn.Linear(spec.width, kv_width, bias=spec.qkv_bias)
        self.output = nn.Linear(spec.width, spec.width, bias=False)

    def forward(
        self, x: Hidden, rotary: Rotary, visible: Bool[Tensor, "B 1 1 L"] | None, slots: Slots | None = None
    ) -> Hidden:
        """Mix the columns of `x` with one another, or with all that `slots` hold.

        `visible` hides padding, None hides nothing (and keeps the flash kernels).
        """
        # Queries and keys are turned together: half the kernels.
        both = self.split(torch.cat((self.query(x), self.key(x)), dim=-1), self.heads + self.kv_heads)
        query, key = self.rotate(both, rotary).split((self.heads, self.kv_heads), dim=1)
        value = self.split(self.value(x), self.kv_heads)
        if slots is not None:
            key, value = slots.exchange(key, value)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=visible, enable_gqa=self.heads != self.kv_heads
        )
        output: Hidden = self.output(mixed.transpose(1, 2).flatten(2))
        return output

    def split(self, x: Hidden, heads: int) -> Heads:
        """Give every head its own axis."""
        apart: Heads = x.unflatten(2, (heads, self.head_size)).transpose(1, 2)
        return apart

    def rotate(self, x: Heads, rotary: Rotary) -> Heads:
        """Turn pairs of channels by the position's angles, in float32 or in the model's dtype."""
        dtype = torch.float32 if self.rotary_float32 else x.dtype
        wide, cos, sin = x.to(dtype), rotary.cos.to(dtype), rotary.sin.to(dtype)
        left, right = wide.chunk(2, dim=-1)
        return (wide * cos + torch.cat((-right, left), dim=-1) * sin).to(x.dtype)


class GatedMLP(nn.Module):
    """SwiGLU."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.gate = nn.Linear(spec.width, spec.mlp_width, bias=False)
        self.up = nn.Linear(spec.width, spec.mlp_width, bias=False)
        self.down = nn.Linear(spec.mlp_width, spec.width, bias=False)

    def forward(self, x: Hidden) -> Hidden:
        """Mix the channels of every column."""
        output: Hidden = self.down(functional.silu(self.gate(x)) * self.up(x))
        return output


class Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(spec.width, spec.norm_eps)
        self.attention = Attention(spec)
        self.mlp_norm = RMSNorm(spec.width, spec.norm_eps)
        self.mlp = GatedMLP(spec)

    def forward(
        self, x: Hidden, rotary: Rotary, visible: Bool[Tensor, "B 1 1 L"] | None, slots: Slots | None = None
    ) -> Hidden:
        """Attention, then MLP, each beside a residual."""
        x = x + self.attention(self.attention_norm(x), rotary, visible, slots)
        output: Hidden = x + self.mlp(self.mlp_norm(x))
        return output


class Trunk(nn.Module):
    """Embedding, layers, final norm and head; `head` is called apart so that only wanted columns pay for it."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        # Drawing random numbers for a table on the meta device would import all of torch's compiler: two seconds.
        self.embedding = nn.Embedding.from_pretrained(torch.empty(spec.vocab_size, spec.width), freeze=False)
        self.layers = nn.ModuleList(Layer(spec) for _ in range(spec.layers))
        self.norm = RMSNorm(spec.width, spec.norm_eps)
        self.output = None if spec.tied else nn.Linear(spec.width, spec.vocab_size, bias=False)

    def forward(self, tokens: Int[Tensor, "B L"]) -> Float[Tensor, "B L V"]:
        """Logits at every column of unpadded sequences; what training uses."""
        position = torch.arange(tokens.shape[1], device=tokens.device).unsqueeze(0)
        return self.head(self.hidden(tokens, position))

    def hidden(
        self,
        tokens: Int[Tensor, "B Q"],
        position: Int[Tensor, "#B Q"],
        visible: Bool[Tensor, "B L"] | None = None,
        memory: Sequence[Slots] = (),
    ) -> Hidden:
        """Final hidden states; `position` counts from the first real token, `visible` is False on padding.

        `memory` holds every layer's slots where keys and values are kept.
        """
        rotary = self.rotary(position)
        seen = None if visible is None else visible[:, None, None, :]
        x = self.embedding(tokens)
        for layer, slots in zip_longest(self.layers, memory):
            x = layer(x, rotary, seen, slots)
        output: Hidden = self.norm(x)
        return output

    def head(self, hidden: Float[Tensor, "B W D"]) -> Float[Tensor, "B W V"]:
        """Logits of hidden states."""
        weight = self.embedding.weight if self.output is None else self.output.weight
        return functional.linear(hidden, weight)

    def rotary(self, position: Int[Tensor, "#B Q"]) -> Rotary:
        """Angles of every position, float32 whatever the weights' dtype; no buffers that a loader could miss."""
        half = torch.arange(0, self.spec.head_size, 2, device=position.device, dtype=torch.float32)
        frequency = 1.0 / (self.spec.rotary_base ** (half / self.spec.head_size))
        angle = position[:, None, :, None].float() * frequency
        angle = torch.cat((angle, angle), dim=-1)
        return Rotary(angle.cos(), angle.sin())
