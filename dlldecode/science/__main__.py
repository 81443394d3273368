"""`python -m dlldecode.science`: ask a question, or draw what `bench` found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..cli import options
from ..cli.main import ended

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Questions about parallel decoding.")

Several = list[str] | None
Export = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="Also write .md .csv .json .svg .png; repeatable.")
]


@app.command()
def run(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    question: Annotated[str, typer.Argument(help="bound, divergence, lengths, repair or trajectory.")],
    presets: Annotated[Several, typer.Argument(metavar="[PRESET]...", help="Presets or strategies.")] = None,
    task: Annotated[Several, typer.Option(metavar="NAME|FILE", help="Benchmark; repeatable.  [tiny]")] = None,
    limit: Annotated[str, typer.Option(metavar="N|all", help="Items of each task.")] = "10",
    skip: options.Skip = 0,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the benchmarks' files lie.")] = None,
    axis: Annotated[Several, typer.Option(metavar="KEY=A,B", help="Vary a setting; repeatable.")] = None,
    allow_code: options.AllowCode = False,
    export: Export = None,
    model: options.Model = None,
    set: options.Set = None,
    max_tokens: options.MaxTokens = None,
    block_length: options.BlockLength = None,
    cache: options.Cache = None,
    batch_size: options.BatchSize = None,
    device: options.Device = None,
    dtype: options.DtypeOption = None,
    offline: options.Offline = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Decode items, and ask the model about the states that the decodings went through."""
    asked = {
        **locals(),
        "verbose": False,
        "runs": 1,
        "against": None,
        "color": options.Color.AUTO,
        "engine": options.Engine.LOCAL,
        "workers": None,
    }
    options.take_manner(asked)
    from . import work

    work.ask(asked)


@app.command()
def chart(  # noqa: PLR0913 (the same)
    file: Annotated[Path, typer.Argument(help="What dlldecode bench --export FILE.json wrote.")],
    across: Annotated[str, typer.Option(metavar="COLUMN", help="What runs across: an axis, or a figure.")],
    up: Annotated[str, typer.Option(metavar="COLUMN", help="What runs up.")] = "score",
    by: Annotated[str, typer.Option(metavar="COLUMN", help="Whose points are joined.")] = "preset",
    task: Annotated[str | None, typer.Option(metavar="NAME", help="One task.  [the mean over all]")] = None,
    doubling: Annotated[bool, typer.Option("--doubling", help="Every step to the right doubles.")] = False,
    export: Export = None,
    debug: options.Debug = False,
) -> None:
    """Show columns of a comparison as a table and a picture."""
    from . import work
    from .table import Lines

    work.draw(file, task, Lines(across, up, by, doubling), export or [])


def main() -> None:
    """Run the command line of the questions."""
    ended(lambda: app(prog_name="python -m dlldecode.science"))


if __name__ == "__main__":
    main()
