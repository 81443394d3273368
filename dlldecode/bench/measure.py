"""Decode items with one setting and say of each what came out, what it took, and how right it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..batch import Job, Result, prepare, run
from ..config.assemble import Resolved
from ..errors import DeviceError, ModelError, UsageError
from . import gauges, scorers
from .items import Item, cut
from .matrix import Setting
from .records import Record, digest
from .task import Task
from .verdict import Verdict

if TYPE_CHECKING:
    from ..models.network import Network


@dataclass(frozen=True)
class Group:
    """Items of one task to be decoded with one setting, for the `turn`-th time."""

    setting: Setting
    task: Task
    resolved: Resolved
    items: tuple[Item, ...]
    turn: int = 0

    def key(self, item: Item) -> str:
        """What names a result: the settings, the task, the item with its data, the turn."""
        settings = self.resolved
        how = (settings.preset_hash, settings.settings.seed, settings.run.batch_size, self.setting.label)
        return digest(*how, self.task.digest, item.id, item.doc, self.turn)

    def with_items(self, items: Sequence[Item]) -> Group:
        """The group with other items."""
        return replace(self, items=tuple(items))


def group_of(setting: Setting, task: Task, items: Sequence[Item], turn: int = 0) -> Group:
    """Items with settings laid over what the task brings along. Raises UsageError where they do not fit."""
    from ..batch import recipe

    resolved = setting.resolved(task.settings, task.task)
    recipe(resolved)
    return Group(setting, task, resolved, tuple(items), turn)


def groups_of(setting: Setting, asked: Iterable[tuple[Task, Sequence[Item]]], turn: int = 0) -> Iterator[Group]:
    """A group for every task; what tasks bring along is laid beneath the settings once where it is the same."""
    found: dict[str, Group] = {}
    for task, items in asked:
        brought = digest(task.settings)
        if brought not in found:
            found[brought] = group_of(setting, task, items, turn)
        yield replace(found[brought], task=task, items=tuple(items))


def warm_up(model: Network, group: Group, times: int) -> None:
    """Decode the first item without keeping anything, so that nothing is first when it counts."""
    job = prepare(model, group.resolved)
    for _ in range(times):
        for _ in run(job, [group.items[0].prompt], in_batch=True):
            pass


def measure(model: Network, group: Group) -> Iterator[Record]:
    """A record for every item, each as soon as it is there.

    What goes wrong with one item marks that item; a model or device that fails raises.
    """
    gauges.reset_memory(model.device)
    left = list(group.items)
    try:
        yield from _measured(prepare(model, group.resolved), group, left)
    except (ModelError, DeviceError, UsageError):
        raise
    except Exception as error:  # a strategy may raise anything over one item; the others are still wanted
        if len(left) == 1:
            yield failed(group, left[0], error)
            return
        # Rows of a batch fail together: each of them is tried alone, so that only the culprit is marked.
        width = group.resolved.run.batch_size
        for item in left[:width]:
            yield from measure(model, group.with_items([item]))
        if left[width:]:
            yield from measure(model, group.with_items(left[width:]))


def _measured(job: Job, group: Group, left: list[Item]) -> Iterator[Record]:
    """Records of the items that are `left`, which each leaves when its record is taken."""
    device, began, energy = job.model.device, time.perf_counter(), gauges.joules(job.model.device)
    for found in run(job, [item.prompt for item in left], in_batch=True):
        assert isinstance(found, Result)
        elapsed, spent = time.perf_counter() - began, gauges.joules(device)
        # Compiling takes energy too, which is no part of decoding and cannot be told apart.
        taken = None if spent is None or energy is None or found.preparing else spent - energy
        machine = {"memory": gauges.peak_memory(device), "joules": taken}
        yield record(group, left.pop(0), found, elapsed, machine)
        began, energy = time.perf_counter(), spent


def record(group: Group, item: Item, found: Result, elapsed: float, machine: dict[str, Any]) -> Record:
    """One line of results: the item's own record, its verdict, and what it took of the machine.

    `elapsed` is the time since the item before it, which is what an item of a batch costs.
    """
    began = time.perf_counter()
    verdict, error = judged(group.task, item, found)
    whole = found.record()
    kept = {key: whole[key] for key in KEPT}
    seconds = {**whole["seconds"], "elapsed": elapsed, "score": time.perf_counter() - began}
    return {
        **named(group, item),
        "metrics": {} if error else dict(verdict.metrics),
        "answer": verdict.answer,
        "note": verdict.note,
        **kept,
        "seconds": seconds,
        **machine,
        "error": error,
    }


KEPT = ("text", "token_ids", "finish_reason", "tokens", "forwards", "steps", "tpf", "tps", "remasked")


def named(group: Group, item: Item) -> Record:
    """What a result is the result of."""
    resolved, setting = group.resolved, group.setting
    return {
        "key": group.key(item),
        "setting": setting.label,
        "preset": setting.preset,
        "preset_hash": resolved.preset_hash,
        "strategy": resolved.strategy,
        "cache": resolved.settings.cache,
        "axes": dict(setting.axes),
        "batch_size": resolved.run.batch_size,
        "seed": resolved.settings.seed,
        "task": group.task.task,
        "metric": group.task.metric,
        "item": item.id,
        "run": group.turn,
    }


def judged(task: Task, item: Item, found: Result) -> tuple[Verdict, str | None]:
    """The verdict on an answer, and why there is none: the item was not decoded, or its scorer failed."""
    if found.error is not None:
        return Verdict(), found.error
    text = item.prompt.begun + cut(found.text or "", task.generation_kwargs.until)
    try:
        verdict = scorers.load(task.scorer).score(item.doc, text)
    except UsageError:
        raise
    except Exception as error:  # a scorer's fault must not cost the run
        return Verdict(), f"the scorer {task.scorer} failed: {type(error).__name__}: {' '.join(str(error).split())}"
    if task.metric not in verdict.metrics:
        raise UsageError(
            f"task {task.task}: its scorer {task.scorer} gives {', '.join(verdict.metrics)}, not {task.metric}."
        )
    return verdict, None


def failed(group: Group, item: Item, error: Exception) -> Record:
    """The record of an item over which decoding raised."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return record(
        group, item, Result(item.id, 0, item.prompt.text, error=reason), 0.0, {"memory": None, "joules": None}
    )
