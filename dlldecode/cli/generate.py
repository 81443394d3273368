"""`dlldecode generate`: prompts in, answers out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ItemsFailed, UsageError
from . import loading, options, plan, prompts, stderr, watch
from .output import Output, results
from .records import Format, Silent, TextWriter, writer
from .summary import Summary

if TYPE_CHECKING:
    from ..batch import Job, Prompt
    from ..config.assemble import Resolved
    from ..engine.recipe import Recipe


class When(str, Enum):
    """When the summary is shown."""

    AUTO, ON, OFF = "auto", "on", "off"


EPILOG = """\b
The prompt is the argument, stdin, or both: stdin first, a blank line, the argument. - is stdin.
With --input lines or jsonl the model is loaded once and every record is written as soon as it is done.
\b
Exit codes: 0 done, 1 unexpected, 2 usage, 3 model, 4 device, 5 some prompts failed, 129 hung up, 130 interrupted,
141 the reader went away, 143 terminated.
"""


def generate(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    context: typer.Context,
    prompt: Annotated[str | None, typer.Argument(metavar="PROMPT", help="The text to answer; - is stdin.")] = None,
    model: options.Model = None,
    strategy: options.Strategy = None,
    preset: options.Preset = None,
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
    input: Annotated[prompts.Shape, typer.Option(help="How stdin is cut into prompts.")] = prompts.Shape.TEXT,
    format: Annotated[Format, typer.Option("--format", "-f", help="What stdout carries.")] = Format.TEXT,
    events: Annotated[bool, typer.Option("--events", help="With -f jsonl: a line for every step too.")] = False,
    system: Annotated[str | None, typer.Option(metavar="TEXT", help="System text for the chat template.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Leave the chat template out.")] = False,
    view: Annotated[watch.View, typer.Option(help="How a single prompt is shown on stderr while it is decoded.")] = (
        watch.View.AUTO
    ),
    trace: Annotated[
        str | None, typer.Option("--trace", metavar="FILE|-", help="Record every step; .gz packs it, - is stdout.")
    ] = None,
    stats: Annotated[When, typer.Option(help="The summary on stderr; auto shows it on a terminal.")] = When.AUTO,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    color: options.ColorOption = options.Color.AUTO,
) -> None:
    """Answer prompts: an argument, stdin, or a batch of lines."""
    asked = dict(locals())  # by the names of the options, as `options.SETTINGS` has them
    options.take_manner(asked)
    if prompts.is_missing(prompt):
        typer.echo(f"{context.get_usage()}\n\nGive a prompt, or pipe one in; see dlldecode generate --help", err=True)
        raise typer.Exit(2)
    if events and format is not Format.JSONL:
        raise UsageError(f"--events writes a line for every step, which -f {format.value} cannot hold; add -f jsonl.")
    if input is not prompts.Shape.TEXT and (trace or view in (watch.View.LIVE, watch.View.PLAIN)):
        asking = "--trace" if trace else f"--view {view.value}"
        raise UsageError(f"{asking} is about a single prompt; leave --input {input.value} out, or {asking}.")
    if trace == watch.STDOUT and format is not Format.TEXT:
        raise UsageError(f"--trace - puts the trace on stdout, where -f {format.value} goes too; give it a file.")
    if raw and system is not None:
        raise UsageError("--system goes through the chat template, which --raw leaves out; give one of the two.")
    with results() as output:
        _generate(asked, output)


def _generate(asked: Mapping[str, Any], output: Output) -> None:
    in_batch = asked["input"] is not prompts.Shape.TEXT
    settings = options.resolved(asked)
    found = prompts.many(asked["prompt"], asked["input"]) if in_batch else [prompts.single(asked["prompt"])]
    if asked["dry_run"]:
        output.write(plan.described(settings, iter(found), asked))
        return
    with watch.trace_writer(asked["trace"], output) as line, writer(output, asked["format"], in_batch) as write:
        if isinstance(found, prompts.Prompts):
            first = next(found, None)
            if first is None:
                stderr.notice("stdin holds no prompts, so there is nothing to do.")
                return
            found.put_back(first)
        else:
            _refuse(found[0])
        write = Silent(output) if asked["trace"] == watch.STDOUT else write
        summary = (
            _batch(settings, found, asked, write, output)
            if in_batch
            else _single(settings, found, asked, (write, line))
        )
    _end(summary, asked)


def _single(
    settings: Resolved,
    found: Iterable[Prompt],
    asked: Mapping[str, Any],
    to: tuple[TextWriter, Callable[[str], None] | None],
) -> Summary:
    from ..batch import Result, run
    from ..trace.events import Stepped
    from ..trace.record import Recorder

    (prompt,), (write, line), summary = found, to, Summary(settings)
    with stderr.spinner(f"loading {settings.run.model}") as wheel:
        job = _load(settings, asked)
        spell = job.model.tokenizer.token_bytes
        watchers = [*watch.views(asked["view"], spell), *([Recorder(line, spell)] if line else [])]
        wheel.stop()
    summary.begin()
    with watch.watched(job, prompt.text, watchers) as telling:
        for item in run(job, [prompt], observe=bool(watchers or asked["events"])):
            if not isinstance(item, Result):
                telling.tell(item)
                if asked["events"] and isinstance(item, Stepped):
                    write.step(item)
                continue
            telling.end("ok", item)
            write.result(item)
            summary.add(item)
    return summary


def _batch(
    settings: Resolved, found: Iterable[Prompt], asked: Mapping[str, Any], write: TextWriter, output: Output
) -> Summary:
    from ..batch import Result, run
    from ..trace.events import Stepped

    summary = Summary(settings)
    with stderr.spinner(f"loading {settings.run.model}") as wheel:
        job = _load(settings, asked)
        wheel.say("decoding")
        summary.begin()
        for item in run(job, found, in_batch=True, observe=asked["events"]):
            if output.is_terminal:
                wheel.stop()
            if not isinstance(item, Result):
                if isinstance(item, Stepped):
                    write.step(item)
                continue
            write.result(item)
            summary.add(item)
            wheel.say(f"decoding, {summary.count} done")
    return summary


def _refuse(prompt: Prompt) -> None:
    """Raise UsageError for a prompt that no model could answer, before one is loaded."""
    from ..batch import refusal

    if reason := refusal(prompt):
        raise UsageError(reason)


def _load(settings: Resolved, asked: Mapping[str, Any]) -> Job:
    from ..batch import prepare, recipe

    _advise(recipe(settings))  # what does not fit together is said before gigabytes are read
    model, seconds = loading.model(settings.run)
    return prepare(model, settings, system=asked["system"], raw=asked["raw"], load_seconds=seconds)


def _advise(made: Recipe) -> None:
    """Say what is allowed and hardly meant."""
    settings = made.settings
    if made.is_window_everything:
        stderr.notice(
            f"cache {settings.cache} computes a window as wide as the canvas of {settings.max_tokens}"
            " in every forward, so it keeps nothing."
        )
    if settings.steps is not None and settings.steps > settings.max_tokens:
        stderr.notice(
            f"steps = {settings.steps} is more than the canvas of {settings.max_tokens} has positions,"
            " so that steps may write nothing."
        )


def _end(summary: Summary, asked: Mapping[str, Any]) -> None:
    shown = stderr.is_terminal() and not asked["quiet"] if asked["stats"] is When.AUTO else asked["stats"] is When.ON
    if shown:
        stderr.notice(summary.line(), level=-1)
    if summary.failed:
        raise ItemsFailed(f"{summary.failed} of {summary.count} prompts failed; each says why.")
