"""A trunk behind the interface that the engine asks for: one forward, logits where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..core.shapes import Chances, Logits
from . import memory
from .adapter import Query, Store
from .kernels.operations import Shadow, Sight
from .spec import ModelSpec
from .store import KeyValues
from .tokenizer import CoreTokenizer
from .toy import ByteTokenizer
from .trunk import Trunk


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded model.

    `name` as it was asked for; `revision` the hub's commit, None for folders; `weights` a digest of the files;
    `dtype` and `device` as torch spells them.
    """

    trunk: Trunk
    tokenizer: CoreTokenizer | ByteTokenizer
    name: str
    revision: str | None
    weights: str

    @property
    def spec(self) -> ModelSpec:
        """What the model is."""
        return self.trunk.spec

    @property
    def device(self) -> str:
        """Where it lives."""
        return str(self.trunk.embedding.weight.device)

    @property
    def dtype(self) -> str:
        """In which floating point type it computes."""
        is_small = self.trunk.layers[0].attention.qkv.data.scale is not None
        return "fp8" if is_small else str(self.trunk.embedding.weight.dtype).removeprefix("torch.")

    @property
    def keeps(self) -> bool:
        """Its stores hold keys and values."""
        return True

    @property
    def has_template(self) -> bool:
        """Whether prompts go through a chat template."""
        return self.tokenizer.has_template

    def open(self, rows: int, length: int) -> KeyValues:
        """A store for `rows` sequences of `length` columns; it takes memory once something is kept."""
        return KeyValues(self.spec, rows, length, self.trunk.embedding.weight)

    def forward(self, query: Query, store: Store) -> Logits:
        """Logits `[B, W, V]` for the wanted columns; the head runs on those alone. Call it in inference mode."""
        is_kept = query.keep or query.columns is not None
        assert isinstance(store, KeyValues)
        memory = store.slots(query.rows, query.columns) if is_kept else ()
        shadow = None if query.shadowed is None else Shadow(query.wanted, query.shadowed)
        x = self.trunk.embedding(query.tokens)
        x = x if query.soft is None else x + query.soft.to(x.dtype)
        hidden = self.trunk.hidden(x, query.position, Sight(query.visible, shadow), memory, self.source(query))
        return self.trunk.head(hidden)

    def source(self, query: Query) -> Int[Tensor, "B W"] | None:
        """Where in the query stands what speaks of the wanted columns: they themselves or, if shifted, those before.

        None where the query is just the window.
        """
        if not self.spec.shifted and query.columns is not None and query.columns.shape == query.wanted.shape:
            return None
        place = query.wanted if query.columns is None else query.wanted - query.columns[:, :1]
        if not self.spec.shifted:
            return place if query.shadowed is None else behind(place, query.tokens.shape[1])
        # A row's first token has no column of its own before it (to its left is padding): it speaks for itself. So does
        # a query's first column that is wanted though the one before it is not computed.
        return (place - (query.position.gather(1, place) > 0).to(place.dtype)).clamp(min=0)

    @property
    def embedding_width(self) -> int:
        """Numbers that stand for a token."""
        return self.spec.width

    def mean_embedding(self, chances: Chances) -> Float[Tensor, "B W D"]:
        """Mean of the embeddings of all tokens under probabilities, in the weights' own precision."""
        table = self.trunk.embedding.weight
        return chances.to(table.dtype) @ table

    @property
    def casts_shadows(self) -> bool:
        """Whether a column can be asked for without what stands there; not where the column before speaks of it."""
        return not self.spec.shifted

    def footprint(self, rows: int, length: int, wanted: int, keeps: bool) -> int:
        """Bytes of the store, of one layer over all columns, and of the wanted logits."""
        return memory.footprint(self.spec, self.trunk.embedding.weight.element_size(), (rows, length, wanted), keeps)

    def free(self) -> int | None:
        """Bytes to be had on a CUDA device."""
        return memory.free(self.trunk.embedding.weight.device)


def behind(place: Int[Tensor, "B W"], count: int) -> Int[Tensor, "B S"]:
    """Places in a query of `count` tokens, and those of their shadows at its end."""
    width = place.shape[1]
    shadows = torch.arange(count - width, count, device=place.device).expand(place.shape[0], width)
    return torch.cat((place, shadows), dim=1)
