"""One step after the reading: look, decide, guard, write, move on. Pure, without a look at a value; one graph."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from ..caches.policy import Plan
from ..core.shapes import Count, Flag, Fraction, Ids, Mask, Score
from ..core.step import Decision, StepView
from .board import Ahead, Board, Session, Tally, finished, pending, reached
from .guard import Ledger, guard
from .read import Reading
from .recipe import Recipe
from .sample import PLACE_STREAM, uniform
from .windows import Window


class Turn(NamedTuple):
    """What a forward is for: its plan, whether it opens windows, the rows in it, and those of them that it moves on.

    It computes `sequences` for every row; a step that follows on the same forward has none.
    """

    plan: Plan
    opens: bool
    present: Flag
    active: Flag
    sequences: int = 1


class Moment(NamedTuple):
    """One step as observers see it, still on the device; only `active` rows took it."""

    active: Flag
    done: Flag
    due: Flag
    after: Window
    view: StepView
    decision: Decision
    window: Window


def advance(board: Board, reading: Reading, session: Session, turn: Turn) -> tuple[Board, Moment]:
    """Take one step on what was read in the open windows; rows that are not active stay as they are."""
    strategy = session.recipe.strategy
    view = look(board, reading, session)
    if session.recipe.windows.settles:
        board = settle(board, view, session, turn)
        view = view._replace(quota=quota(board, session), steps=steps(board, session))
    view = shown_to(turn.active, board.window, view)
    decision, state = decided(view, board.state, session.recipe)
    decision, ledger = guard(decision, view, board.ledger, strategy.max_idle)
    after = write(board, decision, session)._replace(
        ahead=softened(board, reading, session, turn),
        ledger=select(turn.active, ledger, board.ledger),
        state=select(turn.active, state, board.state),
        tally=count(board.tally, decision, session, turn),
    )
    after = move(lingering(after, decision, session, turn), session, turn)
    done = finished(after, session)
    return after, Moment(turn.active, done, after.age < 0, after.window, view, decision, board.window)


def decided(view: StepView, state: Any, recipe: Recipe) -> tuple[Decision, Any]:
    """What the strategy decides, with everything that stands around it."""
    seen = view
    for wrapper in recipe.wraps:
        seen = wrapper.seen(seen)
    decision, state = recipe.strategy.step(seen, state)
    for wrapper in recipe.wraps:
        decision = wrapper.decided(decision, view)
    return decision, state


def settle(board: Board, view: StepView, session: Session, turn: Turn) -> Board:
    """Draw in the windows that were opened by this very forward; their strategies begin with what is left of them."""
    rule, strategy = session.recipe.windows, session.recipe.strategy
    window = select(turn.active, rule.settle(view, board.window, session.recipe.extent), board.window)
    is_new = turn.active & (board.block_step == 0)
    masks = view.masked & window.inside(session.width)
    board = board._replace(window=window, block_masks=torch.where(is_new, masks.sum(dim=1), board.block_masks))
    if strategy.scope != "block":
        return board
    return board._replace(state=select(is_new, strategy.init(masks, session.vocabulary), board.state))


def shown_to(active: Flag, window: Window, view: StepView) -> StepView:
    """The view with nothing to write or to take back outside of the window and in rows that are not active."""
    shown = window.inside(view.masked.shape[1]) & active.unsqueeze(1)
    return view._replace(masked=view.masked & shown, valid=view.valid & shown, leading=view.leading & shown)


def look(board: Board, reading: Reading, session: Session) -> StepView:
    """Everything that a strategy may know about this forward."""
    index = board.window.places(session.width, session.canvas)
    inside = board.window.inside(session.width)
    valid = reached(board, session).gather(1, index) & inside
    return StepView(
        proposal=reading.token,
        confidence=reading.confidence,
        current=board.canvas.gather(1, index),
        written=reading.written,
        masked=pending(board, session).gather(1, index) & inside,
        valid=valid,
        leading=leading(valid, session),
        position=index,
        step=board.step,
        block_step=board.block_step,
        progress=progress(board),
        quota=quota(board, session),
        steps=steps(board, session),
        noise=place_noise(board, index, session),
        extra=reading.extra,
    )


def leading(valid: Mask, session: Session) -> Mask:
    """The part of the windows that is their earliest block."""
    place = torch.arange(session.width, device=valid.device)
    return valid & (place < session.recipe.windows.leading(session.recipe.extent))


def progress(board: Board) -> Fraction:
    """Written share of the canvas."""
    return (~board.masked).float().mean(dim=1)


def quota(board: Board, session: Session) -> Count:
    """LLaDA's schedule: a block's masks over its steps, one more in the first ones; computed at its opening."""
    given = steps(board, session)
    return board.block_masks // given + (board.block_step < board.block_masks % given).to(torch.int64)


def steps(board: Board, session: Session) -> Count:
    """Steps that the schedule gives the open block, at least 1; without `steps`, one for each of its masks."""
    if session.recipe.settings.steps is None:
        return board.block_masks.clamp(min=1)
    return session.schedule[board.block.clamp(max=session.schedule.shape[0] - 1)]


def place_noise(board: Board, index: Ids, session: Session) -> Score:
    """Uniform numbers in [0, 1) for every position; float32 must not round them up to 1."""
    counter = (board.step[:, None] * session.canvas + index) * 4 + PLACE_STREAM
    return uniform(session.keys, counter).float().clamp(max=1 - 2.0**-24)


def write(board: Board, decision: Decision, session: Session) -> Board:
    """Canvas and masks after the decision, by selection; a place outside the window keeps what it has."""
    shape = board.masked.shape
    commit = scatter(decision.commit, board.window, shape)
    remask = scatter(decision.revoke & ~decision.commit, board.window, shape)
    tokens = spread(decision.tokens, board.window, shape)
    canvas = torch.where(commit, tokens, board.canvas)
    canvas = torch.where(remask, session.mask_id, canvas)
    return board._replace(canvas=canvas, masked=(board.masked & ~commit) | remask)


def spread(values: torch.Tensor, window: Window, shape: torch.Size) -> torch.Tensor:
    """Window values at their canvas places; arbitrary outside of the window."""
    place = torch.arange(shape[1], device=values.device) - window.start.unsqueeze(1)
    return values.gather(1, place.clamp(0, values.shape[1] - 1))


def scatter(mask: Mask, window: Window, shape: torch.Size) -> torch.Tensor:
    """A window mask at its canvas places, False outside of the window."""
    place = torch.arange(shape[1], device=mask.device)
    inside = (place >= window.start.unsqueeze(1)) & (place < window.end.unsqueeze(1))
    return spread(mask, window, shape) & inside


def count(tally: Tally, decision: Decision, session: Session, turn: Turn) -> Tally:
    """Charge this forward to the rows that it moved on; to the others in it, it was idle."""
    columns = turn.plan.columns(session.length) + session.shadows
    is_forward = turn.sequences > 0
    one = (turn.active & is_forward).to(torch.int64)
    return Tally(
        full=tally.full + (one if turn.plan.full else 0),
        windowed=tally.windowed + (0 if turn.plan.full else one),
        idle=tally.idle + (turn.present & ~turn.active & is_forward).to(torch.int64),
        positions=tally.positions + one * columns * turn.sequences,
        remasked=tally.remasked + (decision.revoke & ~decision.commit).sum(dim=1),
    )


def lingering(board: Board, decision: Decision, session: Session, turn: Turn) -> Board:
    """Note the rows that stay for another forward: where the strategy asks for it, or the cache after an opening."""
    cache, stay = session.recipe.cache, torch.zeros_like(board.lingers)
    if decision.stay is not None:
        stay = decision.stay
    if cache.keeps and cache.linger:
        stay = stay | (board.block_step == 0)
    return board._replace(lingers=torch.where(turn.active, stay, board.lingers))


def softened(board: Board, reading: Reading, session: Session, turn: Turn) -> Ahead:
    """What smoothing shows the model next, with what this step said of the open windows."""
    if reading.soft is None:
        return board.ahead
    place = spread(
        torch.arange(session.width, device=reading.soft.device).expand(reading.token.shape),
        board.window,
        board.masked.shape,
    )
    inside = (board.window.covers(board.masked) & turn.active.unsqueeze(1)).unsqueeze(2)
    fresh = reading.soft.take_along_dim(place.unsqueeze(2), dim=1)
    return Ahead(torch.where(inside, fresh, board.ahead.soft), board.ahead.drafts)


def move(board: Board, session: Session, turn: Turn) -> Board:
    """Move the windows and begin afresh in the rows whose window opened somewhere else."""
    left = pending(board, session)
    moved = session.recipe.windows.move(board.window, left, session.recipe.extent)
    is_full = ~(left & board.window.covers(left)).any(dim=1)
    window = select(turn.active & ~(board.lingers & is_full), moved, board.window)
    entered = window.start != board.window.start
    index = window.places(session.width, session.canvas)
    masks = left.gather(1, index) & window.inside(session.width)
    gained = (left & window.covers(left) & ~board.window.covers(left)).sum(dim=1)
    strategy = session.recipe.strategy
    state = board.state
    if strategy.scope == "block":
        state = select(entered, strategy.init(masks, session.vocabulary), state)
    one = turn.active.to(torch.int64)
    return board._replace(
        window=window,
        age=torch.where(turn.active, aged(board, session, turn, entered), board.age),
        block=board.block + entered.to(torch.int64),
        block_masks=torch.where(entered, masks.sum(dim=1), board.block_masks + gained),
        step=board.step + one,
        block_step=torch.where(entered, 0, board.block_step + one),
        ledger=select(entered, Ledger(torch.zeros_like(one), torch.zeros_like(one)), board.ledger),
        state=state,
    )


def aged(board: Board, session: Session, turn: Turn, entered: Flag) -> Count:
    """Forwards since the opening one, or -1 where another is due: in a new window, by refresh, or while warming up."""
    cache = session.recipe.cache
    age = torch.zeros_like(board.age) if turn.opens else board.age + 1
    due = entered | (board.step + 1 < cache.warm_up)
    if cache.refresh > 0:
        due = due | (age + 1 >= cache.refresh)
    return torch.where(due, -1, age) if cache.keeps else torch.full_like(age, -1)


def select(rows: Flag, new: Any, old: Any) -> Any:
    """`new` in the chosen rows, `old` elsewhere, through nested named tuples of tensors, of () and of None."""
    if old is None:
        return None
    if isinstance(old, torch.Tensor):
        return torch.where(rows.reshape(-1, *(1,) * (old.dim() - 1)), new, old)
    return type(old)(*(select(rows, fresh, past) for fresh, past in zip(new, old, strict=True)))
