"""`dlldecode visualize`: see a decoding while it happens, or play one back; make files of either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from . import loading, options, prompts, stderr, watch
from .output import Output, results
from .summary import Summary

if TYPE_CHECKING:
    from ..trace.read import Recording
    from ..viz.export import Wish

SPEED = 8.0  # steps a second


class Layout(str, Enum):
    """How the canvas is laid out."""

    AUTO, FLOW, MAP, SPLIT = "auto", "flow", "map", "split"


EPILOG = """\b
Keys of a replay: space pauses, arrows step, + and - change the speed, r goes to the next revocation,
Home and End, q quits. Several --replay of the same prompt play side by side.
Files by suffix: .svg .html .png .cast .txt .gif (with agg on the PATH).
"""


def visualize(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    context: typer.Context,
    prompt: Annotated[str | None, typer.Argument(metavar="PROMPT", help="The text to answer; - is stdin.")] = None,
    replay: Annotated[
        list[str] | None, typer.Option("--replay", metavar="FILE|-", help="Play a trace instead; repeatable.")
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", "-o", metavar="FILE", help="Make a file, by suffix; repeatable.")
    ] = None,
    speed: Annotated[float, typer.Option(metavar="N", min=0.01, help="Steps a second.")] = SPEED,
    at: Annotated[
        int | None, typer.Option(metavar="STEP", min=0, help="The step of a still picture.  [a strip of several]")
    ] = None,
    layout: Annotated[Layout, typer.Option(help="Text, a map of tokens, or both.")] = Layout.AUTO,
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
    device: options.Device = None,
    dtype: options.DtypeOption = None,
    load: options.LoadOption = None,
    revision: options.Revision = None,
    offline: options.Offline = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    color: options.ColorOption = options.Color.AUTO,
) -> None:
    """Watch masks turn into anchors, regions and text; live, or from a trace."""
    asked = dict(locals()) | {"batch_size": None}
    options.take_manner(asked)
    if replay and prompt is not None:
        raise UsageError("--replay plays what was decoded before, and a prompt asks for more; give one of the two.")
    if not replay and prompts.is_missing(prompt):
        typer.echo(f"{context.get_usage()}\n\nGive a prompt, or --replay a trace.", err=True)
        raise typer.Exit(2)
    if out:
        from ..viz.export import check

        check(out)
    with results() as output:
        if replay:
            _replay(replay, asked, output)
        else:
            _live(asked, output)


def _replay(sources: Sequence[str], asked: Mapping[str, Any], output: Output) -> None:
    """Play traces, or make files of them."""
    from ..trace.read import read

    if sources.count("-") > 1:
        raise UsageError("stdin holds one trace, and --replay - was given twice; name files.")
    found = [read(source) for source in sources]
    if any(each.header.prompt_ids != found[0].header.prompt_ids for each in found):
        raise UsageError("the traces answer different prompts; replay traces of one prompt together.")
    for each in found:
        if each.footer is None:
            stderr.notice(f"{each.name} has no end; it was cut, or its run was.")
    if asked["out"]:
        _export(found, asked)
    elif not _play(found, asked):
        _say(found)
    if not asked["out"]:
        output.write("".join(_answer(each) for each in found[:1]))


def _play(found: Sequence[Recording], asked: Mapping[str, Any]) -> bool:
    """Play in the terminal; False where there is none, or none that sends keys."""
    from ..viz.player import keyboard, play
    from ..viz.reel import Reel

    if not stderr.is_animated():
        return False
    with keyboard() as keys:
        if keys is None:
            return False
        screen = watch.screen(asked["layout"].value)
        try:
            play(
                [Reel(each) for each in found],
                lambda scenes, note: screen.show(scenes, note, is_due=True),
                keys,
                asked["speed"],
            )
        finally:
            screen.close()
    return True


def _say(found: Sequence[Recording]) -> None:
    """The plain lines of each trace."""
    from ..trace.lines import Footer
    from ..viz.watch import PlainView

    for each in found:
        view = PlainView(stderr.notice, lambda token, each=each: each.bytes.get(token, b""))  # type: ignore[misc]
        view.start(each.header)
        for step in each.steps:
            view.step(step)
        view.end(Footer("ok"))


def _answer(recording: Recording) -> str:
    """The text of a trace's footer; nothing where it has none."""
    text = recording.footer.record.get("text") if recording.footer else None
    return f"{text}\n" if isinstance(text, str) else ""


def _live(asked: Mapping[str, Any], output: Output) -> None:
    """Decode, show and record."""
    from ..batch import Result, prepare, recipe, run
    from ..viz.watch import Tape

    settings = options.resolved(asked)
    prompt = prompts.single(asked["prompt"])
    summary = Summary(settings)
    with stderr.spinner(f"loading {settings.run.model}") as wheel:
        recipe(settings)  # what does not fit together is said before gigabytes are read
        model, seconds = loading.model(settings.run)
        job = prepare(model, settings, load_seconds=seconds)
        wheel.stop()
    spell = job.model.tokenizer.token_bytes
    tape = Tape(spell)
    summary.begin()
    watchers = [*watch.views(watch.View.AUTO, spell, asked["speed"], asked["layout"].value), tape]
    with watch.watched(job, prompt.text, watchers) as telling:
        for item in run(job, [prompt], observe=True):
            if not isinstance(item, Result):
                telling.tell(item)
                continue
            telling.end("ok", item)
            summary.add(item)
            output.write(f"{item.text}\n")
    if asked["out"]:
        _export([tape.recording()], asked)
    stderr.notice(summary.line(), level=0 if stderr.is_terminal() else 1)


def _export(found: Sequence[Recording], asked: Mapping[str, Any]) -> None:
    """Make the files that were asked for."""
    from ..viz.export import Wish, write

    wish: Wish = Wish(asked["speed"], asked["at"])
    for file in asked["out"]:
        write(found, file, wish)
        stderr.notice(f"wrote {file}")
