"""What the engine asks of a model: one forward over chosen columns, logits where they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..core.shapes import Chances, Logits
from .spec import ModelSpec


class Query(NamedTuple):
    """One forward over Q of the sequence's L columns.

    `columns` are the columns computed, gapless and ascending in each row; None means all of them. Those outside of the
    sequence, with which a row may be filled up, are computed in vain. `position` counts from each row's first real
    token. `visible` is False on padding, None when there is none. `wanted` are the columns whose token is to be
    predicted. `keep` asks the store to take over the keys and values that were computed; a forward over some columns
    always does. `rows` are the store's rows that the query is about, None for all.

    With `shadowed` the last W entries of `tokens` and `position` ask for the wanted columns once more: masks that see
    everything but what stands at their own column, and that nobody but they themselves sees. Where `shadowed` is
    False there is none. Their logits follow the others', `[B, 2 W, V]`.

    `soft` is added to the embeddings of the tokens.
    """

    tokens: Int[Tensor, "B Q"]
    columns: Int[Tensor, "B Q"] | None
    position: Int[Tensor, "B Q"]
    visible: Bool[Tensor, "B L"] | None
    wanted: Int[Tensor, "B W"]
    keep: bool = False
    rows: Int[Tensor, " B"] | None = None
    shadowed: Bool[Tensor, "B W"] | None = None
    soft: Float[Tensor, "B Q D"] | None = None


@runtime_checkable
class Store(Protocol):
    """Keys and values of one batch between forwards."""

    def fork(self, source: Int[Tensor, " B"], target: Int[Tensor, " B"]) -> None:
        """Copy what rows hold into others."""
        ...


@runtime_checkable
class Tokenizer(Protocol):
    """Text to ids and back."""

    def encode(self, text: str) -> list[int]:
        """Ids of a text as it stands, special tokens in it recognised, none added."""
        ...

    def chat(self, prompt: str, system: str | None = None, turns: Sequence[tuple[str, str]] = ()) -> list[int]:
        """Ids of a user's turn, after a system text, earlier questions and their answers, ready for the answer."""
        ...

    def decode(self, ids: list[int]) -> str:
        """Text of ids, special tokens left out."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes that one token stands for; a special token's own name."""
        ...


@runtime_checkable
class Model(Protocol):
    """A masked diffusion model on a device."""

    @property
    def spec(self) -> ModelSpec:
        """What the model is."""
        ...

    @property
    def device(self) -> str:
        """Where it lives, as torch spells it."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether its stores keep anything, so that forwards over some columns are possible."""
        ...

    @property
    def casts_shadows(self) -> bool:
        """Whether a column can be asked for without what stands there (`Query.shadowed`)."""
        ...

    def open(self, rows: int, length: int) -> Store:
        """An empty store for `rows` sequences of `length` columns."""
        ...

    def forward(self, query: Query, store: Store) -> Logits:
        """Logits `[B, W, V]` for the wanted columns, already un-shifted; with shadows `[B, 2 W, V]`."""
        ...

    @property
    def embedding_width(self) -> int:
        """Numbers that stand for a token in the model's input, 0 for a model without embeddings."""
        ...

    def mean_embedding(self, chances: Chances) -> Float[Tensor, "B W D"]:
        """Mean of the embeddings of all tokens under probabilities."""
        ...

    def footprint(self, rows: int, length: int, wanted: int, keeps: bool) -> int:
        """Bytes beside the weights, about: forwards over `rows` of `length` columns, with a store if it `keeps`.

        Of the logits, those of `wanted` positions in every row.
        """
        ...

    def free(self) -> int | None:
        """Bytes to be had on the device; None where nobody counts them."""
        ...
