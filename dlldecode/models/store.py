"""Keys and values of one batch between forwards: one slot for every column, and one in which nothing is ever read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .spec import ModelSpec

KeyValue = Float[Tensor, "R H S E"]
Fresh = Float[Tensor, "B H Q E"]


class Slots(NamedTuple):
    """One layer's part of a store, as one forward sees it.

    `keys` and `values` hold R rows of L + 1 slots. `rows` are the store's rows that the forward computes, None for all;
    `columns` the slots it writes, None for all columns in order.
    """

    keys: KeyValue
    values: KeyValue
    rows: Int[Tensor, " B"] | None
    columns: Int[Tensor, "B Q"] | None

    def exchange(self, key: Fresh, value: Fresh) -> tuple[Tensor, Tensor]:
        """Store what was computed, and hand out what it may attend to: itself, or every column of the store."""
        if self.columns is None:
            self._put_all(self.keys, key)
            self._put_all(self.values, value)
            return key, value
        return self._put(self.keys, key), self._put(self.values, value)

    def _put_all(self, stored: KeyValue, fresh: Fresh) -> None:
        length = fresh.shape[2]
        if self.rows is None:
            stored[:, :, :length] = fresh
        else:
            stored[:, :, :length].index_copy_(0, self.rows, fresh)

    def _put(self, stored: KeyValue, fresh: Fresh) -> Tensor:
        assert self.columns is not None
        mine = stored if self.rows is None else stored.index_select(0, self.rows)
        mine.scatter_(2, self.columns[:, None, :, None].expand_as(fresh), fresh)
        if self.rows is not None:
            stored.index_copy_(0, self.rows, mine)
        return mine[:, :, :-1]


@dataclass
class KeyValues:
    """The store of a batch; its memory is taken when something is first kept."""

    spec: ModelSpec
    rows: int
    length: int
    like: Tensor
    layers: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def slots(self, rows: Int[Tensor, " B"] | None, columns: Int[Tensor, "B Q"] | None) -> list[Slots]:
        """Every layer's slots for a forward over `columns` (outside of the sequence: the slot that nobody reads)."""
        if not self.layers:
            shape = (self.rows, self.spec.kv_heads, self.length + 1, self.spec.head_size)
            # Zeros, since attention over a slot with garbage could yield NaN even where it is masked.
            self.layers = [(self._empty(shape), self._empty(shape)) for _ in range(self.spec.layers)]
        if columns is not None:
            columns = torch.where((columns >= 0) & (columns < self.length), columns, self.length)
        return [Slots(keys, values, rows, columns) for keys, values in self.layers]

    def fork(self, source: Int[Tensor, " B"], target: Int[Tensor, " B"]) -> None:
        """Copy what rows hold into others."""
        for stored in (each for layer in self.layers for each in layer):
            stored.index_copy_(0, target, stored.index_select(0, source))

    def _empty(self, shape: tuple[int, ...]) -> Tensor:
        return torch.zeros(shape, dtype=self.like.dtype, device=self.like.device)
