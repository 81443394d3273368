"""The loop: plan, forward, advance, tell. The only place that waits for the device, on one line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from ..caches.policy import Span
from ..errors import DeviceError
from ..models.adapter import Model, Store
from ..trace.events import Event, Started
from .advance import Moment, Turn, advance
from .ask import Call, forward
from .board import Board, Session, finished, seat
from .host import Knowledge, Order
from .observe import Layout, observed, pack, result, status, stepped
from .read import read as read_logits
from .recipe import Recipe


class Letter(NamedTuple):
    """What one step sent home, maybe still on its way."""

    payload: torch.Tensor
    arrived: torch.cuda.Event | None


class Watch(NamedTuple):
    """How closely a batch is watched: whether steps are told, and how many forwards may run ahead of the reading."""

    steps: bool = False
    lag: int = 0


def decode(
    model: Model,
    prompts: Sequence[Sequence[int]],
    recipe: Recipe,
    *,
    keys: Sequence[int] | None = None,
    observe: bool = False,
) -> Iterator[Event]:
    """Decode a batch of prompts (ids), telling each row's start, steps (with `observe`) and end as they happen.

    `keys` seed the rows' random numbers; the recipe's seed without them. Raises UsageError for a prompt that does not
    fit the model, DeviceError when memory runs out.
    """
    if not prompts:
        return
    session, board = seat(model, prompts, recipe, keys or [recipe.settings.seed] * len(prompts))
    for index, prompt in enumerate(prompts):
        yield Started(index, tuple(prompt), session.canvas, session.mask_id)
    yield from run(model, board, session, Watch(observe))


def run(model: Model, board: Board, session: Session, watch: Watch) -> Iterator[Event]:
    """Step until every row has ended.

    The loop launches up to `watch.lag` forwards before it reads how the oldest of them went; what it launches after a
    row's end, or before it knows that a row's window must be opened, changes nothing in that row and counts as idle.
    """
    began = time.perf_counter()
    rows = board.tokens.shape[0]
    store = model.open(rows * session.branches, session.length)
    layout = Layout(rows, session.width, watch.steps)
    waiting: deque[Letter] = deque()
    known = Knowledge(rows, session.recipe.cache.keeps)
    while known.running:
        order = known.order()
        board, moment = step(model, store, board, session, order)
        waiting.append(post(pack(moment, board, layout)))
        known.launched(order)
        if len(waiting) <= watch.lag:
            continue
        numbers = read(waiting.popleft())
        seconds = time.perf_counter() - began
        if watch.steps:
            yield from stepped(numbers, layout, seconds)
        ended = known.learn(status(numbers, layout))
        if ended:
            # Finished rows no longer change, so a board that is ahead tells the same.
            yield from result(read(post(observed(board, session))), ended, session, seconds)


@torch.inference_mode()
def step(model: Model, store: Store, board: Board, session: Session, order: Order) -> tuple[Board, Moment]:
    """One forward and what follows from it, launched and not waited for."""
    turn = take_turn(board, session, order)
    chosen = None if len(order.opens) in (0, board.tokens.shape[0]) else order.opens
    try:
        logits = forward(model, store, board, session, Call(turn.plan, chosen))
        return advance(board, read_logits(board, logits, session), session, turn)
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"out of memory on {session.device} with {board.tokens.shape[0]} rows of {session.length} columns; lower "
            "--batch-size or --max-tokens, or take a smaller --dtype or model."
        ) from error


def take_turn(board: Board, session: Session, order: Order) -> Turn:
    """The plan of the next forward, and the rows that it is for."""
    cache, alive = session.recipe.cache, ~finished(board, session)
    span = Span(session.width, session.prompt_width + order.start, session.length)
    if order.opens:
        rows = torch.arange(alive.shape[0], device=alive.device)
        present = torch.isin(rows, torch.tensor(order.opens, device=alive.device))
        return Turn(cache.opening(span, order.is_first), True, present, alive & present & (board.age < 0))
    return Turn(cache.inside(span), False, torch.ones_like(alive), alive & (board.age >= 0))


def post(payload: torch.Tensor) -> Letter:
    """Start a copy to the host without waiting for it."""
    if payload.device.type != "cuda":
        return Letter(payload, None)
    home = torch.empty(payload.shape, dtype=payload.dtype, pin_memory=True)
    home.copy_(payload, non_blocking=True)
    arrived = torch.cuda.Event()
    arrived.record()
    return Letter(home, arrived)


def read(letter: Letter) -> list[float]:
    """The one wait."""
    if letter.arrived is not None:
        letter.arrived.synchronize()
    numbers: list[float] = letter.payload.tolist()
    return numbers
