"""`dlldecode bench --speed`: what a step costs on this machine."""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from . import loading, stderr
from .matrix import matrix
from .output import results
from .shown import columns

if TYPE_CHECKING:
    from ..bench.speed import Speed
    from ..config.assemble import Resolved
    from ..engine.recipe import Recipe
    from ..models.network import Network


WHOLE = ("task", "export", "out", "resume", "fail_if", "engine")  # what only a comparison takes


def work(asked: Mapping[str, Any]) -> None:
    """Measure, and write what was found."""
    for name in WHOLE:
        if asked[name] and getattr(asked[name], "value", "") != "local":
            raise UsageError(f"--{name.replace('_', '-')} is about tasks; --speed measures steps, so leave one out.")
    if asked["format"].value not in ("table", "json"):
        raise UsageError(f"--speed writes table or json, not {asked['format'].value}.")
    with results() as output, stderr.spinner("measuring") as wheel:
        if asked["dry_run"]:
            output.write(_described(asked))
            return
        found, about = _measure(asked, wheel)
        output.write(_json(found, about) if asked["format"].value == "json" else _table(found, about))


def _described(asked: Mapping[str, Any]) -> str:
    """What would be measured."""
    lines = [("preset", "cache", "rows", "prompt", "canvas", "block")]
    for name, resolved, _ in _cases(asked):
        each, rows = resolved.settings, str(resolved.run.batch_size)
        sizes = (str(asked["prompt_tokens"]), str(each.max_tokens), str(each.block_length))
        lines.append((name, each.cache, rows, *sizes))
    return columns(lines)


def _measure(asked: Mapping[str, Any], wheel: Any) -> tuple[list[Speed], dict[str, Any]]:
    cases = _cases(asked)
    import torch

    from ..bench.clock import rates
    from ..bench.speed import Case, measure

    network, seconds = loading.model(cases[0][1].run)
    load = {"seconds": seconds, "host_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    weights = network.trunk.embedding.weight.dtype, network.trunk.layers[0].attention.qkv.weight.dtype
    machine = rates(network.device, *weights)
    found = []
    for name, resolved, recipe in cases:
        settings, rows = resolved.settings, resolved.run.batch_size
        wheel.say(f"{name}, cache {settings.cache}, canvas {settings.max_tokens}, {rows} rows")
        found.append(measure(network, Case(name, recipe, rows, asked["prompt_tokens"]), machine))
        if network.device.startswith("cuda"):
            torch.cuda.empty_cache()
    return found, {**_about(machine, network), "load": load}


def _cases(asked: Mapping[str, Any]) -> list[tuple[str, Resolved, Recipe]]:
    """Every preset (threshold when none is named) with the values of the axes; caches none and dual unless told."""
    from ..batch import recipe

    axes = list(asked["axis"] or [])
    if asked["cache"] is None and not any(text.split("=")[0].strip() in ("cache", "decode.cache") for text in axes):
        axes.append("cache=none,dual")
    found = []
    for setting in matrix({**asked, "axis": axes, "presets": asked["presets"] or ["threshold"]}):
        resolved = setting.resolved()
        if resolved.settings.window != "fixed":
            raise UsageError(
                f"{setting.label}: window = {resolved.settings.window} finds its blocks on the way, and --speed"
                " reckons with blocks of one length; leave this preset or window out."
            )
        if resolved.settings.wrap:
            raise UsageError(
                f"{setting.label}: wrap has {', '.join(resolved.settings.wrap)}, and --speed reckons with one forward a"
                " step and all of its columns; leave this preset or wrap out."
            )
        found.append((setting.preset, resolved, recipe(resolved)))
    return found


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
