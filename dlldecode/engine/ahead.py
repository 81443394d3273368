"""Batched self-speculation: guessing the states that follow, and going on where a guess came true."""

from __future__ import annotations

import torch

from ..core.shapes import Flag
from .advance import Turn, advance, select
from .board import Ahead, Board, Session, finished
from .read import Reading


def came_true(board: Board, asked: Board, number: int, session: Session, turn: Turn) -> Flag:
    """Rows whose state is the guess of that number, so that the forward that was asked speaks of it, too.

    A row whose window has moved on, or must be opened, needs a forward of its own.
    """
    same: Flag = (board.canvas == asked.ahead.drafts[:, number]).all(dim=1)
    still = (board.window.start == asked.window.start) & (board.window.end == asked.window.end)
    going = turn.active & same & still & ~finished(board, session)
    return going & (board.age >= 0) if session.recipe.cache.keeps else going


def guessed(board: Board, reading: Reading, session: Session, turn: Turn) -> Board:
    """The board with the states that would follow if the next forwards said what the last one did.

    Rows that this one did not move on keep the guesses that they have.
    """
    every = torch.ones_like(turn.active)
    onward = Turn(turn.plan, False, every, every, 0)
    state, canvases = board, []
    for _ in range(session.recipe.drafts):
        state, _ = advance(state, reading, session, onward)
        canvases.append(state.canvas)
    drafts = select(turn.active, torch.stack(canvases, dim=1), board.ahead.drafts)
    return Board(*board._replace(ahead=Ahead(board.ahead.soft, drafts)))
