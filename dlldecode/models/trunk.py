"""The transformer trunk that LLaDA and Dream share: RMS norms, rotary positions, gated MLP, attention both ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .kernels.operations import Frame, Hidden, Matrix, Norm, Operations, Sight
from .kernels.plain import Plain
from .spec import ModelSpec
from .store import Slots

EVERYTHING = Sight()


class RMSNorm(nn.Module):
    """The parameters of a root-mean-square norm."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    @property
    def data(self) -> Norm:
        """As the operations take them."""
        return Norm(self.weight, self.eps)


class Linear(nn.Linear):
    """The parameters of a product; a weight of 8 bits has `scale`s, one a row."""

    scale: nn.Parameter | None

    def __init__(self, channels: int, rows: int, bias: bool) -> None:
        super().__init__(channels, rows, bias=bias)
        self.register_parameter("scale", None)

    @property
    def data(self) -> Matrix:
        """As the operations take them."""
        return Matrix(self.weight, self.bias, self.scale)


class Attention(nn.Module):
    """The products around attention; queries, keys and values come from one."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.qkv = Linear(spec.width, (spec.heads + 2 * spec.kv_heads) * spec.head_size, bias=spec.qkv_bias)
        self.output = Linear(spec.width, spec.width, bias=False)


class GatedMLP(nn.Module):
    """SwiGLU's products; gate and up are one."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.gate_up = Linear(spec.width, 2 * spec.mlp_width, bias=False)
        self.down = Linear(spec.mlp_width, spec.width, bias=False)


class Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.attention_norm = RMSNorm(spec.width, spec.norm_eps)
        self.attention = Attention(spec)
        self.mlp_norm = RMSNorm(spec.width, spec.norm_eps)
        self.mlp = GatedMLP(spec)

    def forward(
        self,
        x: Hidden,
        with_: Operations,
        frame: Frame,
        slots: Slots | None = None,
        wanted: Int[Tensor, "B W"] | None = None,
    ) -> Hidden:
        """Attention, then MLP, each beside a residual; behind attention only the `wanted` columns go on."""
        qkv = with_.normed_linear(x, self.attention_norm.data, self.attention.qkv.data)
        mixed = with_.attend(qkv, self.spec, frame, slots, wanted)
        if wanted is not None:
            x = x.take_along_dim(wanted.unsqueeze(2), dim=1)
        x = with_.add_linear(mixed, self.attention.output.data, x)
        gated = with_.gated(x, self.mlp_norm.data, self.mlp.gate_up.data)
        return with_.add_linear(gated, self.mlp.down.data, x)


class Trunk(nn.Module):
    """Embedding, layers, final norm and head; `head` is called apart so that only wanted columns pay for it."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.operations: Operations = Plain()
        self._angles: tuple[Tensor, Tensor] | None = None
        # Drawing random numbers for a table on the meta device would import all of torch's compiler: two seconds.
        self.embedding = nn.Embedding.from_pretrained(torch.empty(spec.vocab_size, spec.width), freeze=False)
        self.layers = nn.ModuleList(Layer(spec) for _ in range(spec.layers))
        self.norm = RMSNorm(spec.width, spec.norm_eps)
        self.output = None if spec.tied else Linear(spec.width, spec.vocab_size, bias=False)

    def forward(self, tokens: Int[Tensor, "B L"]) -> Float[Tensor, "B L V"]:
        """Logits at every column of unpadded sequences; what training uses."""
        position = torch.arange(tokens.shape[1], device=tokens.device).unsqueeze(0)
        return self.head(self.hidden(self.embedding(tokens), position))

    def hidden(
        self,
        x: Hidden,
        position: Int[Tensor, "#B Q"],
        sight: Sight = EVERYTHING,
        memory: Sequence[Slots] = (),
        wanted: Int[Tensor, "B W"] | None = None,
    ) -> Hidden:
        """Hidden states of embedded tokens before the last norm; `position` counts from the first real token.

        `memory` holds every layer's slots where keys and values are kept. `wanted` are
        the places in the query whose states are asked for, None for all.
        """
        frame = Frame(*self.angles(), position, sight)
        last = len(self.layers) - 1
        for place, (layer, slots) in enumerate(zip_longest(self.layers, memory)):
            x = layer(x, self.operations, frame, slots, wanted if place == last else None)
        return x

    def normed(self, hidden: Hidden) -> Hidden:
        """Hidden states through the last norm."""
        return self.operations.norm(hidden, self.norm.data)

    def head(self, hidden: Hidden) -> Float[Tensor, "B Q V"]:
        """Logits of hidden states, through the last norm."""
        matrix = Matrix(self.embedding.weight) if self.output is None else self.output.data
        return self.operations.normed_linear(hidden, self.norm.data, matrix)

    def angles(self) -> tuple[Tensor, Tensor]:
        """Cosines and sines of every position, float32 whatever the weights' dtype; no buffers a loader could miss."""
        device = self.embedding.weight.device
        if self._angles is None or self._angles[0].device != device:
            half = torch.arange(0, self.spec.head_size, 2, device=device, dtype=torch.float32)
            frequency = 1.0 / (self.spec.rotary_base ** (half / self.spec.head_size))
            angle = torch.arange(self.spec.max_length, device=device).unsqueeze(1).float() * frequency
            self._angles = (angle.cos(), angle.sin())
        return self._angles
