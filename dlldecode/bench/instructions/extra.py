"""Libraries that only an installation for benchmarks has."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ...errors import UsageError


def library(name: str) -> ModuleType:
    """Import nltk or langdetect, or a module of theirs. Raises UsageError when it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        message = "ifeval needs nltk and langdetect; install them with: pip install 'dlldecode[bench]'."
        raise UsageError(message) from None
