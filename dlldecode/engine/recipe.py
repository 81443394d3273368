"""Everything that decides how a batch is decoded, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import caches, strategies
from ..caches.policy import CachePolicy, Span
from ..core.step import Strategy
from ..errors import UsageError
from . import windows
from .settings import Settings
from .windows import Extent, Spell, WindowRule

PROVIDED = frozenset({"logits", "margin", "entropy", "peak", "raw", "runner_up", "shadow"})  # what `read` computes


@dataclass(frozen=True)
class Recipe:
    """Settings, and the strategy, cache policy and window rule that they name."""

    settings: Settings
    strategy: Strategy[Any]
    cache: CachePolicy
    windows: WindowRule

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
    def casts_shadow(self) -> bool:
        """Whether every forward asks for the window's columns once more, without what stands there."""
        return "shadow" in self.strategy.needs

    @property
    def is_window_everything(self) -> bool:
        """Whether a cache is asked for whose window covers the canvas, so that nothing is read from it."""
        canvas = self.settings.max_tokens
        return self.cache.keeps and self.cache.inside(Span(self.width(canvas), 0, canvas)).full


def block_lengths(settings: Settings) -> tuple[int, ...]:
    """The canvas cut into blocks, the last one shorter where the length does not divide it."""
    canvas, block = settings.max_tokens, settings.block_length
    return tuple(min(block, canvas - start) for start in range(0, canvas, block))


def build(
    settings: Settings,
    strategy: str,
    options: Mapping[str, Any] | None = None,
    cache_options: Mapping[str, Any] | None = None,
    window_options: Mapping[str, Any] | None = None,
) -> Recipe:
    """The recipe for a strategy by name. Raises UsageError where the parts do not fit together."""
    chosen = strategies.load(strategy, **(options or {}))
    assert chosen.needs <= PROVIDED, f"{strategy} needs {sorted(chosen.needs - PROVIDED)}, which no step computes yet"
    if settings.steps is not None and not chosen.uses_quota:
        raise UsageError(f"steps = {settings.steps}, but {strategy} chooses its own number of steps; leave steps out.")
    if settings.cfg_scale > 0 and "shadow" in chosen.needs:
        raise UsageError(f"cfg_scale = {settings.cfg_scale}, but {strategy} asks for shadows, which guidance has not.")
    rule = windows.load(settings.window, **(window_options or {}))
    if settings.steps is not None and not rule.has_schedule:
        raise UsageError(
            f"steps = {settings.steps}, but window = {settings.window} finds its blocks on the way, and steps are "
            "shared out beforehand; leave steps out."
        )
    blocks = -(-settings.max_tokens // settings.block_length)  # counted, not listed: nothing has judged them yet
    if settings.steps is not None and settings.steps < blocks:
        raise UsageError(
            f"steps = {settings.steps} is less than one for each of the {blocks} blocks; raise steps or block_length."
        )
    return Recipe(settings, chosen, caches.load(settings.cache, **(cache_options or {})), rule)
