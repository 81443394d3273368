"""How many workers a cluster gets, and what of it each of them takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ..errors import DeviceError, UsageError

Kind = Literal["auto", "cpu", "cuda"]


class Share(NamedTuple):
    """So many workers, with so many cores and GPUs (0 or 1) each."""

    workers: int
    cores: int
    gpus: int

    @property
    def device(self) -> str:
        """What a worker computes on."""
        return "cuda" if self.gpus else "cpu"


def share(machines: Sequence[Mapping[str, float]], workers: int | None, kind: Kind = "auto") -> Share:
    """One worker a GPU; without GPUs one worker, or those asked for, with as many cores as all can have.

    `machines` are the resources of every machine as Ray counts them. Raises UsageError for more workers than there is
    room for, DeviceError for CUDA without a GPU.
    """
    gpus = sum(int(machine.get("GPU", 0)) for machine in machines)
    if kind == "cuda" and not gpus:
        raise DeviceError("device cuda was asked for, but the cluster has no GPU; take --device auto or cpu.")
    if gpus and kind != "cpu":
        return Share(_at_most(workers or gpus, gpus, "GPUs"), 1, 1)
    cores = [int(machine.get("CPU", 0)) for machine in machines]
    wanted = _at_most(workers or 1, sum(cores), "cores")
    each = next(size for size in range(max(cores), 0, -1) if sum(count // size for count in cores) >= wanted)
    return Share(wanted, each, 0)


def _at_most(workers: int, room: int, what: str) -> int:
    if workers > room:
        raise UsageError(f"--workers {workers}: the cluster has {room} {what}, and every worker takes at least one.")
    return workers


def machines(ray: Any) -> list[Mapping[str, float]]:
    """The resources of the machines that are up."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]
