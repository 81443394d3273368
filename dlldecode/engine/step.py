"""One step in four stages: what is asked, the forward, what it says, what follows. Launched, never waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..caches.policy import Plan, Span
from ..core.shapes import Logits
from ..models.adapter import Model, Query, Store
from .advance import Turn, advance
from .ask import asked, guided
from .board import Board, Session, finished
from .host import Order
from .observe import Layout, pack
from .read import Reading, read

Rows = Int[Tensor, " R"]


class Kind(NamedTuple):
    """What makes steps alike, so that one captured graph serves them: their plan, and whether they open windows."""

    plan: Plan
    opens: bool


class Stages(NamedTuple):
    """The first and the last stage; compiled ones may stand in for the plain ones."""

    prepare: Callable[[Board, Session, Kind, Rows | None], tuple[Turn, Query]]
    conclude: Callable[[Board, Reading, Session, Turn, Layout], tuple[Board, Tensor]]


def kind_of(order: Order, session: Session) -> Kind:
    """The kind of the step that the host ordered."""
    cache = session.recipe.cache
    span = Span(session.width, session.prompt_width + order.start, session.length)
    return Kind(cache.opening(span, order.is_first) if order.opens else cache.inside(span), order.opens)


def prepare(board: Board, session: Session, kind: Kind, rows: Rows | None) -> tuple[Turn, Query]:
    """The rows that the forward is for (`rows` of them, None for all), and the query for the model."""
    alive = ~finished(board, session)
    present = torch.ones_like(alive) if rows is None else torch.zeros_like(alive).index_fill(0, rows, True)
    due = board.age < 0
    active = alive & present & (due if kind.opens else ~due)
    return Turn(kind.plan, kind.opens, present, active), asked(board, session, kind.plan, rows)


def conclude(board: Board, reading: Reading, session: Session, turn: Turn, layout: Layout) -> tuple[Board, Tensor]:
    """The board after the step, and what goes home."""
    board, moment = advance(board, reading, session, turn)
    # Built anew: torch 2.11 hands out of compiled code an empty tuple for what `_replace` made.
    return Board(*board), pack(moment, board, layout)


def logits_of(model: Model, store: Store, query: Query, board: Board, session: Session) -> Logits:
    """Logits of the open windows; of arbitrary numbers in rows that the query leaves out."""
    logits = model.forward(query, store)
    if session.recipe.settings.cfg_scale > 0:
        told, blind = logits.chunk(2)
        logits = guided(told, blind, session.recipe.settings.cfg_scale)
    own = query.rows if query.rows is None else query.rows[: len(logits)]
    if own is None:
        return logits
    return logits.new_zeros(board.canvas.shape[0], *logits.shape[1:]).index_copy(0, own, logits)


PLAIN = Stages(prepare, conclude)


@torch.inference_mode()
def step(
    model: Model, store: Store, board: Board, session: Session, how: tuple[Kind, Rows | None, Layout, Stages]
) -> tuple[Board, Tensor]:
    """Take a step: the board after it, and what goes home."""
    kind, rows, layout, stages = how
    turn, query = stages.prepare(board, session, kind, rows)
    logits = logits_of(model, store, query, board, session)
    return stages.conclude(board, read(board, logits, session), session, turn, layout)
