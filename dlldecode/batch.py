"""Prompts in, results out: the path that Python and the command line share."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .config.assemble import Resolved
from .core import custom
from .errors import DeviceError, UsageError
from .trace.events import Finished, Forwards, Started, Stepped

if TYPE_CHECKING:
    from .engine.guests import Guest
    from .engine.loop import Watch
    from .engine.recipe import Recipe
    from .models.network import Network
    from .models.toy import Toy
    from .trace.lines import Header

SCHEMA = 1


@dataclass(frozen=True)
class Prompt:
    """One text to answer. `id` names it in records (its index by default); `problem` is why it cannot be answered.

    `turns` are questions and answers that went before; `begun` is how the answer begins; with `raw` the text goes in
    without a chat template.
    """

    text: str | None
    id: Any = None
    problem: str | None = None
    turns: tuple[tuple[str, str], ...] = ()
    begun: str = ""
    raw: bool = False


@dataclass(frozen=True)
class Job:
    """What all prompts of one run share."""

    model: Network | Toy
    resolved: Resolved
    recipe: Recipe
    system: str | None = None
    raw: bool = False
    load_seconds: float | None = None

    def watch(self, steps: bool = False) -> Watch:
        """How batches of this job are run. Raises DeviceError where graphs are asked of a device without them."""
        from .engine.loop import Watch

        asked, is_cuda = self.resolved.run.graphs, self.model.device.startswith("cuda")
        if asked == "on" and not is_cuda:
            raise DeviceError(f"graphs = on, but the model is on {self.model.device}; take CUDA or graphs = auto.")
        return Watch(steps, capture=is_cuda and asked != "off")


@dataclass(frozen=True)
class Result:
    """One answer. `token_ids` is the whole canvas; `text` ends before the first stop token."""

    id: Any
    index: int
    prompt: str | None
    text: str | None = None
    prompt_ids: tuple[int, ...] = ()
    token_ids: tuple[int, ...] = ()
    finish_reason: str | None = None
    effective: int = 0
    counts: Forwards = field(default_factory=Forwards)
    steps: int = 0
    remasked: int = 0
    seconds: float = 0.0
    error: str | None = None
    shared: Mapping[str, Any] = field(default_factory=dict, repr=False)
    load_seconds: float | None = None
    preparing: float = 0.0

    @property
    def forwards(self) -> int:
        """Calls of the model."""
        return self.counts.total

    @property
    def tpf(self) -> float | None:
        """Effective tokens per forward."""
        return self.effective / self.forwards if self.forwards else None

    @property
    def tps(self) -> float | None:
        """Effective tokens per second of decoding, without what was spent on compiling and capturing."""
        return self.effective / (self.seconds - self.preparing) if self.seconds > self.preparing else None

    def record(self) -> dict[str, Any]:
        """The result as a JSON object; keys are only ever added."""
        counts = self.counts
        return {
            "schema": SCHEMA,
            "id": self.id,
            "index": self.index,
            "prompt": self.prompt,
            "text": self.text,
            "prompt_ids": list(self.prompt_ids),
            "token_ids": list(self.token_ids),
            "finish_reason": self.finish_reason,
            "tokens": {"prompt": len(self.prompt_ids), "effective": self.effective, "canvas": len(self.token_ids)},
            "forwards": {"total": counts.total, **asdict(counts)},
            "steps": self.steps,
            "tpf": self.tpf,
            "tps": self.tps,
            "seconds": {"load": self.load_seconds, "decode": self.seconds, "prepare": self.preparing},
            "remasked": self.remasked,
            **self.shared,
            "error": self.error,
        }


def prepare(
    model: Network | Toy,
    resolved: Resolved,
    *,
    system: str | None = None,
    raw: bool = False,
    load_seconds: float | None = None,
) -> Job:
    """Everything that a run needs, checked. Raises UsageError where the parts do not fit together."""
    if raw and system is not None:
        raise UsageError("a system text goes through the chat template, which raw leaves out; give one of the two.")
    from .engine.windows import Spell

    spell = Spell(model.tokenizer.encode, model.spec.vocab_size)
    return Job(model, resolved, recipe(resolved).spelled(spell), system, raw, load_seconds)


def recipe(resolved: Resolved) -> Recipe:
    """What the engine runs by. Raises UsageError where the strategy's file is another one than the settings are of."""
    from .engine.recipe import build

    if custom.digest(resolved.strategy) != resolved.digest:
        raise UsageError(f"{resolved.strategy} has changed since the run began; start it again.")
    return build(resolved.settings, resolved.strategy, resolved.options, resolved.parts)


def most_forwards(plan: Recipe) -> int:
    """The upper bound of a row's forwards."""
    most = plan.settings.max_tokens * (1 + plan.strategy.max_idle)
    if plan.strategy.uses_quota:
        most = min(most, plan.settings.steps or plan.windows.total(plan.extent))
    return most + (plan.settings.max_tokens if plan.cache.keeps and plan.cache.linger else 0)


def run(
    job: Job, prompts: Iterable[Prompt], *, in_batch: bool = False, observe: bool = False
) -> Iterator[Result | Started | Stepped]:
    """One result per prompt, in order, each as soon as it and those before it are there.

    With `observe` each row's start and steps, too.

    As many prompts as the batch is large are decoded together, and each that ends makes room for the next. A batch
    seeds each prompt from the seed and the prompt's id, so that order and company change nothing, and its bad prompts
    carry `error`; alone, a prompt uses the seed itself, and a bad one raises UsageError. Prompts that have a `look`
    (see `Waiting`) are not waited for while others are decoded.
    """
    from .engine.loop import serve

    intake = Intake(job, prompts, in_batch)
    for event in serve(job.model, intake, job.recipe, job.resolved.run.batch_size, job.watch(observe)):
        if isinstance(event, (Started, Stepped)):
            if observe:
                yield event
        elif isinstance(event, Finished):
            seat, ids = intake.seats.pop(event.index)
            intake.done[event.index] = _result(job, seat, ids, event)
        yield from intake.ready()
    yield from intake.ready()


@dataclass(frozen=True)
class Seat:
    """A prompt with its ids, or with the reason why it has none."""

    index: int
    prompt: Prompt
    ids: list[int] | str

    @property
    def id(self) -> Any:
        """What names the prompt in records."""
        return self.index if self.prompt.id is None else self.prompt.id


class Intake:
    """Turns prompts into guests as they are asked for, and gives results back in the order of the prompts."""

    def __init__(self, job: Job, prompts: Iterable[Prompt], in_batch: bool) -> None:
        self.seats: dict[int, tuple[Seat, list[int]]] = {}
        self.done: dict[int, Result] = {}
        self._job, self._in_batch = job, in_batch
        self._prompts, self._count, self._told = iter(prompts), 0, 0
        self._look = getattr(prompts, "look", None) or (lambda: next(self._prompts, None))

    def wait(self) -> Guest | None:
        """The next prompt that can be decoded, waited for."""
        return self._seated(lambda: next(self._prompts, None))

    def look(self) -> Guest | None:
        """The next prompt that can be decoded, if it is there by now."""
        return self._seated(self._look)

    def ready(self) -> Iterator[Result]:
        """The results that are next in order."""
        while self._told in self.done:
            yield self.done.pop(self._told)
            self._told += 1

    def _seated(self, take: Callable[[], Prompt | None]) -> Guest | None:
        from .engine.guests import Guest

        while (prompt := take()) is not None:
            seat = Seat(self._count, prompt, ids_of(self._job, prompt))
            self._count += 1
            if not isinstance(seat.ids, str):
                self.seats[seat.index] = seat, seat.ids
                return Guest(seat.index, seat.ids, self._key(seat))
            if not self._in_batch:
                raise UsageError(seat.ids)
            self.done[seat.index] = _refused(self._job, seat)
        return None

    def _key(self, seat: Seat) -> int:
        seed = self._job.resolved.settings.seed
        return item_seed(seed, seat.id) if self._in_batch else seed


def _result(job: Job, seat: Seat, ids: list[int], end: Finished) -> Result:
    mask = job.model.spec.mask_id
    written = [token for token in end.token_ids[: end.effective] if token != mask]
    return Result(
        id=seat.id,
        index=seat.index,
        prompt=seat.prompt.text,
        text=job.model.tokenizer.decode(written),
        prompt_ids=tuple(ids),
        token_ids=end.token_ids,
        finish_reason=end.finish,
        effective=end.effective,
        counts=end.forwards,
        steps=end.steps,
        remasked=end.remasked,
        seconds=end.seconds,
        shared=_shared(job),
        load_seconds=job.load_seconds,
        preparing=end.preparing,
    )


def _refused(job: Job, seat: Seat) -> Result:
    return Result(
        seat.id, seat.index, seat.prompt.text, error=str(seat.ids), shared=_shared(job), load_seconds=job.load_seconds
    )


def header(job: Job, text: str | None, started: Started) -> Header:
    """What a trace of this job begins with."""
    from .trace.lines import Header

    resolved, spec, shared = job.resolved, job.model.spec, _shared(job)
    return Header(
        prompt=text,
        prompt_ids=started.prompt_ids,
        canvas=started.canvas,
        mask_id=started.mask_id,
        stop_ids=spec.stop_ids,
        block_length=resolved.settings.block_length,
        model=job.model.name,
        strategy=resolved.strategy,
        preset=resolved.preset,
        seed=resolved.settings.seed,
        settings=asdict(resolved.settings),
        options=resolved.options,
        about={key: shared[key] for key in ("revision", "weights", "dtype", "device", "preset_hash", "versions")}
        | {table: part for table, part in resolved.parts.items() if table != "strategy_options"},
    )


def _shared(job: Job) -> dict[str, Any]:
    resolved, model = job.resolved, job.model
    return {
        "seed": resolved.settings.seed,
        "strategy": resolved.strategy,
        "cache": resolved.settings.cache,
        "preset": resolved.preset,
        "preset_hash": resolved.preset_hash,
        "model": model.name,
        "revision": model.revision,
        "weights": model.weights,
        "dtype": model.dtype,
        "device": model.device,
        "batch_size": resolved.run.batch_size,
        "versions": versions(),
    }


@cache
def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    import torch

    return {"dlldecode": version("dlldecode"), "torch": str(torch.__version__), "python": platform.python_version()}


def ids_of(job: Job, prompt: Prompt) -> list[int] | str:
    """The ids of a prompt, or one sentence saying why it has none."""
    reason = refusal(prompt)
    if reason is not None or prompt.text is None:
        return reason or "there is no prompt."
    tokenizer = job.model.tokenizer
    if job.raw or prompt.raw:
        ids = tokenizer.encode(prompt.text)
    else:
        ids = tokenizer.chat(prompt.text, job.system, prompt.turns)
    ids = ids + tokenizer.encode(prompt.begun) if prompt.begun else ids
    reason = too_long(len(ids), job.resolved.settings.max_tokens, job.model.name, job.model.spec.max_length)
    return reason or ids


def too_long(count: int, canvas: int, model: str, most: int) -> str | None:
    """Why a prompt of `count` tokens and its canvas do not fit the model, in one sentence; None if they do."""
    if count + canvas <= most:
        return None
    return (
        f"the prompt has {count} tokens and the canvas {canvas}, but {model} reads at most {most} "
        f"together; shorten the prompt or lower --max-tokens."
    )


def refusal(prompt: Prompt) -> str | None:
    """Why no model could answer a prompt, in one sentence; None if one might."""
    if prompt.problem is not None or prompt.text is None:
        return prompt.problem or "there is no prompt."
    if not prompt.text.strip():
        return "the prompt is empty; give some text."
    try:
        prompt.text.encode()
    except UnicodeEncodeError as error:
        return f"the prompt is not valid Unicode text: character {error.start} is half of a surrogate pair."
    return None


def item_seed(seed: int, name: Any) -> int:
    """The seed of one item of a batch, from the seed and the item's id alone."""
    digest = hashlib.sha256(json.dumps([seed, name], sort_keys=True, default=str).encode())
    return int.from_bytes(digest.digest()[:4], "big")
