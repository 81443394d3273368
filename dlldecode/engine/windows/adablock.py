"""AdaBlock: a block ends where the model is sure of a delimiter, such as the end of a line.

Lu et al. 2025, "AdaBlock-dLLM", https://arxiv.org/abs/2509.26432. The forward that opens a block decides its end and
writes its first positions, as released.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Gt, Le, MinLen
from typing_extensions import Doc

from ...core.select import best, next_true
from ...core.shapes import Ids, Mask
from ...core.step import StepView
from ...errors import UsageError
from .rule import Extent, Spell, Window, WindowRule


@dataclass(frozen=True)
class Adablock(WindowRule):
    """Of the delimiters proposed within the outlook, the likeliest ends the block if it is likely enough.

    Else the block is `block_length` long.
    """

    settles: ClassVar[bool] = True

    delimiters: Annotated[
        tuple[int | str, ...], MinLen(1), Doc("tokens that may end a block: texts that are one token each, or ids")
    ] = ("\n",)
    likely: Annotated[float, Ge(0), Le(1), Doc("probability from which a proposed delimiter ends the block")] = 0.3
    outlook: Annotated[float, Gt(0), Le(1), Doc("share of the canvas that is searched, from a block's start")] = 0.25

    def width(self, extent: Extent) -> int:
        """The outlook, or the block where that is longer."""
        return min(max(extent.block, self.ahead(extent)), extent.canvas)

    def ahead(self, extent: Extent) -> int:
        """Positions that are searched."""
        return int(self.outlook * extent.canvas)

    def settle(self, view: StepView, window: Window, extent: Extent) -> Window:
        """New windows end behind their likeliest delimiter, or are as long as a block."""
        width = view.masked.shape[1]
        place = torch.arange(width, device=view.masked.device)
        found = view.masked & (place < self.ahead(extent)) & self.is_delimiter(view.proposal)
        chosen = best(view.confidence, found) & (view.confidence >= self.likely)
        length = torch.where(chosen.any(dim=1), next_true(chosen)[:, 0] + 1, extent.block)
        end = torch.minimum(window.start + length, window.end)
        return Window(window.start, torch.where(view.block_step == 0, end, window.end))

    def is_delimiter(self, token: Ids) -> Mask:
        """Which tokens may end a block."""
        found = torch.zeros_like(token, dtype=torch.bool)
        for each in self.delimiters:
            assert not isinstance(each, str), "texts are spelled before anything is decoded"
            found = found | (token == each)
        return found

    def spelled(self, spell: Spell) -> Adablock:
        """With ids for texts. Raises UsageError for what is not one token."""
        return replace(self, delimiters=tuple(token_of(each, spell) for each in self.delimiters))


def token_of(delimiter: int | str, spell: Spell) -> int:
    """The id of a delimiter. Raises UsageError for one that the model does not have."""
    if isinstance(delimiter, int):
        if not 0 <= delimiter < spell.vocabulary:
            last = spell.vocabulary - 1
            raise UsageError(
                f"window_options.delimiters: {delimiter} is no token of this model; its ids are 0 to {last}."
            )
        return delimiter
    try:
        ids = spell.ids(delimiter)
    except (UnicodeEncodeError, TypeError):  # of a tokenizer, for half of a surrogate pair
        raise UsageError(f"window_options.delimiters: {delimiter!r} is not valid Unicode text; take others.") from None
    if len(ids) != 1:
        raise UsageError(f"window_options.delimiters: {delimiter!r} is {len(ids)} tokens to this model; take others.")
    return ids[0]
