"""Steps captured as CUDA graphs: the host launches one graph where there were hundreds of kernels.

A graph reads and writes fixed memory. A batch's board, session and the rows of an opening forward therefore live in
tensors of their own, which every step updates in place; batches of the same geometry take turns in them.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ..models.adapter import Model
from . import memory
from .board import Board, Session, admit
from .guests import Guest
from .host import Order
from .launch import Direct, Launcher, memory_guard, renewed
from .observe import Layout
from .step import PLAIN, Kind, Rows, Stages, kind_of, step

Replay = Callable[[], Any]
MOST_KEPT = 4  # geometries whose graphs and stores stay in memory
_KEPT: WeakKeyDictionary[Model, OrderedDict[Any, Captured]] = WeakKeyDictionary()


class Key(NamedTuple):
    """What a graph is captured for; so many rows are `computed`, 0 for all."""

    kind: Kind
    computed: int


class Captured:
    """Takes each kind of step once directly, captures it the next time, and replays it from then on."""

    def __init__(self, model: Model, board: Board, session: Session, layout: Layout, stages: Stages = PLAIN) -> None:
        self.board, self._session = own(board), owned(session)
        self._model, self._layout, self._stages = model, layout, stages
        self._store = model.open(layout.rows * session.branches, session.length)
        self._rows = torch.zeros(layout.rows, dtype=torch.int64, device=session.device)
        self._payload: Tensor | None = None
        self._graphs: dict[Key, Replay | None] = {}
        self._pool: Any = None
        self.compiling = self.capturing = 0.0  # seconds

    @property
    def preparing(self) -> float:
        """Seconds spent on both so far."""
        return self.compiling + self.capturing

    def take(self, board: Board, session: Session) -> None:
        """Begin another batch of the same geometry."""
        update(self.board, board)
        update(tensors(self._session), tensors(session))

    def admit(self, row: int, guest: Guest) -> None:
        """Let a row begin anew with another prompt."""
        admit(self._session, row, guest.prompt, guest.key)
        update(self.board, renewed(self.board, self._session, row))

    def launch(self, order: Order) -> Tensor:
        """Launch a step."""
        rows = bucket(order.rows, self._layout.rows)
        key = Key(kind_of(order, self._session), len(rows))
        if rows:
            self._rows[: len(rows)] = torch.tensor(rows)
        with memory_guard(self._session, self._layout.rows):
            if replay := self._graphs.get(key):
                replay()
            else:
                self._prepare(key)
        assert self._payload is not None
        return self._payload

    def _prepare(self, key: Key) -> None:
        """Take a step of a kind that no graph serves yet: directly the first time, then as the graph that is kept."""
        began = time.perf_counter()
        if key in self._graphs:
            self._graphs[key] = replay = self.capture(lambda: self._take_step(key))
            replay()
            self.capturing += time.perf_counter() - began
        else:
            self._graphs[key] = None  # the first time may compile kernels, which cannot be captured
            self._take_step(key)
            self.compiling += time.perf_counter() - began

    def _take_step(self, key: Key) -> None:
        rows: Rows | None = self._rows[: key.computed] if key.computed else None
        how = (key.kind, rows, self._layout, self._stages)
        board, payload = step(self._model, self._store, self.board, self._session, how)
        update(self.board, board)
        if self._payload is None:
            self._payload = payload.clone()
        else:
            self._payload.copy_(payload)

    def capture(self, take_step: Replay) -> Replay:
        """Record a step without taking it; all graphs work in the same memory, since they take turns."""
        graph = torch.cuda.CUDAGraph()
        with torch.inference_mode(), torch.cuda.graph(graph, pool=self._pool):
            take_step()
        self._pool = graph.pool()
        return graph.replay


def launcher_for(model: Model, board: Board, session: Session, layout: Layout, capture: bool) -> Launcher:
    """Who takes the steps of a batch; captured graphs are kept for the next batch of the same geometry.

    Raises a DeviceError where the batch needs more memory than there is.
    """
    if not capture:
        memory.expect(model, session, layout.rows)
        return Direct(model, board, session, layout)
    kept = _KEPT.setdefault(model, OrderedDict())
    key = (layout, session.prompt_width, session.canvas, session.visible is None, session.recipe)
    if key in kept:
        kept[key].take(board, session)
    else:
        if not memory.fits(model, session, layout.rows):
            kept.clear()
        memory.expect(model, session, layout.rows)
        with memory_guard(session, layout.rows):
            kept[key] = Captured(model, board, session, layout, compiled())
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
    return kept[key]


def bucket(computed: list[int], rows: int) -> list[int]:
    """The rows of a forward, the first one repeated up to a power of two, so that few sizes occur; none for all."""
    if len(computed) == rows:
        return []
    size = min(rows, 1 << (len(computed) - 1).bit_length())
    return computed + [computed[0]] * (size - len(computed))


def compiled() -> Stages:
    """The stages through torch's compiler, which fuses their many small operations."""
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, 256)
    return Stages(*(torch.compile(stage, fullgraph=True, dynamic=False) for stage in PLAIN))


def leaves(value: Any) -> Iterator[Tensor]:
    """The tensors of nested tuples, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from leaves(part)


def own(value: Any) -> Any:
    """A copy of nested tuples in which no two tensors share memory."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, tuple):
        parts = [own(part) for part in value]
        return tuple(parts) if type(value) is tuple else type(value)(*parts)
    return value


def update(target: Any, source: Any) -> None:
    """Copy tensors into those of the same structure, those of one dtype in one kernel."""
    pairs = [(old, new) for old, new in zip(leaves(target), leaves(source), strict=True) if old is not new]
    for dtype in {old.dtype for old, _ in pairs}:
        same = [(old, new) for old, new in pairs if old.dtype == dtype]
        torch._foreach_copy_([old for old, _ in same], [new for _, new in same])


def tensors(session: Session) -> tuple[Any, ...]:
    """What changes from batch to batch of one geometry."""
    return (session.prompt, session.position, session.visible, session.keys)


def owned(session: Session) -> Session:
    """The session with tensors of its own."""
    prompt, position, visible, keys = own(tensors(session))
    return replace(session, prompt=prompt, position=position, visible=visible, keys=keys)
