"""The loop: order, launch, read, tell. The only place that waits for the device, on one line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from ..models.adapter import Model
from ..trace.events import Event, Started
from .board import Board, Session, seat
from .graphs import launcher_for
from .host import Knowledge
from .observe import Layout, observed, result, status, stepped
from .recipe import Recipe

PROMPT_BUCKET = 32  # columns; captured graphs serve all prompts of one bucket


class Letter(NamedTuple):
    """What one step sent home, maybe still on its way."""

    payload: torch.Tensor
    arrived: torch.cuda.Event | None


class Watch(NamedTuple):
    """How a batch is run and watched, whatever is decoded.

    `steps` are told; up to `lag` forwards run ahead of the reading; `capture` takes the steps as CUDA graphs.
    """

    steps: bool = False
    lag: int = 0
    capture: bool = False


UNWATCHED = Watch()


def decode(
    model: Model,
    prompts: Sequence[Sequence[int]],
    recipe: Recipe,
    *,
    keys: Sequence[int] | None = None,
    watch: Watch = UNWATCHED,
) -> Iterator[Event]:
    """Decode a batch of prompts (ids), telling each row's start, steps (if watched) and end as they happen.

    `keys` seed the rows' random numbers; the recipe's seed without them. Raises UsageError for a prompt that does not
    fit the model, DeviceError when memory runs out.
    """
    if not prompts:
        return
    keys = keys or [recipe.settings.seed] * len(prompts)
    session, board = seat(model, prompts, recipe, keys, PROMPT_BUCKET if watch.capture else 1)
    for index, prompt in enumerate(prompts):
        yield Started(index, tuple(prompt), session.canvas, session.mask_id)
    yield from run(model, board, session, watch)


def run(model: Model, board: Board, session: Session, watch: Watch) -> Iterator[Event]:
    """Step until every row has ended.

    The loop launches up to `watch.lag` forwards before it reads how the oldest of them went; what it launches after a
    row's end, or before it knows that a row's window must be opened, changes nothing in that row and counts as idle.
    """
    began = time.perf_counter()
    rows = board.canvas.shape[0]
    layout = Layout(rows, session.width, watch.steps)
    launcher = launcher_for(model, board, session, layout, watch.capture)
    waiting: deque[Letter] = deque()
    known = Knowledge(rows, session.recipe.cache.keeps)
    while known.running:
        order = known.order()
        waiting.append(post(launcher.launch(order)))
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
            yield from result(read(post(observed(launcher.board, session))), ended, session, seconds)


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
