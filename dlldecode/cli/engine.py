"""Who decodes a comparison: this process, or the workers of a cluster."""

from __future__ import annotations

import shlex
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from .. import batch
from ..bench.measure import Group
from ..bench.records import Record
from ..bench.session import WarmedUp, decoded
from ..config.run import RunSettings
from ..errors import UsageError
from . import loading, stderr

if TYPE_CHECKING:
    from ..cluster.pool import Pool
    from ..cluster.share import Kind
    from ..cluster.worker import Ready
    from ..models.network import Network

Found = Record | WarmedUp
ROUNDS = 4  # batches in a piece of work: rows that end early are followed by others until the last of them
SAME = ("model", "revision", "weights", "dtype")  # what workers have in common, beside versions


@dataclass(frozen=True)
class Decoder:
    """Decodes groups: `about` is what all its results have in common, `workers` how many decode at a time."""

    about: Mapping[str, Any]
    found: Callable[[Iterable[Group]], Iterator[Found]]
    workers: int = 1


@contextmanager
def opened(run: RunSettings, asked: Mapping[str, Any]) -> Iterator[Decoder]:
    """Who decodes with a model, as `--engine` and `--workers` say. Raises UsageError for more than there is."""
    if asked["engine"].value == "ray":
        with _spread(run, asked) as decoder:
            yield decoder
        return
    with stderr.spinner(f"loading {run.model}"):
        network, _ = loading.model(run)
    yield Decoder(environment(network), lambda groups: decoded(network, groups, asked["warmup"]))


@contextmanager
def _spread(run: RunSettings, asked: Mapping[str, Any]) -> Iterator[Decoder]:
    from ..cluster import pool

    if ":" in run.device:
        raise UsageError(f"--device {run.device}: Ray gives every worker a GPU of its own; take cuda, cpu or auto.")
    first = First()
    wanted = pool.Asked(asked["workers"], cast("Kind", run.device))
    with ExitStack() as stack:
        with stderr.spinner(f"starting workers with {run.model}"):
            workers = stack.enter_context(pool.opened(partial(ready, run, asked["warmup"]), wanted, first.welcome))
            workers.wait()
        count = workers.share.workers
        stderr.notice(f"{count} workers on {first.about['device']}", level=1)
        yield Decoder(first.common(), partial(_found, workers, count), count)


def _found(workers: Pool, count: int, groups: Iterable[Group]) -> Iterator[Found]:
    with closing(workers.spread(chunks(groups, count))) as several:
        for found in several:
            yield from found


def chunks(groups: Iterable[Group], workers: int) -> Iterator[Group]:
    """Groups in pieces for one worker each: single items, or some batches' worth, so that batches stay full."""
    for group in groups:
        size = group.resolved.run.batch_size
        fair = -(-len(group.items) // workers)
        width = 1 if size == 1 else min(ROUNDS * size, max(size, fair))
        for start in range(0, len(group.items), width):
            yield group.with_items(group.items[start : start + width])


def ready(run: RunSettings, warm_ups: int, device: str) -> Ready:
    """Load the model in a worker, on its device."""
    from ..cluster.worker import Ready

    network, _ = loading.model(replace(run, device=device))
    return Ready(Desk(network, warm_ups).do, {**environment(network), "host": socket.gethostname()})


@dataclass
class Desk:
    """Decodes groups in a worker, and knows which settings are warm."""

    network: Network
    warm_ups: int
    warm: set[str] = field(default_factory=set)

    def do(self, group: Group) -> list[Found]:
        """The records of a group, after what warming up it took."""
        label = group.setting.label
        times = 0 if label in self.warm else self.warm_ups
        self.warm.add(label)
        return list(decoded(self.network, [group], times))


class First:
    """What the first worker is; those that come later must be the same."""

    def __init__(self) -> None:
        self.about: Mapping[str, Any] = {}

    def welcome(self, about: Mapping[str, Any]) -> None:
        """Raise UsageError for a worker with another model or other versions; say so where its device differs."""
        self.about = self.about or about
        ours, theirs = traits(self.about), traits(about)
        for name in ours:
            if ours[name] != theirs[name]:
                raise UsageError(
                    f"the worker on {about['host']} has {name} {theirs[name]}, the one on {self.about['host']}"
                    f" {ours[name]}; give all machines the same model and the same packages."
                )
        if about["device"] != self.about["device"]:
            stderr.notice(
                f"the worker on {about['host']} decodes on {about['device']}, the one on {self.about['host']} on"
                f" {self.about['device']}: speeds are a mixture of both."
            )

    def common(self) -> dict[str, Any]:
        """The environment of all results."""
        return {**{name: value for name, value in self.about.items() if name != "host"}, **_here()}


def traits(about: Mapping[str, Any]) -> dict[str, Any]:
    """What decides what a worker writes, by name."""
    return {**{name: about[name] for name in SAME}, **about["versions"]}


def environment(network: Network) -> dict[str, Any]:
    """What every result of a run has in common."""
    import torch

    is_cuda = network.device.startswith("cuda")
    return {
        "model": network.name,
        "revision": network.revision,
        "weights": network.weights,
        "dtype": network.dtype,
        "device": torch.cuda.get_device_name(network.device) if is_cuda else f"cpu, {torch.get_num_threads()} threads",
        "versions": batch.versions(),
        **_here(),
    }


def _here() -> dict[str, Any]:
    """When and by which command."""
    return {"date": time.strftime("%Y-%m-%d"), "command": shlex.join(["dlldecode", *sys.argv[1:]])}
