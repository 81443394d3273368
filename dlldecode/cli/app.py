"""The commands."""

from __future__ import annotations

from typing import Annotated

import typer

from . import bench, doctor, generate, models, presets, tune, visualize
from .usage import Commands

EPILOG = """\b
Examples:
  dlldecode generate "Solve 3x + 5 = 20."
  git diff | dlldecode generate -m llada "Describe this change in one line."
  dlldecode visualize "Solve 3x + 5 = 20." --strategy hierarchy
  dlldecode generate --input lines -f jsonl < prompts.txt | jq .tpf
"""

# Typer turns a flag that was not given, None, into False through pydantic, which no --help should wait for.
FLAGS = {"help": False, "install_completion": False, "show_completion": False}
DEFAULTS = {**FLAGS, "presets": FLAGS, "models": FLAGS}

app = typer.Typer(
    name="dlldecode",
    cls=Commands,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100, "default_map": DEFAULTS},
)
app.command(epilog=generate.EPILOG)(generate.generate)
app.command(epilog=visualize.EPILOG)(visualize.visualize)
app.command(epilog=bench.EPILOG)(bench.bench)
app.command(epilog=tune.EPILOG)(tune.tune)
app.add_typer(presets.app, name="presets")
app.add_typer(models.app, name="models")
app.command()(doctor.doctor)


def _version(context: typer.Context, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:  # completion parses, and must print nothing else
        from .. import __version__

        typer.echo(f"dlldecode {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Decode masked diffusion language models in parallel."""
