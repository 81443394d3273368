"""`dlldecode doctor`: what a bug report should say about the machine."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata

from . import stderr
from .output import results
from .shown import columns

PACKAGES = ("dlldecode", "torch", "transformers", "tokenizers", "safetensors", "huggingface-hub", "typer", "rich")


def doctor() -> None:
    """Show versions, devices, folders and the terminal: paste it into bug reports."""
    with results() as output:
        output.write(columns([*_versions(), *_devices(), *_folders(), *_terminal(output.is_terminal)]))


def _versions() -> Iterator[list[str]]:
    yield ["python", platform.python_version()]
    yield ["system", platform.platform()]
    for package in PACKAGES:
        try:
            yield [package, metadata.version(package)]
        except metadata.PackageNotFoundError:
            yield [package, "not installed"]


def _devices() -> Iterator[list[str]]:
    import torch

    yield ["cpu", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads in use"]
    yield ["cuda", str(torch.version.cuda or "not in this build of torch")]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        facts = torch.cuda.get_device_properties(index)
        yield [f"cuda:{index}", f"{facts.name}, {facts.total_memory / 1e9:.0f} GB"]


def _folders() -> Iterator[list[str]]:
    from huggingface_hub import constants

    from ..config import discover

    yield ["hub cache", str(constants.HF_HUB_CACHE)]
    yield ["presets", ", ".join(map(str, discover.preset_folders()))]
    project, user = discover.project_file(), discover.user_file()
    yield ["project file", str(project[0]) if project else "none"]
    yield ["user file", str(user) if user else "none"]


def _terminal(is_stdout: bool) -> Iterator[list[str]]:
    names = [name for name, is_one in (("stdout", is_stdout), ("stderr", stderr.is_terminal())) if is_one]
    yield ["terminal", f"{' and '.join(names) or 'none'}, TERM={os.environ.get('TERM', '')}, {sys.stdout.encoding}"]
    shown = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("DLLDECODE_")]
    yield ["environment", " ".join(shown) or "no DLLDECODE_ variables"]
