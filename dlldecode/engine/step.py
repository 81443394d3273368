"""One step in four stages: what is asked, the forward, what it says, what follows. Launched, never waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from ..caches.policy import BUCKET, Plan, Span
from ..core.shapes import Logits
from ..models.adapter import Model, Query, Store
from ..wrappers.smoothing import Smoothing
from ..wrappers.suffix import Suffix
from .advance import Turn, advance, select
from .ahead import came_true, guessed
from .ask import Asking, asked, guided
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
    """The stages around the forward; compiled ones may stand in for the plain ones."""

    prepare: Callable[[Board, Session, Kind, Rows | None], tuple[Turn, Query]]
    conclude: Callable[[Board, Reading, Session, Turn, Layout], tuple[Board, Tensor]]
    guess: Callable[[Board, Reading, Session, Turn], Board]


def kind_of(order: Order, session: Session) -> Kind:
    """The kind of the step that the host ordered."""
    cache = session.recipe.cache
    span = Span(session.width, session.prompt_width + order.start, session.length)
    plan = cache.opening(span, order.is_first) if order.opens else cache.inside(span)
    return Kind(cut(plan, session.prompt_width + order.end, session), order.opens)


def cut(plan: Plan, end: int, session: Session) -> Plan:
    """The plan without the columns that a suffix window hides behind windows that end before column `end`."""
    suffix = session.recipe.wrapper(Suffix)
    if suffix is None or suffix.decay > 0:
        return plan
    if plan.full:
        reach = rounded(end + suffix.near)
        # What is kept must be there for later forwards, even where this one does not look at it.
        return plan if session.recipe.cache.keeps or reach >= session.length - 1 else plan._replace(width=reach)
    return plan._replace(width=min(plan.width, plan.before + rounded(session.width + suffix.near)))


def rounded(columns: int) -> int:
    """Columns in steps of a bucket, so that few shapes are ever seen."""
    return -(-columns // BUCKET) * BUCKET


def prepare(board: Board, session: Session, kind: Kind, rows: Rows | None) -> tuple[Turn, Query]:
    """The rows that the forward is for (`rows` of them, None for all), and the query for the model."""
    alive = ~finished(board, session)
    present = torch.ones_like(alive) if rows is None else torch.zeros_like(alive).index_fill(0, rows, True)
    due = board.age < 0
    active = alive & present & (due if kind.opens else ~due)
    recipe = session.recipe
    # What a window's opening leaves in the store must come from the state that there is.
    carried = 0 if kind.opens and recipe.cache.keeps else recipe.drafts
    turn = Turn(kind.plan, kind.opens, present, active, recipe.sides * (1 + carried))
    return turn, asked(board, session, Asking(kind.plan, rows, carried))


def conclude(board: Board, reading: Reading, session: Session, turn: Turn, layout: Layout) -> tuple[Board, Tensor]:
    """The board after the step, and what goes home."""
    board, moment = advance(board, reading, session, turn)
    # Built anew: torch 2.11 hands out of compiled code an empty tuple for what `_replace` made.
    return Board(*board), pack(moment, board, layout)


def logits_of(model: Model, store: Store, query: Query, session: Session, turn: Turn) -> Sequence[Logits]:
    """Logits of the open windows, then of every guess carried; arbitrary numbers in rows that the query leaves out."""
    logits, recipe = model.forward(query, store), session.recipe
    if recipe.settings.cfg_scale > 0:
        told, blind = logits.chunk(2)
        logits = guided(told, blind, recipe.settings.cfg_scale)
    parts = logits.chunk(turn.sequences // recipe.sides)
    if query.rows is None:
        return parts
    own = query.rows[: len(parts[0])]
    empty = logits.new_zeros(session.prompt.shape[0], *logits.shape[1:])
    return [empty.index_copy(0, own, part) for part in parts]


def reading_of(model: Model, logits: Logits, board: Board, session: Session) -> Reading:
    """What the logits say, with the mean embeddings that smoothing wants."""
    reading = read(board, logits, session)
    if session.recipe.wrapper(Smoothing) is None:
        return reading
    chances = torch.softmax(logits[:, : session.width].float(), dim=2)
    return reading._replace(soft=model.mean_embedding(chances).float())


PLAIN = Stages(prepare, conclude, guessed)


@torch.inference_mode()
def step(
    model: Model, store: Store, board: Board, session: Session, how: tuple[Kind, Rows | None, Layout, Stages]
) -> tuple[Board, Tensor]:
    """Take a step, and those that follow from guesses that came true: the board after them, and what goes home."""
    kind, rows, layout, stages = how
    turn, query = stages.prepare(board, session, kind, rows)
    own, *carried = logits_of(model, store, query, session, turn)
    reading = reading_of(model, own, board, session)
    after, payload = stages.conclude(board, reading, session, turn, layout)
    if not session.recipe.drafts:
        return after, payload
    if not carried:
        store.fork(*apart(query, session))
    payloads = [] if carried else [torch.zeros_like(payload)] * session.recipe.drafts
    payloads.append(payload)
    follows = turn
    for number, logits in enumerate(carried):
        follows = follows._replace(active=came_true(after, board, number, session, follows), sequences=0)
        latest = read(after, logits, session)
        after, payload = stages.conclude(after, latest, session, follows, layout)
        reading = select(follows.active, latest, reading)
        payloads.append(payload)
    return stages.guess(after, reading, session, turn), torch.cat(payloads)


def apart(query: Query, session: Session) -> tuple[Tensor, Tensor]:
    """The store's rows that a forward filled, once for each guess, and those in which the guesses will be computed."""
    assert query.rows is not None
    guesses = torch.arange(1, 1 + session.recipe.drafts, device=query.rows.device) * session.prompt.shape[0]
    target = query.rows + guesses.unsqueeze(1)
    return query.rows.expand(target.shape).flatten(), target.flatten()
