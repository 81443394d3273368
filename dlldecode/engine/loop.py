"""The loop: plan, forward, advance, tell. The only place that waits for the device, on one line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from ..core.shapes import Logits
from ..errors import DeviceError
from ..models.adapter import Model, Query, Store
from ..trace.events import Event, Started
from .advance import Moment, advance
from .board import Board, Session, seat
from .observe import Layout, observed, pack, result, status, stepped
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
    row's end changes nothing and counts as idle.
    """
    began = time.perf_counter()
    rows = board.tokens.shape[0]
    store = model.open(rows, session.length)
    layout = Layout(rows, session.width, watch.steps)
    waiting: deque[Letter] = deque()
    running = set(range(rows))
    while running:
        board, moment = step(model, store, board, session)
        waiting.append(post(pack(moment, board, layout)))
        if len(waiting) <= watch.lag:
            continue
        numbers = read(waiting.popleft())
        seconds = time.perf_counter() - began
        if watch.steps:
            yield from stepped(numbers, layout, seconds)
        ended = [row for row in status(numbers, layout) if row in running]
        running.difference_update(ended)
        if ended:
            # Finished rows no longer change, so a board that is ahead tells the same.
            yield from result(read(post(observed(board, session))), ended, session, seconds)


@torch.inference_mode()
def step(model: Model, store: Store, board: Board, session: Session) -> tuple[Board, Moment]:
    """One forward and what follows from it, launched and not waited for."""
    plan = session.recipe.cache.plan(session.width, 0, session.length)
    try:
        logits = forward(model, store, board, session)
        return advance(board, logits, session, plan)
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"out of memory on {session.device} with {board.tokens.shape[0]} rows of {session.length} columns; lower "
            "--batch-size or --max-tokens, or take a smaller --dtype or model."
        ) from error


def forward(model: Model, store: Store, board: Board, session: Session) -> Logits:
    """Logits of the open windows; with classifier-free guidance from two branches in one call."""
    wanted = session.prompt_width + board.window.places(session.width, session.canvas)
    query = Query(board.tokens, None, session.position, session.visible, wanted)
    scale = session.recipe.settings.cfg_scale
    if scale == 0:
        return model.forward(query, store)
    told, blind = model.forward(doubled(query, session), store).chunk(2)
    return guided(told, blind, scale)


def doubled(query: Query, session: Session) -> Query:
    """The batch twice, the second time with the prompt masked, as LLaDA's guidance asks."""
    blind = query.tokens.clone()
    blind[:, : session.prompt_width] = session.mask_id
    visible = None if query.visible is None else query.visible.repeat(2, 1)
    tokens = torch.cat((query.tokens, blind))
    return Query(tokens, None, query.position.repeat(2, 1), visible, query.wanted.repeat(2, 1))


def guided(told: Logits, blind: Logits, scale: float) -> Logits:
    """Push the logits away from what the model would write without the prompt."""
    return blind + (scale + 1) * (told - blind)


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
