"""What a forward is asked: which columns of which rows are computed, and where logits are wanted."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor

from ..caches.policy import Plan
from ..core.shapes import Logits
from ..models.adapter import Query
from .board import Board, Session


def asked(board: Board, session: Session, plan: Plan, rows: Int[Tensor, " R"] | None) -> Query:
    """The query of a plan for some rows, None for all: whole sequences, or the columns around each row's window."""
    tokens = torch.cat((session.prompt, board.canvas), dim=1)
    wanted = session.prompt_width + board.window.places(session.width, session.canvas)
    columns, position = None, session.position
    if not plan.full:
        # A shifted model reads the window's first token from the column before it, if that is still to be written.
        before = plan.before + int(session.is_shifted and not session.recipe.strategy.opens_first)
        first = session.prompt_width + board.window.start.unsqueeze(1) - before
        columns = first + torch.arange(plan.width + before - plan.before, device=first.device)
        if plan.behind is not None:
            last = session.prompt_width + board.window.end.unsqueeze(1) + plan.behind
            columns = torch.where(columns < last, columns, session.length)
        inside = columns.clamp(0, session.length - 1)
        tokens, position = tokens.gather(1, inside), position.gather(1, inside)
    query = Query(tokens, columns, position, session.visible, wanted, session.recipe.cache.keeps)
    if session.recipe.casts_shadow:
        query = shadowed(query, board, session)
    query = query if rows is None else of_rows(query, rows)
    return query if session.recipe.settings.cfg_scale == 0 else doubled(query, session)


def shadowed(query: Query, board: Board, session: Session) -> Query:
    """The query with masks behind it that stand where the wanted columns stand."""
    masks = torch.full_like(query.wanted, session.mask_id)
    return query._replace(
        tokens=torch.cat((query.tokens, masks), dim=1),
        position=torch.cat((query.position, session.position.gather(1, query.wanted)), dim=1),
        shadowed=board.window.inside(session.width),
    )


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
        shadowed=None if query.shadowed is None else query.shadowed.index_select(0, rows),
    )


def doubled(query: Query, session: Session) -> Query:
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
        rows=None if query.rows is None else torch.cat((query.rows, query.rows + session.prompt.shape[0])),
    )


def guided(told: Logits, blind: Logits, scale: float) -> Logits:
    """Push the logits away from what the model would write without the prompt."""
    return blind + (scale + 1) * (told - blind)
