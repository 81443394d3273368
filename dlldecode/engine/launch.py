"""Who launches the steps of a batch: one by one, or as captured graphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from ..errors import DeviceError
from ..models.adapter import Model
from .advance import select
from .board import Board, Session, admit, first_board
from .guests import Guest
from .host import Order
from .observe import Layout
from .step import PLAIN, Rows, Stages, kind_of, step


@runtime_checkable
class Launcher(Protocol):
    """Holds a batch's board and takes its steps."""

    @property
    def preparing(self) -> float:
        """Seconds spent so far on what later batches find done: compiling, capturing."""
        ...

    @property
    def board(self) -> Board:
        """The board after all steps launched so far."""
        ...

    def launch(self, order: Order) -> Tensor:
        """Launch a step; what it sends home, still on the device."""
        ...

    def admit(self, row: int, guest: Guest) -> None:
        """Let a row begin anew with another prompt."""
        ...


class Direct:
    """Every operation of every step is launched by itself."""

    def __init__(self, model: Model, board: Board, session: Session, layout: Layout, stages: Stages = PLAIN) -> None:
        self.board = board
        self._model, self._session, self._layout, self._stages = model, session, layout, stages
        self._store = model.open(layout.rows * session.branches, session.length)

    @property
    def preparing(self) -> float:
        """None."""
        return 0.0

    def launch(self, order: Order) -> Tensor:
        """Launch a step."""
        rows = self.rows(order.rows)
        how = (kind_of(order, self._session), rows, self._layout, self._stages)
        with memory_guard(self._session, self._layout.rows):
            self.board, payload = step(self._model, self._store, self.board, self._session, how)
        return payload

    def admit(self, row: int, guest: Guest) -> None:
        """Let a row begin anew with another prompt."""
        admit(self._session, row, guest.prompt, guest.key)
        self.board = renewed(self.board, self._session, row)

    def rows(self, computed: list[int]) -> Rows | None:
        """The rows of a forward on the device; None for all."""
        if len(computed) == self._layout.rows:
            return None
        return torch.tensor(computed, device=self._session.device)


@torch.inference_mode()
def renewed(board: Board, session: Session, row: int) -> Board:
    """The board with one row at its start."""
    rows = board.canvas.shape[0]
    chosen = torch.arange(rows, device=board.canvas.device) == row
    after: Board = select(chosen, first_board(rows, session), board)
    return after


@contextmanager
def memory_guard(session: Session, rows: int) -> Iterator[None]:
    """Turn the device's running out of memory into a DeviceError that names the remedies."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"out of memory on {session.device} with {rows} rows of {session.length} columns; lower "
            "--batch-size or --max-tokens, or take a smaller --dtype or model."
        ) from error
