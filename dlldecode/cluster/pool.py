"""Workers that pull items as they become free; one that dies is replaced, and its item is done again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import shorten
from typing import Any, NamedTuple

from ..errors import DlldecodeError
from .join import joined
from .share import Kind, Share, machines, share
from .worker import Make, Raised, Worker

MOST_DEATHS = 3
LONGEST_REASON = 300  # characters
Welcome = Callable[[Any], None]
Reply = Future[Any]


@dataclass(frozen=True)
class Asked:
    """What the user asked for: how many workers (every GPU, or one, by default), and on what."""

    workers: int | None = None
    kind: Kind = "auto"


@contextmanager
def opened(make: Make, asked: Asked, welcome: Welcome = lambda about: None) -> Iterator[Pool]:
    """A pool of workers that each `make` makes ready; `welcome` sees what each is before it gets its first item.

    Raises UsageError or DeviceError for a cluster that cannot be joined or has too little. What `make`, the work or
    `welcome` raise comes out of whatever is asked of the pool.
    """
    with joined():
        import ray

        pool = Pool(make, share(machines(ray), asked.workers, asked.kind), welcome)
        try:
            yield pool
        finally:
            pool.close()


class Seat(NamedTuple):
    """A worker, and how many before it died in its place without a result between them."""

    actor: Any
    deaths: int


class Errand(NamedTuple):
    """An item, and how many workers have died over it."""

    item: Any
    deaths: int = 0


class Died(NamedTuple):
    """A worker is gone, and why."""

    why: str


class Todo:
    """Items that are to be done: new ones first, then those whose worker died, so that a deadly one comes last."""

    def __init__(self, work: Iterable[Any]) -> None:
        self._new, self._lost = iter(work), deque[Errand]()

    def take(self) -> Errand | None:
        """The next one."""
        for item in self._new:
            return Errand(item)
        return self._lost.popleft() if self._lost else None

    def put_back(self, errand: Errand, died: Died) -> None:
        """Have it done again. Raises DlldecodeError for an item that has cost too many workers."""
        deaths = errand.deaths + 1
        if deaths == MOST_DEATHS:
            raise DlldecodeError(f"{deaths} workers died over the same piece of work; the last one: {died.why}")
        self._lost.append(Errand(errand.item, deaths))


class Pool:
    """See `opened`."""

    def __init__(self, make: Make, shared: Share, welcome: Welcome) -> None:
        self.share = shared
        self._make, self._welcome = make, welcome
        self._starting: dict[Reply, Seat] = {}
        self._idle: list[Seat] = []
        for _ in range(shared.workers):
            self._start(deaths=0)

    def wait(self) -> None:
        """Return when the first worker is ready."""
        while not self._idle:
            self._take(first(self._starting))

    def spread(self, work: Iterable[Any]) -> Iterator[Any]:
        """The result of every item, once, as they come; items are taken one by one, when a worker is free."""
        todo = Todo(work)
        busy: dict[Reply, tuple[Seat, Errand]] = {}
        try:
            while self._hand_out(todo, busy) or busy:
                reply = first([*busy, *self._starting])
                if reply in self._starting:
                    self._take(reply)
                    continue
                found = outcome(reply)
                seat, errand = busy.pop(reply)
                if isinstance(found, Died):
                    todo.put_back(errand, found)
                    self._replace(seat, found)
                    continue
                self._idle.append(Seat(seat.actor, deaths=0))
                self._hand_out(todo, busy)
                yield found
        finally:
            # Who is still busy does what comes next after that.
            self._idle += [seat for seat, _ in busy.values()]

    def close(self) -> None:
        """Let all workers go."""
        import ray

        for seat in [*self._idle, *self._starting.values()]:
            ray.kill(seat.actor)

    def _hand_out(self, todo: Todo, busy: dict[Reply, tuple[Seat, Errand]]) -> bool:
        """Give every idle worker an item; whether there may be more of them."""
        while self._idle:
            errand = todo.take()
            if errand is None:
                return False
            seat = self._idle.pop()
            busy[seat.actor.do.remote(errand.item).future()] = seat, errand
        return True

    def _start(self, deaths: int) -> None:
        import ray

        cores, gpus = self.share.cores, self.share.gpus
        actor = ray.remote(Worker).options(num_cpus=cores, num_gpus=gpus, max_restarts=0, max_task_retries=0).remote()
        self._starting[actor.begin.remote(self._make, self.share.device, cores).future()] = Seat(actor, deaths)

    def _take(self, reply: Reply) -> None:
        """Let a worker in that has got ready, or has died over it."""
        found, seat = outcome(reply), self._starting.pop(reply)
        if isinstance(found, Died):
            self._replace(seat, found)
            return
        self._idle.append(seat)
        self._welcome(found)

    def _replace(self, seat: Seat, died: Died) -> None:
        """Start another worker in its place. Raises DlldecodeError where one after the other dies."""
        import ray

        ray.kill(seat.actor)  # it may merely be out of reach, and nothing is to be done twice
        if seat.deaths + 1 == MOST_DEATHS:
            raise DlldecodeError(f"{MOST_DEATHS} workers in a row died without a result; the last one: {died.why}")
        self._start(seat.deaths + 1)


def first(replies: Iterable[Reply]) -> Reply:
    """The first that is there. Waited for in Python: Ray's own wait would turn a signal's exit code into 1."""
    return wait(list(replies), return_when=FIRST_COMPLETED).done.pop()


def outcome(reply: Reply) -> Any:
    """What a worker gave back, or that it died; what it raised is raised here."""
    from ray.exceptions import RayError, RayTaskError

    try:
        found = reply.result()
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:
        return Died(reason(error))
    if isinstance(found, Raised):
        raise found.error()
    return found


def reason(error: Exception) -> str:
    """What Ray says of a death, in one line, without the names of actors."""
    text = " ".join(str(error).split())
    return shorten(text.rpartition("The actor is dead because ")[2], LONGEST_REASON, placeholder=" ...")
