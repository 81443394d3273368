"""One forward: which columns of which rows are asked of the model, and the logits of the open windows."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..caches.policy import Plan
from ..core.shapes import Logits
from ..models.adapter import Model, Query, Store
from .board import Board, Session


class Call(NamedTuple):
    """How a forward is made: its plan, and the rows that it computes, None for all."""

    plan: Plan
    rows: list[int] | None


def forward(model: Model, store: Store, board: Board, session: Session, call: Call) -> Logits:
    """Logits of the open windows; of arbitrary numbers in rows that the call leaves out."""
    query = asked(board, session, call)
    scale = session.recipe.settings.cfg_scale
    if scale == 0:
        logits = model.forward(query, store)
    else:
        told, blind = model.forward(doubled(query, board, session), store).chunk(2)
        logits = guided(told, blind, scale)
    if query.rows is None:
        return logits
    whole = logits.new_zeros(board.tokens.shape[0], *logits.shape[1:])
    return whole.index_copy(0, query.rows, logits)


def asked(board: Board, session: Session, call: Call) -> Query:
    """The query of a call: whole sequences, or each row's span of columns around its window."""
    keep = session.recipe.cache.keeps
    wanted = session.prompt_width + board.window.places(session.width, session.canvas)
    query = Query(board.tokens, None, session.position, session.visible, wanted, keep)
    if not call.plan.full:
        # A shifted model reads the window's first token from the column before it.
        before = call.plan.before + int(session.is_shifted)
        first = session.prompt_width + board.window.start.unsqueeze(1) - before
        columns = first + torch.arange(call.plan.width + before - call.plan.before, device=first.device)
        inside = columns.clamp(0, session.length - 1)
        query = query._replace(
            tokens=board.tokens.gather(1, inside), columns=columns, position=session.position.gather(1, inside)
        )
    return query if call.rows is None else of_rows(query, torch.tensor(call.rows, device=board.tokens.device))


def of_rows(query: Query, rows: Int[Tensor, " R"]) -> Query:
    """The part of a query that is about some rows."""
    return Query(
        tokens=query.tokens.index_select(0, rows),
        columns=None if query.columns is None else query.columns.index_select(0, rows),
        position=query.position.index_select(0, rows),
        visible=None if query.visible is None else query.visible.index_select(0, rows),
        wanted=query.wanted.index_select(0, rows),
        keep=query.keep,
        rows=rows,
    )


def doubled(query: Query, board: Board, session: Session) -> Query:
    """The rows twice, the second time with the prompt masked, as LLaDA's guidance asks; the store's rows too."""
    columns = torch.arange(session.length, device=query.tokens.device) if query.columns is None else query.columns
    blind = torch.where(columns < session.prompt_width, session.mask_id, query.tokens)
    return Query(
        tokens=torch.cat((query.tokens, blind)),
        columns=None if query.columns is None else query.columns.repeat(2, 1),
        position=query.position.repeat(2, 1),
        visible=None if query.visible is None else query.visible.repeat(2, 1),
        wanted=query.wanted.repeat(2, 1),
        keep=query.keep,
        rows=None if query.rows is None else torch.cat((query.rows, query.rows + board.tokens.shape[0])),
    )


def guided(told: Logits, blind: Logits, scale: float) -> Logits:
    """Push the logits away from what the model would write without the prompt."""
    return blind + (scale + 1) * (told - blind)
