"""The options that commands share, declared once, and how they become settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import complete, stderr

if TYPE_CHECKING:
    from ..config.assemble import Resolved
    from ..config.layers import Layer


class Engine(str, Enum):
    """Who decodes."""

    LOCAL, RAY = "local", "ray"


class Color(str, Enum):
    """When colours are used."""

    AUTO, ALWAYS, NEVER = "auto", "always", "never"


class Dtype(str, Enum):
    """Precision of the weights."""

    AUTO, FLOAT32, BFLOAT16, FLOAT16, FP8 = "auto", "float32", "bfloat16", "float16", "fp8"


class Load(str, Enum):
    """Where the weights come from."""

    WEIGHTS, DUMMY = "weights", "dummy"


Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|HUB_ID|DIR",
        help="Alias, hub id or folder.  [tiny]",
        autocompletion=complete.model,
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        "-s",
        metavar="NAME|FILE",
        help=f"Commit rule: {', '.join(complete.parts('strategies'))}, or a .py file of your own.  [dico]",
        autocompletion=complete.strategy,
    ),
]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        "-p",
        metavar="NAME|FILE",
        help="Settings to start from.  [default]",
        autocompletion=complete.preset,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-S",
        metavar="KEY=VALUE",
        help="Any setting, as seeds=4 or decode.stop=none; repeatable.",
        autocompletion=complete.setting,
    ),
]
MaxTokens = Annotated[str | None, typer.Option("--max-tokens", "-n", metavar="N", help="Length of the canvas.  [128]")]
BlockLength = Annotated[
    str | None, typer.Option("--block-length", metavar="N", help="Positions open at a time, left to right.  [32]")
]
Cache = Annotated[
    str | None,
    typer.Option(
        "--cache",
        metavar="NAME",
        help=f"Keys and values kept: {', '.join(complete.parts('caches'))}.  [none]",
        autocompletion=complete.cache,
    ),
]
Steps = Annotated[
    str | None, typer.Option("--steps", metavar="N", help="Forwards over the canvas, if the strategy takes it.")
]
Temperature = Annotated[
    str | None, typer.Option("--temperature", metavar="T", help="0 takes the likeliest token.  [0]")
]
Seed = Annotated[str | None, typer.Option("--seed", metavar="N", help="Start of the random numbers.  [0]")]
BatchSize = Annotated[str | None, typer.Option("--batch-size", metavar="N", help="Prompts decoded together.  [1]")]
Device = Annotated[
    str | None,
    typer.Option(
        "--device", metavar="DEVICE", help="auto, cpu, cuda or cuda:N.  [auto]", autocompletion=complete.device
    ),
]
DtypeOption = Annotated[Dtype | None, typer.Option("--dtype", help="Precision of the weights.  [auto]")]
LoadOption = Annotated[
    Load | None, typer.Option("--load", help="dummy: random weights of the model's shape, for speed.  [weights]")
]
Revision = Annotated[str | None, typer.Option("--revision", metavar="COMMIT", help="Commit, branch or tag on the hub.")]
Offline = Annotated[bool | None, typer.Option("--offline", help="Never use the network.")]
Skip = Annotated[
    int, typer.Option("--skip", metavar="N", min=0, help="Items of each task to leave out first, as those of a search.")
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Let tasks run the programs that the model writes, in a sandbox.")
]
EngineOption = Annotated[Engine, typer.Option("--engine", help="ray: one worker on every GPU of a cluster.")]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", min=1, help="With ray: how many.  [every GPU, or one]")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would run: settings, prompt tokens, forwards.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say less on stderr.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
ColorOption = Annotated[Color, typer.Option("--color", help="Colours on stderr.")]

SETTINGS = {
    "model": "model",
    "device": "device",
    "dtype": "dtype",
    "revision": "revision",
    "offline": "offline",
    "load": "load",
    "batch_size": "batch_size",
    "max_tokens": "decode.max_tokens",
    "block_length": "decode.block_length",
    "cache": "decode.cache",
    "steps": "decode.steps",
    "temperature": "decode.temperature",
    "seed": "decode.seed",
}
# What stands for a dotted key in an axis, beside the options of strategies.
NAMES = {name: key for name, key in SETTINGS.items() if "." in key or name == "batch_size"}


def take_manner(values: Mapping[str, Any]) -> None:
    """Follow --quiet, --verbose and --color from here on."""
    stderr.MANNER.color = values["color"].value
    stderr.MANNER.level = int(values["verbose"]) - int(values["quiet"])


# Taken as text and read as TOML like every other setting, so that a bad value gets the same sentence everywhere.
NUMBERS = {"batch_size", "max_tokens", "block_length", "steps", "temperature", "seed"}


def layer(values: Mapping[str, Any]) -> Layer:
    """The layer of a command line: its flags over --set, in one, since options in --set are those of a --cache."""
    from ..config.assemble import set_layer
    from ..config.layers import Layer, merged

    given = {name: _plain(name, values[name]) for name in SETTINGS if values.get(name) is not None}
    flags = Layer(
        {SETTINGS[name]: value for name, value in given.items()},
        {SETTINGS[name]: f"--{name.replace('_', '-')}" for name in given},
    )
    return merged((flags, set_layer(values["set"] or [])))


def resolved(values: Mapping[str, Any]) -> Resolved:
    """The settings that a command line, the environment, presets and files add up to."""
    from ..config.assemble import Request, resolve

    return resolve(Request(values["strategy"], values["preset"], (layer(values),)))


def _plain(name: str, value: Any) -> Any:
    from ..config import toml

    if isinstance(value, Enum):
        return value.value
    return toml.value(value) if name in NUMBERS else value
