"""`dlldecode bench`: measure decoding on this machine."""

from __future__ import annotations

import json
import resource
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from . import loading, options, stderr
from .output import results
from .shown import columns

if TYPE_CHECKING:
    from ..bench.speed import Speed
    from ..models.network import Network


class Shape(str, Enum):
    """How figures are written."""

    TABLE, JSON = "table", "json"


Several = list[str] | None


def bench(  # noqa: PLR0913 (Typer reads the options of a command from its parameters)
    speed: Annotated[bool, typer.Option("--speed", help="Milliseconds of a step, and tokens a second.")] = False,
    model: options.Model = None,
    presets: Annotated[
        Several, typer.Option("--preset", "-p", metavar="NAME", help="Preset or strategy; repeatable.  [threshold]")
    ] = None,
    caches: Annotated[
        Several, typer.Option("--cache", metavar="NAME", help="Cache policy; repeatable.  [none, dual]")
    ] = None,
    lengths: Annotated[
        list[int] | None, typer.Option("--max-tokens", "-n", metavar="N", help="Canvas; repeatable.  [128]")
    ] = None,
    rows: Annotated[
        list[int] | None, typer.Option("--batch-size", metavar="N", help="Rows of a batch; repeatable.  [1]")
    ] = None,
    prompt_tokens: Annotated[int, typer.Option(metavar="N", help="Tokens of every prompt.")] = 128,
    block_length: options.BlockLength = None,
    device: options.Device = None,
    dtype: options.DtypeOption = None,
    load: options.LoadOption = None,
    revision: options.Revision = None,
    offline: options.Offline = None,
    format: Annotated[Shape, typer.Option("--format", "-f", help="What stdout carries.")] = Shape.TABLE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    color: options.ColorOption = options.Color.AUTO,
) -> None:
    """Measure how fast a model decodes here, part by part, beside what the machine could do at best."""
    asked = dict(locals())
    options.take_manner(asked)
    if not speed:
        raise UsageError("bench measures speed in this version; add --speed.")
    with results() as output, stderr.spinner("measuring") as wheel:
        found, about = _measure(asked, wheel)
        output.write(_json(found, about) if format is Shape.JSON else _table(found, about))


def _measure(asked: dict[str, Any], wheel: Any) -> tuple[list[Speed], dict[str, Any]]:
    cases = [
        _recipe(asked, name, cache, length)
        for length in asked["lengths"] or [128]
        for cache in asked["caches"] or ["none", "dual"]
        for name in asked["presets"] or ["threshold"]
    ]
    import torch

    from ..bench.clock import rates
    from ..bench.speed import Case, measure

    network, seconds = loading.model(cases[0][1].run)
    load = {"seconds": seconds, "host_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    weights = network.trunk.embedding.weight.dtype, network.trunk.layers[0].attention.qkv.weight.dtype
    machine = rates(network.device, *weights)
    found = []
    for count in asked["rows"] or [1]:
        for name, resolved, recipe in cases:
            settings = resolved.settings
            wheel.say(f"{name}, cache {settings.cache}, canvas {settings.max_tokens}, {count} rows")
            found.append(measure(network, Case(name, recipe, count, asked["prompt_tokens"]), machine))
            if network.device.startswith("cuda"):
                torch.cuda.empty_cache()
    return found, {**_about(machine, network), "load": load}


def _recipe(asked: dict[str, Any], name: str, cache: str, length: int) -> Any:
    from .. import strategies
    from ..batch import recipe

    is_strategy = name in strategies.available()
    wanted = {name: None for name in options.SETTINGS}
    given = {key: asked[key] for key in ("model", "device", "dtype", "load", "revision", "offline", "block_length")}
    named = {"strategy": name if is_strategy else None, "preset": None if is_strategy else name, "set": None}
    resolved = options.resolved({**wanted, **given, **named, "cache": cache, "max_tokens": str(length)})
    return name, resolved, recipe(resolved)


def _about(machine: Any, network: Network) -> dict[str, Any]:
    import torch

    from ..batch import versions

    is_cuda = network.device.startswith("cuda")
    return {
        "model": network.name,
        "weights": network.weights,
        "dtype": network.dtype,
        "device": torch.cuda.get_device_name(network.device) if is_cuda else "cpu",
        "bytes_per_second": machine.bytes,
        "operations_per_second": machine.operations,
        "layer_operations_per_second": machine.layer_operations,
        "versions": versions(),
    }


def _json(found: list[Speed], about: dict[str, Any]) -> str:
    cases = [
        {**asdict(each), "steps": [{**asdict(step), "ratio": step.ratio, "beside": step.beside} for step in each.steps]}
        for each in found
    ]
    return json.dumps({**about, "cases": cases}, indent=1)


PARTS = ("ms", "forward", "scoring", "strategy", "floor", "ratio", "beside")
HEAD = ("preset", "cache", "rows", "canvas", "step", "columns", *PARTS, "host", "tok/s", "GB")


def _table(found: list[Speed], about: dict[str, Any]) -> str:
    lines = [HEAD]
    for each in found:
        for step in each.steps:
            times = (step.total, step.forward, step.scoring, step.strategy, step.floor)
            numbers = [f"{value:.3f}" for value in times] + [f"{step.ratio:.2f}", f"{step.beside:.1%}"]
            whole = [f"{each.host:.3f}", f"{each.tokens_per_second:.0f}", f"{each.memory / 1e9:.1f}"]
            first = [each.name, each.cache, str(each.rows), str(each.canvas), step.kind, str(step.columns)]
            lines.append([*first, *numbers, *whole])
    speeds = f"{about['bytes_per_second'] / 1e12:.3f} TB/s read, {about['operations_per_second'] / 1e12:.1f} TFLOP/s"
    weights = "random weights" if about["weights"] == "dummy" else f"weights {about['weights'][:12]}"
    load = f"loaded in {about['load']['seconds']:.1f} s, {about['load']['host_bytes'] / 1e9:.1f} GB of host memory"
    what = f"{about['model']}, {weights}, {about['dtype']}, {about['device']}: {speeds}; {load}"
    return f"{what}; milliseconds; 4 tokens a step\n\n" + columns(lines)
