"""`dlldecode bench`: compare presets on benchmarks, or measure the speed of a step."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from . import complete, options

EPILOG = """\b
Examples:
  dlldecode bench
  dlldecode bench threshold hierarchy dico --task tiny_gsm --limit 50 --cache dual
  dlldecode bench hierarchy --axis block_length=16,32,64 --axis high=0.8..0.95..0.05 --export front.png
  dlldecode bench vanilla dico -m llada --task gsm8k --data-dir data --limit 100 --out results --resume
  dlldecode bench mine.toml --fail-if 'accuracy<0.75' -f jsonl

Exit codes: 0 done; 2 usage; 3 model; 4 device; 5 some items failed; 6 a --fail-if condition is true.
"""


class Shape(str, Enum):
    """How figures are written."""

    TABLE, MD, CSV, JSON, JSONL = "table", "md", "csv", "json", "jsonl"


Several = list[str] | None
BESIDE = {"load", "dtype"}


def bench(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    presets: Annotated[
        Several,
        typer.Argument(
            metavar="[PRESET]...",
            help="Presets or strategies, by name or file, the reference first; all is every strategy.",
            autocompletion=complete.compared,
        ),
    ] = None,
    task: Annotated[
        Several,
        typer.Option(
            metavar="NAME|FILE",
            help="Benchmark, task file or JSON lines; repeatable.  [tiny]",
            autocompletion=complete.task,
        ),
    ] = None,
    limit: Annotated[str, typer.Option(metavar="N|all", help="Items of each task.")] = "10",
    skip: options.Skip = 0,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the benchmarks' files lie.")] = None,
    axis: Annotated[
        Several,
        typer.Option(
            metavar="KEY=A,B|LOW..HIGH..STEP",
            help="Vary a setting over every preset that has it; repeatable.",
            autocompletion=complete.axis,
        ),
    ] = None,
    against: Annotated[
        Several,
        typer.Option(
            metavar="PRESET",
            help="Also pair the others with this one, like with like; repeatable.",
            autocompletion=complete.start,
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option("--runs", "-r", metavar="N", min=1, help="Times that every item is decoded.")
    ] = 1,
    warmup: Annotated[
        int, typer.Option("--warmup", "-w", metavar="N", min=0, help="Untimed items before each setting.")
    ] = 1,
    format: Annotated[Shape, typer.Option("--format", "-f", help="What stdout carries.")] = Shape.TABLE,
    export: Annotated[
        Several, typer.Option(metavar="FILE", help="Also write .json .jsonl .csv .md .html .png .svg; repeatable.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where results are kept as they come.  [the state folder]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the same command was cut off.")] = False,
    fail_if: Annotated[
        Several, typer.Option(metavar="CONDITION", help="Exit 6 if true, as accuracy<0.75 or tpf<3; repeatable.")
    ] = None,
    allow_code: options.AllowCode = False,
    engine: options.EngineOption = options.Engine.LOCAL,
    workers: options.Workers = None,
    speed: Annotated[
        bool, typer.Option("--speed", help="No tasks: milliseconds of a step, and tokens a second.")
    ] = False,
    prompt_tokens: Annotated[int, typer.Option(metavar="N", help="With --speed: tokens of every prompt.")] = 128,
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
    load: options.LoadOption = None,
    revision: options.Revision = None,
    offline: options.Offline = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    color: options.ColorOption = options.Color.AUTO,
) -> None:
    """Compare presets on benchmarks: how right they are, in how many forwards, how fast."""
    asked = dict(locals())
    options.take_manner(asked)
    if speed:
        from . import speed as work
    else:
        from . import compare as work  # type: ignore[no-redef]
    work.work(asked)
