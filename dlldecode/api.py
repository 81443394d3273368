"""The package from Python: load a model, generate answers, stream what happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

from typing_extensions import Unpack

from .batch import Prompt, Result, ids_of, prepare, run
from .config.assemble import Request, Resolved, resolve
from .config.layers import Layer
from .config.schema import CACHE, DECODE, OPTIONS, WINDOW, WRAP, join
from .core.fields import nearest
from .errors import UsageError
from .trace.events import Event

if TYPE_CHECKING:
    from .models.network import Network
    from .models.toy import Toy


class Choices(TypedDict, total=False):
    """What `generate` and `stream` take beside the prompt; whatever is left out comes from the preset."""

    strategy: str | None
    preset: str | None
    options: Mapping[str, Any] | None
    cache_options: Mapping[str, Any] | None
    window_options: Mapping[str, Any] | None
    wrap_options: Mapping[str, Mapping[str, Any]] | None
    batch_size: int | None
    max_tokens: int | None
    block_length: int | None
    cache: str | None
    window: str | None
    wrap: Sequence[str] | None
    steps: int | None
    temperature: float | None
    confidence: Literal["float32", "float64", "model"] | None
    seed: int | None
    stop: Literal["first", "none"] | None
    suppress_stop: Literal["off", "logits", "confidence"] | None
    cfg_scale: float | None


def load(  # noqa: PLR0913 (all but the name are keywords, and each is a setting of a run)
    name: str = "tiny",
    *,
    device: str = "auto",
    dtype: str = "auto",
    revision: str | None = None,
    offline: bool = False,
    weights: Literal["weights", "dummy"] = "weights",
) -> Network:
    """A model by alias, hub id or folder, on a device; with `weights="dummy"` random ones of its shape."""
    from .models import load as models

    if weights == "dummy":
        return models.load_dummy(name, device=device, dtype=dtype)
    return models.load(name, device=device, dtype=dtype, revision=revision, offline=offline)


@overload
def generate(  # type: ignore[overload-overlap]   # a str is a sequence of str too
    model: Network | Toy, prompt: str | Prompt, *, system: str | None = ..., raw: bool = ..., **choices: Unpack[Choices]
) -> Result: ...
@overload
def generate(
    model: Network | Toy,
    prompt: Sequence[str | Prompt],
    *,
    system: str | None = ...,
    raw: bool = ...,
    **choices: Unpack[Choices],
) -> list[Result]: ...
def generate(
    model: Network | Toy,
    prompt: str | Prompt | Sequence[str | Prompt],
    *,
    system: str | None = None,
    raw: bool = False,
    **choices: Unpack[Choices],
) -> Result | list[Result]:
    """Answer a prompt, or each prompt of a list, in order.

    `raw` leaves the chat template out. A prompt that cannot be answered raises UsageError when it stands alone, and
    carries `error` in a list. Neither files nor environment variables are read: arguments and the preset decide.
    """
    job = prepare(model, request(choices), system=system, raw=raw)
    if isinstance(prompt, (str, bytes, Prompt)) or not isinstance(prompt, Iterable):
        return next(item for item in run(job, [_prompt(prompt)]) if isinstance(item, Result))
    found = run(job, map(_prompt, prompt), in_batch=True)
    return [item for item in found if isinstance(item, Result)]


def stream(
    model: Network | Toy, prompt: str, *, system: str | None = None, raw: bool = False, **choices: Unpack[Choices]
) -> Iterator[Event]:
    """What happens while a prompt is answered: `Started`, a `Stepped` for every step, `Finished`."""
    from .engine.loop import decode

    job = prepare(model, request(choices), system=system, raw=raw)
    ids = ids_of(job, _prompt(prompt))
    if isinstance(ids, str):
        raise UsageError(ids)
    return decode(job.model, [ids], job.recipe, watch=job.watch(steps=True))


def request(choices: Choices) -> Resolved:
    """Settings from keyword arguments and the preset that they name. Raises UsageError for anything unknown."""
    given = {key: value for key, value in choices.items() if value is not None}
    valid = Choices.__annotations__
    for key in given:
        if key not in valid:
            close = nearest(key, valid)
            raise UsageError(f"{key} is not an argument; {f'did you mean {close}?' if close else 'see help(generate)'}")
    said = {OPTIONS: "options", CACHE: CACHE, WINDOW: WINDOW}  # the arguments that hold a table
    options: Any = {table: given.pop(name, {}) for table, name in said.items()}
    strategy, preset = given.pop("strategy", None), given.pop("preset", None)
    for name, around in given.pop(WRAP, {}).items():
        if not isinstance(around, Mapping):
            raise UsageError(f"{WRAP}[{name!r}] = {around!r}; name the wrapper: {WRAP}={{'prior': {{'rate': 0.1}}}}.")
        said[join(WRAP, name)] = f"{WRAP}[{name!r}]"
        options[join(WRAP, name)] = around
    values = {key if key == "batch_size" else f"{DECODE}.{key}": value for key, value in given.items()}
    places = {key: key.rpartition(".")[2] for key in values}
    for table, name in said.items():
        values |= {f"{table}.{key}": value for key, value in options[table].items()}
        places |= {f"{table}.{key}": f"{name}[{key!r}]" for key in options[table]}
    return resolve(Request(strategy, preset, (Layer(values, places),)), outside=False)  # type: ignore[arg-type]


def _prompt(given: str | Prompt) -> Prompt:
    if isinstance(given, Prompt):
        return given
    return Prompt(given) if isinstance(given, str) else Prompt(None, problem=f"a prompt is text, not {given!r}.")
