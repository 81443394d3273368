"""The loop: order, launch, read, tell. The only place that waits for the device, on one line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch

from ..models.adapter import Model
from ..trace.events import Event, Finished, Started
from .board import Board, Room, Session, seat
from .graphs import launcher_for
from .guests import Guest, Seating, Waiting
from .host import Knowledge
from .launch import Launcher
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
    keys = keys or [recipe.settings.seed] * len(prompts)
    guests = [Guest(index, *both) for index, both in enumerate(zip(prompts, keys, strict=True))]
    if guests:
        yield from session_of(model, recipe, watch, Seating(guests))


def serve(model: Model, waiting: Waiting, recipe: Recipe, rows: int, watch: Watch = UNWATCHED) -> Iterator[Event]:
    """Decode prompts as they come, at most `rows` at a time; a row that ends makes room for the next.

    Raises as `decode` does.
    """
    guests: list[Guest] = []
    while True:
        while len(guests) < rows and (guest := waiting.wait()):
            guests.append(guest)
        if not guests:
            return
        # A single row needs no place in a session that another prompt made: the next one gets its own.
        goes_on = rows > 1 and len(guests) == rows
        seating = Seating(guests, waiting if goes_on else None)
        yield from session_of(model, recipe, watch, seating)
        guests = seating.held


def session_of(model: Model, recipe: Recipe, watch: Watch, seating: Seating) -> Iterator[Event]:
    """Decode who is seated, and who follows them in a session of the same width."""
    guests = list(seating.seated)
    room = Room(PROMPT_BUCKET if watch.capture else 1, seating.goes_on)
    session, board = seat(model, [guest.prompt for guest in guests], recipe, [guest.key for guest in guests], room)
    for guest in guests:
        yield Started(guest.index, tuple(guest.prompt), session.canvas, session.mask_id)
    yield from run(model, board, session, watch, seating)


def run(model: Model, board: Board, session: Session, watch: Watch, seating: Seating | None = None) -> Iterator[Event]:
    """Step until every row has ended and nobody follows.

    The loop launches up to `watch.lag` forwards before it reads how the oldest of them went; what it launches after a
    row's end, or before it knows that a row's window must be opened, changes nothing in that row and counts as idle.
    """
    rows = board.canvas.shape[0]
    seating = seating or Seating([Guest(row, (), 0) for row in range(rows)])
    layout = Layout(rows, session.width, watch.steps, 1 + session.recipe.drafts)
    launcher = launcher_for(model, board, session, layout, watch.capture)
    clock = Clock(rows, launcher)
    waiting: deque[Letter] = deque()
    known = Knowledge(rows, session.recipe.cache.keeps, session.width)
    while known.running:
        order = known.order()
        waiting.append(post(launcher.launch(order)))
        known.launched(order)
        if len(waiting) <= watch.lag:
            continue
        numbers = read(waiting.popleft())
        now = clock.now()
        if watch.steps:
            for step in stepped(numbers, layout):
                seconds = now - clock.began[step.index]
                yield from clock.told(replace(step, index=seating.index(step.index), seconds=seconds))
        ended = known.learn(status(numbers, layout))
        if ended:
            # Finished rows no longer change, so a board that is ahead tells the same.
            for end in result(read(post(observed(launcher.board, session))), ended, session):
                yield from clock.told(replace(clock.stopped(end, now), index=seating.index(end.index)))
        for row in ended:
            if guest := seating.follow(row, session):
                launcher.admit(row, guest)
                known.seat(row)
                clock.start(row)
                yield from clock.told(Started(guest.index, tuple(guest.prompt), session.canvas, session.mask_id))


class Clock:
    """When each row began, and how much had been spent on preparing by then.

    It stands still while an event is looked at, so that no figure holds what a display or a file took.
    """

    def __init__(self, rows: int, launcher: Launcher) -> None:
        self.began, self._prepared, self._launcher = [0.0] * rows, [0.0] * rows, launcher
        self._away = 0.0
        for row in range(rows):
            self.start(row)

    def start(self, row: int) -> None:
        """A row begins."""
        self.began[row], self._prepared[row] = self.now(), self._launcher.preparing

    def now(self) -> float:
        """Seconds of decoding so far."""
        return time.perf_counter() - self._away

    def told(self, event: Event) -> Iterator[Event]:
        """Tell an event; the time until the next one is asked for does not count."""
        left = time.perf_counter()
        yield event
        self._away += time.perf_counter() - left

    def stopped(self, end: Finished, now: float) -> Finished:
        """A row's end with the seconds that it took, and how many of them went into preparing."""
        row = end.index
        return replace(end, seconds=now - self.began[row], preparing=self._launcher.preparing - self._prepared[row])


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
