"""What a forward is asked: which columns of which rows are computed, and where logits are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..caches.policy import Plan
from ..core.shapes import CanvasIds, Logits, SequenceMask
from ..models.adapter import Query
from ..wrappers.smoothing import Smoothing
from ..wrappers.suffix import Suffix
from .board import Board, Session
from .sample import SIGHT_STREAM, uniform

Pick = Callable[[Tensor], Tensor]
Rows = Int[Tensor, " R"]


class Asking(NamedTuple):
    """What a forward is to compute: its plan, its rows (None for all), and how many guessed states it carries."""

    plan: Plan
    rows: Rows | None
    carried: int = 0


def asked(board: Board, session: Session, asking: Asking) -> Query:
    """The query for some rows: whole sequences, or the columns around each row's window; then those of the guesses."""
    guesses = board.ahead.drafts.unbind(1)[: asking.carried] if asking.carried else ()
    queries = [of_canvas(canvas, board, session, asking.plan) for canvas in (board.canvas, *guesses)]
    rows = asking.rows
    if rows is None and len(queries) < 1 + session.recipe.drafts:
        rows = torch.arange(board.canvas.shape[0], device=board.canvas.device)
    if rows is not None:
        apart = board.canvas.shape[0]
        queries = [changed(of_rows(query, rows), rows=rows + place * apart) for place, query in enumerate(queries)]
    query = combined(queries)
    return query if session.recipe.settings.cfg_scale == 0 else doubled(query, session)


def of_canvas(canvas: CanvasIds, board: Board, session: Session, plan: Plan) -> Query:
    """The query of a plan for a canvas whose windows are the board's."""
    wanted = session.prompt_width + board.window.places(session.width, session.canvas)
    if plan.full and plan.width:  # the window of a row that has ended lies in the last column, wherever that stands
        wanted = wanted.clamp(max=plan.width)
    columns = None if plan.full else span(board, session, plan)
    pick = picker(columns, plan, session)
    sight = visible(board, session)
    soft = softened(board, session)
    query = Query(
        tokens=pick(torch.cat((session.prompt, canvas), dim=1)),
        columns=columns,
        position=pick(session.position),
        visible=sight if sight is None or columns is not None else pick(sight),
        wanted=wanted,
        keep=session.recipe.cache.keeps,
        soft=None if soft is None else pick(soft),
    )
    return shadowed(query, board, session) if session.recipe.casts_shadow else query


def span(board: Board, session: Session, plan: Plan) -> Int[Tensor, "B Q"]:
    """The columns of a plan around each row's window; some may lie outside of the sequence."""
    # A shifted model reads the window's first token from the column before it, if that is still to be written.
    before = plan.before + int(session.is_shifted and not session.recipe.strategy.opens_first)
    first = session.prompt_width + board.window.start.unsqueeze(1) - before
    columns = first + torch.arange(plan.width + before - plan.before, device=first.device)
    if plan.behind is None:
        return columns
    last = session.prompt_width + board.window.end.unsqueeze(1) + plan.behind
    return torch.where(columns < last, columns, session.length)


def picker(columns: Int[Tensor, "B Q"] | None, plan: Plan, session: Session) -> Pick:
    """What takes the computed columns out of something that lies along the sequence."""
    if columns is not None:
        inside = columns.clamp(0, session.length - 1)
        return lambda whole: whole.take_along_dim(inside.reshape(*inside.shape, *(1,) * (whole.dim() - 2)), dim=1)
    if plan.width:
        return lambda whole: torch.cat((whole[:, : plan.width], whole[:, -1:]), dim=1)
    return lambda whole: whole


def visible(board: Board, session: Session) -> SequenceMask | None:
    """Columns that the model may look at: no padding, and no masks that a suffix window hides."""
    suffix = session.recipe.wrapper(Suffix)
    if suffix is None:
        return session.visible
    place = torch.arange(session.canvas, device=board.canvas.device).expand(board.canvas.shape)
    noise = uniform(session.keys, place * 4 + SIGHT_STREAM).float() if suffix.decay > 0 else None
    shown = suffix.shown(place, board.window.end, session.canvas, noise)
    before = torch.ones_like(session.prompt, dtype=torch.bool)
    whole = torch.cat((before, shown), dim=1)
    return whole if session.visible is None else whole & session.visible


def softened(board: Board, session: Session) -> Float[Tensor, "B L D"] | None:
    """What smoothing adds to the embeddings of masks."""
    smoothing = session.recipe.wrapper(Smoothing)
    if smoothing is None:
        return None
    weight = smoothing.weights(board.step).unsqueeze(1) * board.masked
    soft = board.ahead.soft * weight.unsqueeze(2)
    return torch.cat((soft.new_zeros(soft.shape[0], session.prompt_width, soft.shape[2]), soft), dim=1)


def shadowed(query: Query, board: Board, session: Session) -> Query:
    """The query with masks behind it that stand where the wanted columns stand."""
    masks = torch.full_like(query.wanted, session.mask_id)
    soft = query.soft
    return changed(
        query,
        tokens=torch.cat((query.tokens, masks), dim=1),
        position=torch.cat((query.position, session.position.gather(1, query.wanted)), dim=1),
        shadowed=board.window.inside(session.width),
        soft=None if soft is None else torch.cat((soft, soft.new_zeros(*masks.shape, soft.shape[2])), dim=1),
    )


def combined(queries: Sequence[Query]) -> Query:
    """Queries over the same columns as one over the rows of them all."""
    if len(queries) == 1:
        return queries[0]
    parts: list[list[Any]] = [[query[place] for query in queries] for place in range(len(Query._fields))]
    return built([torch.cat(part) if isinstance(part[0], Tensor) else part[0] for part in parts])


def changed(query: Query, **values: Any) -> Query:
    """The query with other values."""
    return built([values.get(name, query[place]) for place, name in enumerate(Query._fields)])


def built(values: Sequence[Any]) -> Query:
    """A query of its values. With torch 2.11 those of `_replace` and `_make` come out of compiled code empty."""
    return Query(*values)


def of_rows(query: Query, rows: Rows) -> Query:
    """The part of a query that is about some rows."""
    return built([part.index_select(0, rows) if isinstance(part, Tensor) else part for part in query])


def doubled(query: Query, session: Session) -> Query:
    """The rows twice, the second time with the prompt masked, as LLaDA's guidance asks; the store's rows too."""
    columns = query.columns
    if columns is None:  # the first ones are the prompt's, whatever is left out behind
        columns = torch.arange(query.tokens.shape[1], device=query.tokens.device)
    blind = torch.where(columns < session.prompt_width, session.mask_id, query.tokens)
    apart = session.prompt.shape[0] * (1 + session.recipe.drafts)
    rows = None if query.rows is None else query.rows + apart
    return combined((query, changed(query, tokens=blind, rows=rows)))


def guided(told: Logits, blind: Logits, scale: float) -> Logits:
    """Push the logits away from what the model would write without the prompt."""
    return blind + (scale + 1) * (told - blind)
