"""What changes from step to step (the board), and what stays the same through a batch (the session)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..core.shapes import CanvasIds, CanvasMask, Count, Flag, SequenceIds, SequenceMask
from ..errors import UsageError
from ..models.adapter import Model
from ..wrappers.smoothing import Smoothing
from ..wrappers.verify import Verify
from .guard import Ledger
from .recipe import Recipe
from .windows import Window


class Tally(NamedTuple):
    """Numbers of each row's record, `[B]`."""

    full: Count
    windowed: Count
    idle: Count
    positions: Count
    remasked: Count


class Board(NamedTuple):
    """Everything that a step changes; all of it on the device.

    `age` counts the forwards since the one that opened the window, -1 where that is still to come. `lingers` tells
    that another forward is due in the window, whether or not anything is left in it. `ahead` is for the next forward.
    """

    canvas: CanvasIds
    masked: CanvasMask
    window: Window
    block: Count
    block_masks: Count
    step: Count
    block_step: Count
    age: Count
    lingers: Flag
    ledger: Ledger
    tally: Tally
    state: Any
    ahead: Ahead


class Ahead(NamedTuple):
    """What one step leaves for the next forward, for the wrappers that want it; () where none does.

    `soft` `[B, C, D]` are the mean embeddings that smoothing mixes into masks, `drafts` `[B, N, C]` the canvases that
    are expected to follow.
    """

    soft: Any = ()
    drafts: Any = ()


@dataclass(frozen=True)
class Session:
    """What stays the same through a batch: recipe, geometry, the model's special tokens, the rows' random keys."""

    recipe: Recipe
    prompt: Int[Tensor, "B P"]
    canvas: int
    vocabulary: int
    mask_id: int
    stop_ids: Int[Tensor, " S"]
    stop_set: frozenset[int]
    end_of_text: int
    position: SequenceIds
    visible: SequenceMask | None
    keys: Count
    is_shifted: bool
    schedule: Int[Tensor, " N"]
    embedding_width: int
    device: str

    @property
    def prompt_width(self) -> int:
        """Columns before the canvas."""
        return self.prompt.shape[1]

    @property
    def length(self) -> int:
        """Columns of the sequence: prompt and canvas."""
        return self.prompt_width + self.canvas

    @property
    def branches(self) -> int:
        """Sequences that the store holds for every row."""
        return self.recipe.branches

    @property
    def shadows(self) -> int:
        """Columns that every forward computes beside those of the sequence."""
        return self.width if self.recipe.casts_shadow else 0

    @property
    def width(self) -> int:
        """Positions that a view shows."""
        return self.recipe.width(self.canvas)


def pending(board: Board, session: Session) -> CanvasMask:
    """Places still to be written: masked ones, and with stop = "first" only those before the first stop token."""
    return board.masked & reached(board, session)


def reached(board: Board, session: Session) -> CanvasMask:
    """Places up to the first committed stop token; every place with stop = "none"."""
    if session.recipe.settings.stop == "none":
        return torch.ones_like(board.masked)
    stops = torch.isin(board.canvas, session.stop_ids) & ~board.masked
    return stops.cumsum(dim=1) - stops.to(torch.int64) == 0


def finished(board: Board, session: Session) -> Flag:
    """Rows with nothing pending, and no forward due for its own sake."""
    return ~pending(board, session).any(dim=1) & ~board.lingers


class Room(NamedTuple):
    """How much wider a session is than its first prompts need: `bucket` rounds their width up.

    With `others`, shorter prompts may take rows over, for which the session must be able to hide padding.
    """

    bucket: int = 1
    others: bool = False


NO_ROOM = Room()


def seat(
    model: Model, prompts: Sequence[Sequence[int]], recipe: Recipe, keys: Sequence[int], room: Room = NO_ROOM
) -> tuple[Session, Board]:
    """Put a batch of prompts, left-padded, before an all-masked canvas.

    Raises UsageError for a prompt too long, and for a cache where the model keeps nothing.
    """
    if recipe.cache.keeps and not model.keeps:
        raise UsageError(f"cache = {recipe.settings.cache}, but this model keeps nothing between forwards; take none.")
    if recipe.casts_shadow and not model.casts_shadows:
        raise UsageError(
            "the strategy asks for shadows of what is written, which this model does not have: each of its columns"
            " speaks of the next; take another strategy."
        )
    if recipe.wrapper(Smoothing) and not model.embedding_width:
        raise UsageError("wrap has smoothing, but this model has no embeddings to mix; leave it out.")
    spec, canvas = model.spec, recipe.settings.max_tokens
    width = -(-max(len(prompt) for prompt in prompts) // room.bucket) * room.bucket
    for prompt in prompts:
        if len(prompt) + canvas > spec.max_length:
            raise UsageError(
                f"the prompt has {len(prompt)} tokens and the canvas {canvas}, but the model reads at most "
                f"{spec.max_length} together; shorten the prompt or lower --max-tokens."
            )
    pads = torch.tensor([width - len(prompt) for prompt in prompts])
    padded = torch.tensor([[spec.pad_id] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    padded = padded.reshape(len(prompts), width).to(torch.int64)
    place = torch.arange(width + canvas).expand(len(prompts), -1)
    visible = None if not (pads.any() or room.others) else (place >= pads[:, None]).to(model.device)
    session = Session(
        recipe=recipe,
        prompt=padded.to(model.device),
        canvas=canvas,
        vocabulary=spec.vocab_size,
        mask_id=spec.mask_id,
        stop_ids=torch.tensor(spec.stop_ids, device=model.device),
        stop_set=frozenset(spec.stop_ids),
        end_of_text=spec.end_of_text,
        position=(place - pads[:, None]).clamp(min=0).to(model.device),
        visible=visible,
        keys=torch.tensor(list(keys), dtype=torch.int64, device=model.device),
        is_shifted=spec.shifted,
        schedule=torch.tensor(recipe.schedule, device=model.device),
        embedding_width=model.embedding_width,
        device=model.device,
    )
    return session, first_board(len(prompts), session)


def admit(session: Session, row: int, prompt: Sequence[int], key: int) -> None:
    """Put a prompt in the place of a row's former one, in the session's own memory."""
    pads = session.prompt_width - len(prompt)
    place = torch.arange(session.length, device=session.device)
    session.prompt[row, pads:] = torch.tensor(list(prompt), dtype=torch.int64, device=session.device)
    session.position[row] = (place - pads).clamp(min=0)
    session.keys[row] = key
    if session.visible is not None:
        session.visible[row] = place >= pads


def first_board(rows: int, session: Session) -> Board:
    """Rows at their start."""
    zero = torch.zeros(rows, dtype=torch.int64, device=session.device)
    window = session.recipe.windows.open(zero, session.recipe.extent)
    inside = window.inside(session.width)
    canvas = torch.full((rows, session.canvas), session.mask_id, device=session.device)
    return Board(
        canvas=canvas,
        masked=torch.ones(rows, session.canvas, dtype=torch.bool, device=session.device),
        window=window,
        block=zero,
        block_masks=inside.sum(dim=1),
        step=zero,
        block_step=zero,
        age=zero - 1,
        lingers=zero > 0,
        ledger=Ledger(zero, zero),
        tally=Tally(zero, zero, zero, zero, zero),
        state=session.recipe.strategy.init(inside, session.vocabulary),
        ahead=nothing_ahead(canvas, session),
    )


def nothing_ahead(canvas: CanvasIds, session: Session) -> Ahead:
    """What there is before the first step: no guess of any token, and of the next states that they are this one."""
    recipe, (rows, width) = session.recipe, canvas.shape
    verify = recipe.wrapper(Verify)
    return Ahead(
        soft=canvas.new_zeros(rows, width, session.embedding_width, dtype=torch.float32)
        if recipe.wrapper(Smoothing)
        else (),
        drafts=canvas.unsqueeze(1).repeat(1, verify.drafts, 1) if verify else (),
    )
