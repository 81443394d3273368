"""`dlldecode presets`: what there is, what a preset holds, and whether one is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import complete
from .output import results
from .shown import columns, toml_value

if TYPE_CHECKING:
    from ..config.assemble import Resolved
    from ..config.preset import Preset

app = typer.Typer(help="Show and check presets.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[
    str,
    typer.Argument(metavar="NAME|FILE", help="Name of a preset, or a file.", autocompletion=complete.preset),
]


@app.command("ls")
def list_() -> None:
    """List the presets that can be named with -p."""
    from ..config import discover

    rows = [[name, discover.about(path)] for name, path in discover.preset_names().items()]
    with results() as output:
        output.write(columns([["PRESET", "ABOUT"], *rows]))


@app.command()
def show(
    name: Name = "default",
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value came from.")] = False,
) -> None:
    """Print a preset as it would run here, in full, as TOML."""
    from ..config.assemble import Request, check_preset, resolve

    preset = check_preset(name)
    settings = resolve(Request(preset=name))
    with results() as output:
        output.write("\n".join([*_head(preset, settings, origin), *tables(settings.tune, settings, origin)]) + "\n")


def _head(preset: Preset, settings: Resolved, origin: bool) -> Iterator[str]:
    yield f"about = {toml_value(preset.about)}"
    yield f"strategy = {toml_value(settings.strategy)}"
    if origin:
        yield ""
        for key, value in settings.values().items():
            if "." not in key:
                yield f"# {key} = {toml_value(value)}  ({settings.origin(key)})"


def tables(tune: Mapping[str, Any], settings: Resolved, origin: bool = False) -> Iterator[str]:
    """The tables of a preset as lines of TOML: all its settings, each with its sentence or its origin."""
    from ..config.schema import CACHE, DECODE, join
    from ..core.fields import fields

    decode = settings.settings
    found: dict[str, dict[str, Any]] = {DECODE: vars(decode), **settings.parts}
    if decode.cache == "none":
        del found[CACHE]
    for table, kind in settings.schema.tables.items():
        if found.get(table):
            yield f"\n[{table}]"
            for item in fields(kind):
                why = settings.origin(join(table, item.name)) if origin else item.about
                yield f"{item.name} = {toml_value(found[table][item.name])}  # {why}"
    if tune:
        yield "\n[tune]"
        yield from (f"{toml_value(key)} = {toml_value(value)}" for key, value in tune.items())


@app.command()
def check(file: Name) -> None:
    """Check a preset; everything wrong with it is said at once."""
    from ..config.assemble import check_preset

    preset = check_preset(file)
    with results() as output:
        output.write(f"{preset.name} is a valid preset for {preset.strategy or 'any strategy'}.\n")


@app.command()
def path() -> None:
    """Print the folders that presets are looked up in, the first one first."""
    from ..config import discover

    with results() as output:
        output.write("".join(f"{folder}\n" for folder in discover.preset_folders()))
