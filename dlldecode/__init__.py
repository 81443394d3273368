"""Decode masked diffusion language models with every training-free parallel strategy, on one engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import DeviceError, DlldecodeError, ItemsFailed, ModelError, PresetError, UsageError

if TYPE_CHECKING:
    from .api import Prompt, Result, generate, load, stream

    __version__: str

__all__ = [
    "DeviceError",
    "DlldecodeError",
    "ItemsFailed",
    "ModelError",
    "PresetError",
    "Prompt",
    "Result",
    "UsageError",
    "__version__",
    "generate",
    "load",
    "stream",
]


def __getattr__(name: str) -> Any:
    """Public names that cost an import are fetched when they are first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("dlldecode")
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
