"""Names for the tensors that travel through the package; the only place that spells axes.

B rows of a batch, W positions of the open window, C positions of the canvas, L columns of the sequence
(prompt and canvas), V entries of the vocabulary, N steps that are remembered, K slots that a strategy keeps for every
position.
"""

from __future__ import annotations

from typing import TypeAlias

from jaxtyping import Bool, Float, Int
from torch import Tensor

Ids: TypeAlias = Int[Tensor, "B W"]
Mask: TypeAlias = Bool[Tensor, "B W"]
Score: TypeAlias = Float[Tensor, "B W"]
Logits: TypeAlias = Float[Tensor, "B W V"]
Chances: TypeAlias = Float[Tensor, "B W V"]
Pairs: TypeAlias = Bool[Tensor, "B W W"]
Recent: TypeAlias = Float[Tensor, "B W N"]
SlotIds: TypeAlias = Int[Tensor, "B W K"]
SlotScore: TypeAlias = Float[Tensor, "B W K"]

Count: TypeAlias = Int[Tensor, " B"]
Flag: TypeAlias = Bool[Tensor, " B"]
Fraction: TypeAlias = Float[Tensor, " B"]

CanvasIds: TypeAlias = Int[Tensor, "B C"]
CanvasMask: TypeAlias = Bool[Tensor, "B C"]
SequenceIds: TypeAlias = Int[Tensor, "B L"]
SequenceMask: TypeAlias = Bool[Tensor, "B L"]
