"""Everything that decides how a batch is decoded, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from .. import caches, strategies, wrappers
from ..caches.policy import CachePolicy, Plan, Span
from ..core.step import Strategy
from ..errors import Clash, UsageError
from ..wrappers.verify import Verify
from ..wrappers.wrapper import Wrapper
from . import windows
from .settings import Settings
from .windows import Extent, Spell, WindowRule

PROVIDED = frozenset({"logits", "margin", "entropy", "peak", "raw", "runner_up", "shadow"})  # what `read` computes


W = TypeVar("W", bound=Wrapper)


@dataclass(frozen=True)
class Recipe:
    """Settings, and the strategy, cache policy, window rule and wrappers that they name."""

    settings: Settings
    strategy: Strategy[Any]
    cache: CachePolicy
    windows: WindowRule
    wraps: tuple[Wrapper, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Extra` that the strategy or anything around it reads."""
        return self.strategy.needs.union(*(wrapper.needs for wrapper in self.wraps))

    def wrapper(self, kind: type[W]) -> W | None:
        """The wrapper of a kind, if there is one."""
        return next((each for each in self.wraps if isinstance(each, kind)), None)

    @property
    def drafts(self) -> int:
        """How many guessed states ride along in a forward."""
        verify = self.wrapper(Verify)
        return verify.drafts if verify else 0

    @property
    def sides(self) -> int:
        """Sequences that a state of a row is: two with classifier-free guidance."""
        return 2 if self.settings.cfg_scale > 0 else 1

    @property
    def branches(self) -> int:
        """Sequences that the store holds for every row."""
        return self.sides * (1 + self.drafts)

    @property
    def extent(self) -> Extent:
        """What the windows are laid over."""
        return Extent(self.settings.max_tokens, self.settings.block_length)

    def width(self, canvas: int) -> int:
        """Positions that a view of a canvas shows."""
        return self.windows.width(self.extent._replace(canvas=canvas))

    def spelled(self, spell: Spell) -> Recipe:
        """The recipe for a model whose tokenizer spells texts so. Raises UsageError where it cannot."""
        return replace(self, windows=self.windows.spelled(spell))

    @property
    def schedule(self) -> tuple[int, ...]:
        """Forwards per block: `steps` split by length, the remainder to the first blocks; one a position without it."""
        lengths = block_lengths(self.settings)
        steps = self.settings.steps
        if steps is None:
            return lengths
        share = [max(1, steps * length // self.settings.max_tokens) for length in lengths]
        left = steps - sum(share)
        return tuple(count + (number < left) for number, count in enumerate(share))

    @property
    def adjusts(self) -> bool:
        """Whether the strategy is shown other logits than the model's own."""
        return self.strategy.is_tempered or type(self.strategy).adjust is not Strategy.adjust

    @property
    def casts_shadow(self) -> bool:
        """Whether every forward asks for the window's columns once more, without what stands there."""
        return "shadow" in self.needs

    @property
    def is_window_everything(self) -> bool:
        """Whether a cache is asked for whose window covers the canvas, so that nothing is read from it."""
        canvas = self.settings.max_tokens
        plan = self.cache.inside(Span(self.width(canvas), 0, canvas)) if self.cache.keeps else Plan(full=False)
        return plan.full or (plan.behind is not None and plan.width >= canvas)


def block_lengths(settings: Settings) -> tuple[int, ...]:
    """The canvas cut into blocks, the last one shorter where the length does not divide it."""
    canvas, block = settings.max_tokens, settings.block_length
    return tuple(min(block, canvas - start) for start in range(0, canvas, block))


def build(
    settings: Settings,
    strategy: str,
    options: Mapping[str, Any] | None = None,
    parts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recipe:
    """The recipe for a strategy by name. Raises Clash where the parts do not fit together, UsageError for unknown ones.

    `parts` are the options of what the settings name, by table: `cache_options`, `window_options`, and
    `wrap_options.NAME` for every wrapper.
    """
    chosen = strategies.load(strategy, **(options or {}))
    if settings.steps is not None and not chosen.uses_quota:
        raise Clash("steps", f"= {settings.steps}, but {strategy} chooses its own number of steps; leave steps out.")
    if settings.cfg_scale > 0 and "shadow" in chosen.needs:
        raise Clash(
            "cfg_scale",
            f"= {settings.cfg_scale}, but {strategy} asks for shadows, which guidance has not; leave one of them out.",
        )
    parts = parts or {}
    rule = windows.load(settings.window, **parts.get("window_options", {}))
    _scheduled(settings, rule)
    cache = caches.load(settings.cache, **parts.get("cache_options", {}))
    made = Recipe(settings, chosen, cache, rule, _wrapped(settings.wrap, parts))
    if unknown := sorted(made.needs - PROVIDED):
        raise UsageError(f"{strategy} needs {', '.join(unknown)}; there are {', '.join(sorted(PROVIDED))}.")
    return made


def _scheduled(settings: Settings, rule: WindowRule) -> None:
    """Raise Clash for steps that cannot be shared out over blocks."""
    if settings.steps is None:
        return
    if not rule.has_schedule:
        raise Clash(
            "steps",
            f"= {settings.steps}, but window = {settings.window} finds its blocks on the way, and steps are "
            "shared out beforehand; leave steps out.",
        )
    blocks = -(-settings.max_tokens // settings.block_length)  # counted, not listed: nothing has judged them yet
    if settings.steps < blocks:
        raise Clash(
            "steps",
            f"= {settings.steps} is less than one for each of the {blocks} blocks; raise steps or block_length.",
        )


def _wrapped(names: tuple[str, ...], parts: Mapping[str, Mapping[str, Any]]) -> tuple[Wrapper, ...]:
    """Wrappers by name. Raises Clash for one named twice, or for two that exclude each other."""
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        raise Clash("wrap", f"names {doubles[0]} twice; once is enough.")
    if {"smoothing", "verify"} <= set(names):
        raise Clash(
            "wrap",
            "has smoothing and verify, but what smoothing shows the model cannot be guessed ahead; "
            "leave one of them out.",
        )
    return tuple(wrappers.load(name, **parts.get(f"wrap_options.{name}", {})) for name in names)
