"""What runs in a worker: it gets ready once, then does one item after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import DlldecodeError


class Ready(NamedTuple):
    """A worker that is ready: what it does with an item, and what the caller may want to know about it."""

    do: Callable[[Any], Any]
    about: Any = None


Make = Callable[[str], Ready]  # from the device's name


class Raised(NamedTuple):
    """An error of ours on its way to the caller: pickling would build it anew from its text, and some take more."""

    kind: type[DlldecodeError]
    arguments: tuple[Any, ...]
    more: dict[str, Any]

    def error(self) -> DlldecodeError:
        """The error as it was."""
        found = self.kind.__new__(self.kind, *self.arguments)
        vars(found).update(self.more)
        return found


class Worker:
    """An actor's inside."""

    def begin(self, make: Make, device: str, threads: int) -> Any:
        """Get ready; what the caller may want to know."""
        import torch

        torch.set_num_threads(threads)
        return self._guarded(lambda: self._ready(make(device)))

    def do(self, item: Any) -> Any:
        """The result of an item."""
        return self._guarded(lambda: self._do(item))

    def _ready(self, ready: Ready) -> Any:
        self._do = ready.do
        return ready.about

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except DlldecodeError as error:
            return Raised(type(error), error.args, vars(error))
