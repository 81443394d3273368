"""Layers laid over one another: which values hold, and which fall away with the part that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .layers import Layer, checked, merged
from .schema import DECODE, NAMING, Schema, schema


@dataclass(frozen=True)
class Pile:
    """Settings for a strategy, the strongest layer first.

    A value must fit what all layers together name. One that only fits what its own layer and those beneath name
    belongs to a cache, a window rule or a wrapper that a stronger layer has replaced, and falls away with it.
    """

    strategy: str
    layers: Sequence[Layer]

    @cached_property
    def known(self) -> Schema:
        """The settings that there are by all layers. Raises UsageError for a strategy that nobody has."""
        return _named(self.strategy, self.layers)

    def own(self, layer: Layer) -> Schema:
        """The settings that there are by one of the layers and those beneath it."""
        place = next(place for place, each in enumerate(self.layers) if each is layer)
        return _named(self.strategy, self.layers[place:])

    def fitted(self, layer: Layer) -> tuple[Layer, list[str]]:
        """What holds of one of the layers, in its settings' types, and one line for everything wrong with it."""
        clean, unfit = checked(layer, self.known)
        wrong = checked(layer.only(unfit), self.own(layer))[1] if unfit else {}
        return clean, [*wrong.values()]


def _named(strategy: str, layers: Sequence[Layer]) -> Schema:
    decode = merged(layers).table(DECODE)
    return schema(strategy, **{name: decode[name] for name in NAMING if name in decode})
