"""Presets, axes and flags of a command line as the settings to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bench.matrix import Setting, axis, named, settings
from ..config.layers import Layer
from . import options


def matrix(asked: Mapping[str, Any]) -> list[Setting]:
    """The settings of the presets, flags and axes; without presets the core ones, with `dual` unless told otherwise."""
    axes = [axis(text, options.NAMES) for text in asked["axis"] or []]
    weaker = Layer() if asked["presets"] else Layer({"decode.cache": "dual"}, {"decode.cache": "bench itself:"})
    return settings(named(asked["presets"] or []), axes, [options.layer(asked)], weaker)
