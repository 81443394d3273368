"""The package from Python: load a model, generate answers, stream what happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

from typing_extensions import Unpack

from .batch import Prompt, Result, ids_of, prepare, run
from .config.assemble import Request, Resolved, resolve
from .config.layers import Layer
from .config.schema import CACHE, DECODE, OPTIONS, WINDOW, WRAP, join
from .core import custom
from .core.fields import nearest
from .errors import UsageError
from .trace.events import Event

if TYPE_CHECKING:
    from .models.network import Network
    from .models.toy import Toy


class Choices(TypedDict, total=False):
    """What `generate` and `stream` take beside the prompt; whatever is left out comes from the preset."""

    strategy: str | PathLike[str] | None
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
    given: dict[str, Any] = {key: value for key, value in choices.items() if value is not None}
    valid = Choices.__annotations__
    for key in given:
        if key not in valid:
            close = nearest(key, valid)
            raise UsageError(f"{key} is not an argument; {f'did you mean {close}?' if close else 'see help(generate)'}")
    strategy, preset = given.pop("strategy", None), given.pop("preset", None)
    strategy = fspath(strategy) if isinstance(strategy, PathLike) else strategy
    custom.reread()  # in a notebook, a strategy's file changes from call to call
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for table, said, content in _tables(given):
        values |= {join(table, str(key)): value for key, value in content.items()}
        places |= {join(table, str(key)): f"{said}[{key!r}]" for key in content}
    plain = {key: key if key == "batch_size" else join(DECODE, key) for key in given}
    values |= {plain[key]: value for key, value in given.items()}
    places |= {full: key for key, full in plain.items()}
    return resolve(Request(strategy, preset, (Layer(values, places),)), outside=False)


def _tables(given: dict[str, Any]) -> Iterator[tuple[str, str, Mapping[Any, Any]]]:
    """Take the tables out of the arguments: each by its dotted name, with how the caller says it and what it holds."""
    for said, table in (("options", OPTIONS), (CACHE, CACHE), (WINDOW, WINDOW)):
        yield table, said, _mapping(said, given.pop(said, {}), "give a mapping of settings by name.")
    remedy = f"name the wrapper: {WRAP}={{'prior': {{'rate': 0.1}}}}."
    for name, around in _mapping(WRAP, given.pop(WRAP, {}), remedy).items():
        said = f"{WRAP}[{name!r}]"
        yield join(WRAP, str(name)), said, _mapping(said, around, remedy)


def _mapping(said: str, value: Any, remedy: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{said} = {value!r}; {remedy}")
    return value


def _prompt(given: str | Prompt) -> Prompt:
    if isinstance(given, Prompt):
        return given
    return Prompt(given) if isinstance(given, str) else Prompt(None, problem=f"a prompt is text, not {given!r}.")
