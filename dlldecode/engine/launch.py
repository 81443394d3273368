"""Who launches the steps of a batch: one by one, or as captured graphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor

from ..errors import DeviceError
from ..models.adapter import Model
from .board import Board, Session
from .host import Order
from .observe import Layout
from .step import PLAIN, Rows, kind_of, step


class Launcher(Protocol):
    """Holds a batch's board and takes its steps."""

    @property
    def board(self) -> Board:
        """The board after all steps launched so far."""
        ...

    def launch(self, order: Order) -> Tensor:
        """Launch a step; what it sends home, still on the device."""
        ...


class Direct:
    """Every operation of every step is launched by itself."""

    def __init__(self, model: Model, board: Board, session: Session, layout: Layout) -> None:
        self.board = board
        self._model, self._session, self._layout = model, session, layout
        self._store = model.open(layout.rows * session.branches, session.length)

    def launch(self, order: Order) -> Tensor:
        """Launch a step."""
        rows = self.rows(order.opens)
        how = (kind_of(order, self._session), rows, self._layout, PLAIN)
        with memory_guard(self._session, self._layout.rows):
            self.board, payload = step(self._model, self._store, self.board, self._session, how)
        return payload

    def rows(self, opens: list[int]) -> Rows | None:
        """The rows of a forward on the device; None for all."""
        if len(opens) in (0, self._layout.rows):
            return None
        return torch.tensor(opens, device=self._session.device)


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
