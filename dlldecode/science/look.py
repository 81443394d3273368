"""What the model says of canvases, whatever decoding they come from: one forward, or as many as there are masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..core.select import best
from ..core.shapes import CanvasIds, CanvasMask
from ..models.adapter import Query

if TYPE_CHECKING:
    from ..models.network import Network

ROWS = 32  # canvases of one forward at most, so that their logits fit into memory

CanvasScore = Float[Tensor, "B C"]


class Look(NamedTuple):
    """At every position of the canvas: the likeliest token but the mask, and the logarithm of its probability.

    `known` is the logarithm for the tokens that were asked about, the same as `sure` where none were.
    """

    token: CanvasIds
    sure: CanvasScore
    known: CanvasScore

    @property
    def confidence(self) -> CanvasScore:
        """Probability of the likeliest token."""
        return self.sure.exp()


@torch.inference_mode()
def look(model: Network, prompt: Sequence[int], canvases: CanvasIds, asked: CanvasIds | None = None) -> Look:
    """What the model says of canvases behind the same prompt, in full forwards; about the tokens `asked`, too."""
    parts = []
    for start in range(0, canvases.shape[0], ROWS):
        some = slice(start, start + ROWS)
        parts.append(_look(model, prompt, canvases[some], None if asked is None else asked[some]))
    return Look(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _look(model: Network, prompt: Sequence[int], canvases: CanvasIds, asked: CanvasIds | None) -> Look:
    rows = canvases.shape[0]
    before = torch.tensor([prompt], dtype=torch.int64, device=model.device).expand(rows, -1)
    tokens = torch.cat((before, canvases.to(model.device)), dim=1)
    position = torch.arange(tokens.shape[1], device=model.device).expand(tokens.shape)
    query = Query(tokens, None, position, None, position[:, len(prompt) :])
    chances = torch.log_softmax(model.forward(query, model.open(rows, tokens.shape[1])).float(), dim=2)
    mask = torch.tensor([model.spec.mask_id], device=model.device)
    sure, token = chances.index_fill(2, mask, -torch.inf).max(dim=2)
    known = sure if asked is None else chances.gather(2, asked.to(model.device).unsqueeze(2)).squeeze(2)
    return Look(token.cpu(), sure.cpu(), known.cpu())


def filled(model: Network, prompt: Sequence[int], canvases: CanvasIds, hidden: CanvasMask) -> tuple[CanvasIds, Tensor]:
    """Canvases whose `hidden` positions are written one at a time, the surest first, and how sure each row was.

    That is the sum of the logarithms of what was written, each under the forward that wrote it. Masks elsewhere stay.
    """
    canvases, left = canvases.clone(), hidden.clone()
    total = torch.zeros(canvases.shape[0])
    while (open_ := left.any(dim=1)).any():
        seen = look(model, prompt, canvases[open_])
        chosen = best(seen.sure, left[open_])
        canvases[open_] = torch.where(chosen, seen.token, canvases[open_])
        total[open_] += torch.where(chosen, seen.sure, 0).sum(dim=1)
        left[open_] &= ~chosen
    return canvases, total
