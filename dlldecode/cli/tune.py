"""`dlldecode tune`: search the settings of a preset, on items of which half are kept for the verdict."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from . import complete, options
from .bench import Several

EPILOG = """\b
Examples:
  dlldecode tune hierarchy --cache dual
  dlldecode tune hierarchy --grid 'high=0.7..0.95..0.05,low=0.3,0.4,0.5' --save-preset bold
  dlldecode tune dico -m llada --task gsm8k --data-dir data --limit 200 --sampler tpe --trials 60
  dlldecode tune threshold --constraint 'accuracy>=0.7' --pick best:tpf --plot front.png
  dlldecode tune hierarchy --grid 'high=0.7..0.95..0.05,low=0.3,0.4' --plot heat.png --x high --y low

Exit codes: 0 done; 2 usage; 3 model; 4 device; 5 some items failed; 130 stopped, the same command goes on.
"""


class Shape(str, Enum):
    """How the outcome is written."""

    TABLE, JSON, JSONL = "table", "json", "jsonl"


class Sampler(str, Enum):
    """Who chooses the points."""

    GRID, RANDOM, TPE, NSGA2 = "grid", "random", "tpe", "nsga2"


def tune(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    preset: Annotated[
        str,
        typer.Argument(
            metavar="PRESET",
            help="Preset or strategy to start from, by name or file; the reference.",
            autocompletion=complete.start,
        ),
    ],
    grid: Annotated[
        Several,
        typer.Option(
            metavar="KEY=A,B|LOW..HIGH..STEP,...",
            help="Values to search; repeatable.  [the preset's table tune]",
            autocompletion=complete.axis,
        ),
    ] = None,
    sampler: Annotated[
        Sampler | None, typer.Option(help="Who chooses the points.  [grid with --grid, else random]")
    ] = None,
    trials: Annotated[int, typer.Option(metavar="N", min=1, help="Points that are tried, a grid's aside.")] = 40,
    task: Annotated[
        Several,
        typer.Option(
            metavar="NAME|FILE",
            help="Benchmark, task file or JSON lines; repeatable.  [tiny]",
            autocompletion=complete.task,
        ),
    ] = None,
    limit: Annotated[str, typer.Option(metavar="N|all", help="Items in all; half of them are held out.")] = "24",
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the benchmarks' files lie.")] = None,
    objective: Annotated[
        str, typer.Option(metavar="LIST", help="What should be high: accuracy, tpf, tps.")
    ] = "accuracy,tpf",
    constraint: Annotated[
        str | None, typer.Option(metavar="CONDITION", help="What a pick must meet, as accuracy>=0.85.")
    ] = None,
    pick: Annotated[str, typer.Option(metavar="RULE", help="Which point to take: knee, best:KEY or trial:N.")] = "knee",
    halving: Annotated[
        bool, typer.Option("--halving/--no-halving", help="Drop hopeless settings after a few items.")
    ] = True,
    save_preset: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Write the pick as a preset, with what it was found by.")
    ] = None,
    format: Annotated[Shape, typer.Option("--format", "-f", help="What stdout carries.")] = Shape.TABLE,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Picture (.png, .svg) of the front, or a heat map of --x and --y."),
    ] = None,
    x: Annotated[str | None, typer.Option("--x", metavar="KEY", help="Axis across the heat map.")] = None,
    y: Annotated[str | None, typer.Option("--y", metavar="KEY", help="Axis up the heat map.")] = None,
    study: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the study, which goes on if it is there.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the study is kept.  [the state folder]")
    ] = None,
    allow_code: options.AllowCode = False,
    engine: options.EngineOption = options.Engine.LOCAL,
    workers: options.Workers = None,
    model: options.Model = None,
    set: options.Set = None,
    max_tokens: options.MaxTokens = None,
    block_length: options.BlockLength = None,
    cache: options.Cache = None,
    steps: options.Steps = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    batch_size: options.BatchSize = None,
    device: options.Device = None,
    dtype: options.DtypeOption = None,
    revision: options.Revision = None,
    offline: options.Offline = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    color: options.ColorOption = options.Color.AUTO,
) -> None:
    """Search the settings of a preset; the same command goes on where it was cut off."""
    asked = dict(locals())
    options.take_manner(asked)
    from . import tuning

    tuning.work(asked)
