"""All layers laid over one another: what a command really runs with, and where each value came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from ..core import custom
from ..errors import Clash, PresetError, UsageError
from . import discover, files, space, toml
from .layers import Layer, merged
from .pile import Pile
from .preset import Preset, advice, find
from .run import RunSettings
from .schema import CACHE, DECODE, NAMING, OPTIONS, RUN, WINDOW, WRAP, Schema, dotted, join, schema

if TYPE_CHECKING:
    from ..engine.settings import Settings

DEFAULT_PRESET, DEFAULT_STRATEGY = "default", "dico"
BUILT_IN = "built-in default"


@dataclass(frozen=True)
class Request:
    """What the caller named: a strategy, a preset, and settings, the strongest layer first.

    `weaker` are settings that give way to those and to the environment, but not to presets: what a task brings along.
    """

    strategy: str | None = None
    preset: str | None = None
    layers: tuple[Layer, ...] = ()
    weaker: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """What a command runs with; `places` says where each value that is no default came from.

    `tune` is the preset's search space, as far as it goes with the settings. A strategy in a file of the user's own is
    named by the file's absolute path, and `digest` is that of its text.
    """

    settings: Settings
    strategy: str
    options: dict[str, Any]
    cache_options: dict[str, Any]
    window_options: dict[str, Any]
    wrap_options: dict[str, dict[str, Any]]
    preset: str
    run: RunSettings
    places: Mapping[str, str] = field(repr=False)
    tune: Mapping[str, Any] = field(repr=False)
    digest: str = ""

    @property
    def preset_hash(self) -> str:
        """Digest of everything that decides how a canvas is decoded, except the seed."""
        settings = {key: value for key, value in asdict(self.settings).items() if key != "seed"}
        content = {DECODE: settings, "strategy": self.digest or self.strategy, **self.parts}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """The options of what the settings name, by table."""
        around = {join(WRAP, name): part for name, part in self.wrap_options.items()}
        return {OPTIONS: self.options, CACHE: self.cache_options, WINDOW: self.window_options, **around}

    @property
    def schema(self) -> Schema:
        """The settings that there are with this strategy and what the settings name."""
        return schema(self.strategy, *(getattr(self.settings, name) for name in NAMING))

    def origin(self, key: str) -> str:
        """Where the value of a dotted key came from."""
        return self.places.get(key, BUILT_IN)

    def values(self) -> dict[str, Any]:
        """Every setting by dotted key."""
        tables = {RUN: asdict(self.run), DECODE: asdict(self.settings), **self.parts}
        return {join(table, name): value for table, part in tables.items() for name, value in part.items()}


class _Named(NamedTuple):
    """The strategy and preset to start from; `is_asked` when the caller (or the environment) named them."""

    strategy: str | None
    preset: str | None
    is_asked: bool


def resolve(request: Request, *, outside: bool = True) -> Resolved:
    """Lay all sources over one another. With `outside` false, the environment and files are left alone.

    Raises UsageError (PresetError) with everything that is wrong, at once, and for code that nobody asked to run.
    """
    environment = files.environment() if outside else files.Defaults()
    defaults = files.configured() if outside else []
    named = _named(request, environment, defaults)
    preset = _starting_preset(named.strategy, named.preset)
    strategy = named.strategy or preset.strategy or DEFAULT_STRATEGY
    if custom.is_file(strategy) and not named.is_asked:
        raise UsageError(
            f"{strategy} is code, which no configuration file runs by itself; name it with -s, or its preset with -p."
        )
    beneath = [item.layer_with(strategy) for item in defaults]
    order = [*request.layers, environment.layer, *request.weaker]
    order += [preset.layer, *beneath] if named.is_asked else [*beneath, preset.layer]
    problems = [*environment.problems, *(line for item in defaults for line in item.problems)]
    return _resolved(Pile(strategy, order), preset, problems, advice(preset))


def _named(request: Request, environment: files.Defaults, defaults: Sequence[files.Defaults]) -> _Named:
    for name, value in (("strategy", request.strategy), ("preset", request.preset)):
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{name} = {value!r}; must be text{', a name or a file' if name == 'strategy' else ''}")
    asked = [_Named(source.strategy, source.preset, True) for source in (request, environment)]
    given = [_Named(source.strategy, source.preset, False) for source in defaults]
    found = next((named for named in (*asked, *given) if named.strategy or named.preset), _Named(None, None, False))
    return found._replace(strategy=custom.located(found.strategy)) if found.strategy else found


def _starting_preset(strategy: str | None, name: str | None) -> Preset:
    """The preset that a strategy and a preset name, together or alone, stand for. Raises UsageError."""
    if name is None and strategy is not None and strategy not in discover.preset_names():
        return Preset(name=strategy, strategy=strategy)
    preset = find(name or strategy or DEFAULT_PRESET)
    if strategy and preset.strategy not in (None, strategy):
        raise UsageError(
            f"the preset {preset.name} uses the strategy {preset.strategy}, not {strategy}; leave one of them out."
        )
    return preset


def check_preset(name: str) -> Preset:
    """A preset with nothing wrong in it, else a PresetError with all that is."""
    preset = find(name)
    resolved = _resolved(Pile(preset.strategy or DEFAULT_STRATEGY, [preset.layer]), preset)
    if preset.strategy:
        _check_together(resolved, preset)
    return preset


def _check_together(resolved: Resolved, preset: Preset) -> None:
    """Raise PresetError for a setting of the preset that does not go with its others."""
    from ..engine.recipe import build

    try:
        build(resolved.settings, resolved.strategy, resolved.options, resolved.parts)
    except Clash as clash:
        raise PresetError([preset.layer.problem(join(DECODE, clash.setting), clash.why)]) from None


def _resolved(pile: Pile, preset: Preset, others: Sequence[str] = (), remedy: str = "") -> Resolved:
    """What a pile with a preset in it adds up to. Raises PresetError with all that is wrong, `others` included.

    `remedy` is what else to do about a preset that is wrong.
    """
    _check_strategy(pile.strategy, preset, remedy)
    fitted = [pile.fitted(layer) for layer in pile.layers]
    tune, wrong = space.fitted(preset, pile)
    problems = [*(line for _, lines in fitted for line in lines), *others, *preset.problems, *wrong]
    if problems:
        in_preset = any(line.startswith(toml.shown(preset.path)) for line in problems) if preset.path else False
        raise PresetError(sorted(problems, key=_place), remedy if in_preset else "")
    return _made(merged(layer for layer, _ in fitted), pile.strategy, preset.name, tune)


def _check_strategy(name: str, preset: Preset, remedy: str) -> None:
    """Raise UsageError for a strategy that nobody has, with its line where the preset names it."""
    from .. import strategies

    try:
        strategies.kind(name)
    except UsageError as error:
        if name != preset.strategy or not preset.path:
            raise
        raise PresetError([f"{preset.strategy_place}  strategy: {error}", *preset.problems], remedy) from None


def _place(problem: str) -> tuple[str, int]:
    """The file and line that a problem begins with, to list problems as a reader meets them."""
    file, _, rest = problem.partition("  ")[0].rpartition(":")
    return (file, int(rest)) if rest.isdigit() else ("", 0)


def _made(layer: Layer, strategy: str, preset: str, tune: Mapping[str, Any]) -> Resolved:
    from .. import caches, strategies, wrappers
    from ..engine import windows
    from ..engine.settings import Settings

    settings = Settings(**layer.table(DECODE))
    return Resolved(
        settings,
        strategy,
        _options(strategies.load(strategy, **layer.table(OPTIONS))),
        _options(caches.load(settings.cache, **layer.table(CACHE))),
        _options(windows.load(settings.window, **layer.table(WINDOW))),
        {name: _options(wrappers.load(name, **layer.table(join(WRAP, name)))) for name in settings.wrap},
        preset,
        RunSettings(**layer.table(RUN)),
        layer.places,
        tune,
        custom.digest(strategy),
    )


def _options(part: Any) -> dict[str, Any]:
    """The fields of a part, those that were not given with their defaults."""
    return {item.name: getattr(part, item.name) for item in fields(part)}


def set_layer(assignments: Sequence[str]) -> Layer:
    """The layer of `--set KEY=VALUE`; a bare key means `strategy_options.KEY`. Raises UsageError without a `=`."""
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for text in assignments:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not key:
            raise UsageError(f"--set {text}: write KEY=VALUE, as in --set seeds=4 or --set decode.stop=none.")
        full = dotted(key)
        values[full], places[full] = toml.value(value), f"--set {key}"
    return Layer(values, places)
