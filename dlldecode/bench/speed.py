"""`bench --speed`: what one step costs and where it goes, beside what the machine could do at best."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import torch

from ..caches.policy import Plan
from ..engine.board import Board, Room, Session, seat
from ..engine.graphs import Captured, compiled, own
from ..engine.host import Order
from ..engine.launch import Direct, Launcher
from ..engine.loop import PROMPT_BUCKET, Watch, decode
from ..engine.observe import Layout
from ..engine.read import read
from ..engine.recipe import Recipe, build
from ..engine.step import PLAIN, Stages, kind_of, logits_of
from ..models.network import Network
from ..strategies.topk import Topk
from .clock import Rates, between_events, milliseconds

TOKENS_A_STEP = 4  # of the fixed schedule that end-to-end speed is measured with
RUNS = 3


class Case(NamedTuple):
    """What is measured: a recipe by the name of its preset, rows of a batch, tokens of each prompt."""

    name: str
    recipe: Recipe
    rows: int
    prompt: int


@dataclass(frozen=True)
class Step:
    """One kind of step, in milliseconds: the whole, its parts, and the floor of its forward on this machine.

    `forward` is the model; `scoring` reads the logits; `strategy` is all the rest on the device: the query, the
    strategy, the guard, the write, what goes home.
    """

    kind: str
    columns: int
    total: float
    forward: float
    scoring: float
    strategy: float
    floor: float

    @property
    def ratio(self) -> float:
        """The whole step over the floor."""
        return self.total / self.floor

    @property
    def beside(self) -> float:
        """Share of the step that is not the forward."""
        return 1 - self.forward / self.total


@dataclass(frozen=True)
class Speed:
    """A case's steps, and its end-to-end speed at a fixed number of tokens a step.

    `host` is the milliseconds a step in which the device waits for the host; `memory` the device's peak in bytes.
    The first steps of each kind compile kernels (or find them in the cache folder), the second ones capture graphs.
    """

    name: str
    strategy: str
    cache: str
    rows: int
    prompt: int
    canvas: int
    block: int
    steps: tuple[Step, ...]
    tokens_per_second: float
    host: float
    memory: int
    compile_seconds: float
    capture_seconds: float


def measure(model: Network, case: Case, machine: Rates) -> Speed:
    """Measure a case. Raises DeviceError when memory runs out."""
    if model.device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    launcher = launcher_of(model, case)
    steps = tuple(step_of(model, case, order, launcher, machine) for order in orders(case))
    seconds = end_to_end(model, case)
    settings = case.recipe.settings
    opening, inside = steps[0], steps[-1]
    blocks = -(-settings.max_tokens // settings.block_length) if case.recipe.cache.keeps else 0
    count = settings.max_tokens // TOKENS_A_STEP
    device = (blocks * opening.total + (count - blocks) * inside.total) / 1e3
    return Speed(
        name=case.name,
        strategy=type(case.recipe.strategy).__name__.lower(),
        cache=settings.cache,
        rows=case.rows,
        prompt=case.prompt,
        canvas=settings.max_tokens,
        block=settings.block_length,
        steps=steps,
        tokens_per_second=case.rows * settings.max_tokens / seconds,
        host=max(0.0, seconds - device) / count * 1e3,
        memory=torch.cuda.max_memory_allocated() if model.device.startswith("cuda") else 0,
        compile_seconds=launcher.compiling if isinstance(launcher, Captured) else 0.0,
        capture_seconds=launcher.capturing if isinstance(launcher, Captured) else 0.0,
    )


def orders(case: Case) -> Iterator[Order]:
    """The kinds of steps that the cache knows, as the host orders them in the middle of a canvas."""
    everyone = list(range(case.rows))
    settings = case.recipe.settings
    middle = settings.max_tokens // 2
    where = middle, middle + settings.block_length
    yield Order(everyone, True, not case.recipe.cache.keeps, *where)
    if case.recipe.cache.keeps:
        yield Order(everyone, False, False, *where)


def launcher_of(model: Network, case: Case) -> Launcher:
    """Who takes a batch's steps; something is stored already, so that windows can be computed."""
    session, board = seated(model, case)
    layout = Layout(case.rows, session.width, False)
    is_cuda = model.device.startswith("cuda")
    launcher: Launcher = (Captured if is_cuda else Direct)(model, board, session, layout, stages_of(model))
    launcher.launch(Order(list(range(case.rows)), True, True, 0, session.width))
    return launcher


def stages_of(model: Network) -> Stages:
    """Compiled where steps are captured."""
    return compiled() if model.device.startswith("cuda") else PLAIN


def step_of(model: Network, case: Case, order: Order, launcher: Launcher, machine: Rates) -> Step:
    """Measure one kind of step, whole and in parts."""
    session, board = seated(model, case)
    kind, layout, stages = kind_of(order, session), Layout(case.rows, session.width, False), stages_of(model)
    is_cuda = model.device.startswith("cuda")
    for _ in range(3):
        launcher.launch(order)
    whole = partial(launcher.launch, order)
    total = between_events(whole) if is_cuda else milliseconds(whole, "cpu")
    with torch.inference_mode():
        board = own(board)
        store = model.open(case.rows * session.branches, session.length)
        turn, query = stages.prepare(board, session, kind, None)
        (logits,) = logits_of(model, store, query, session, turn)
        reading = read(board, logits, session)
    forward = milliseconds(lambda: logits_of(model, store, query, session, turn), model.device)
    scoring = milliseconds(lambda: read(board, logits, session), model.device)
    around = milliseconds(lambda: stages.prepare(board, session, kind, None), model.device)
    around += milliseconds(lambda: stages.conclude(board, reading, session, turn, layout), model.device)
    columns = session.length if kind.plan.full else kind.plan.width
    name = "full" if kind.plan.full else "window"
    return Step(name, columns, total, forward, scoring, around, floor(model, case, kind.plan, machine))


def seated(model: Network, case: Case) -> tuple[Session, Board]:
    """A batch of random prompts."""
    bucket = PROMPT_BUCKET if model.device.startswith("cuda") else 1
    return seat(model, prompts(case), case.recipe, [0] * case.rows, Room(bucket))


def prompts(case: Case) -> list[list[int]]:
    """Prompts of arbitrary ids."""
    return [[(7 * row + 3 * place) % 200 + 5 for place in range(case.prompt)] for row in range(case.rows)]


def floor(model: Network, case: Case, plan: Plan, machine: Rates) -> float:
    """Milliseconds that reading the weights once or doing the products' operations takes at the machine's best."""
    trunk, settings = model.trunk, case.recipe.settings
    layers = [parameter for layer in trunk.layers for parameter in layer.parameters() if parameter.dim() > 1]
    head = trunk.embedding.weight if trunk.output is None else trunk.output.weight
    read_bytes = sum(weight.nbytes for weight in [*layers, head])
    columns = case.rows * (case.prompt + settings.max_tokens if plan.full else plan.width)
    wanted = case.rows * min(settings.block_length, settings.max_tokens)
    of_layers = 2 * sum(weight.numel() for weight in layers) * columns / machine.layer_operations
    operations = of_layers + 2 * head.numel() * wanted / machine.operations
    return max(read_bytes / machine.bytes, operations) * 1e3


def end_to_end(model: Network, case: Case) -> float:
    """Seconds to decode a batch at a fixed number of tokens a step, everything compiled and captured."""
    settings = replace(case.recipe.settings, stop="none", steps=None)
    # What the case's strategy asks of a forward is paid for: WINO's shadow doubles it.
    paced = type("Paced", (Topk,), {"needs": case.recipe.strategy.needs})(TOKENS_A_STEP)
    recipe = replace(build(settings, "topk"), strategy=paced)
    watch = Watch(capture=model.device.startswith("cuda"))
    taken = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        for _event in decode(model, prompts(case), recipe, watch=watch):
            pass
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])
