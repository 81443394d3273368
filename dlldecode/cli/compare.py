"""`dlldecode bench` on tasks: everything is checked before the first item, and every item is kept as it comes."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from .. import batch
from ..bench import compare, export, gate, pairs, sandbox, scorers, session
from ..bench import task as tasks
from ..bench.items import items
from ..bench.records import Record, Records
from ..bench.report import ALL, Report
from ..errors import ConditionTrue, ItemsFailed, UsageError
from . import engine, progress, stderr
from .matrix import matrix
from .output import Output, results
from .shown import columns

DEFAULT_TASK = "tiny"


def work(asked: Mapping[str, Any]) -> None:
    """Run a comparison, or say what it would be."""
    found = chosen(asked)
    gates = [gate.parse(text, [task.metric for task in found.tasks]) for text in asked["fail_if"] or []]
    with results() as output:
        exports = export.open_all(asked["export"] or [])
        if asked["dry_run"]:
            output.write(described(found))
            return
        report, records = _compared(found, asked)
        exports.write(report, records)
        _show(report, asked, output)
    _judge(report, gates)


def chosen(asked: Mapping[str, Any]) -> session.Plan:
    """What is to be compared. Raises UsageError for everything that can be wrong before a model is read."""
    limit, wanted = at_most(asked["limit"]), wanted_tasks(asked)
    compared = matrix(asked)
    pairs.check(asked["against"] or [], [each.preset for each in compared])
    offline = compared[0].resolved().run.offline
    listed = [(task, items(task, asked["data_dir"], limit, offline, asked["skip"])) for task in wanted]
    return session.plan(compared, listed, asked["runs"])


def wanted_tasks(asked: Mapping[str, Any]) -> list[tasks.Task]:
    """The tasks that a command names. Raises UsageError for those that may not run, and workers without a cluster."""
    if asked["workers"] is not None and asked["engine"].value != "ray":
        raise UsageError("--workers is about a cluster; add --engine ray, or leave it out.")
    wanted = [task for name in asked["task"] or [DEFAULT_TASK] for task in tasks.find(name)]
    _refuse_code(wanted, asked["allow_code"])
    return wanted


def at_most(text: str) -> int | None:
    """A number of items, or None for all. Raises UsageError."""
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--limit {text}: give a number of items, at least 1, or all.")
    return int(text)


def _refuse_code(wanted: list[tasks.Task], is_allowed: bool) -> None:
    running = [task.task for task in wanted if scorers.load(task.scorer).RUNS_CODE]
    if running and not is_allowed:
        raise UsageError(
            f"task {running[0]} runs programs that the model writes; add --allow-code to run them, in a sandbox."
        )
    for sentence in sandbox.missing() if running else ():
        stderr.notice(f"sandbox: {sentence}")


def described(found: session.Plan) -> str:
    """The settings, items and most forwards of every group."""
    lines = [("setting", "cache", "task", "items", "canvas", "block", "most forwards")]
    total = 0
    for group in found.groups:
        each = group.resolved.settings
        most = batch.most_forwards(batch.recipe(group.resolved)) * len(group.items)
        total += most
        where = (group.setting.label, each.cache, group.task.task, str(len(group.items)))
        lines.append((*where, str(each.max_tokens), str(each.block_length), str(most)))
    return columns(lines) + f"\n{len(found.keys)} items to decode, at most {total} forwards\n"


def _compared(found: session.Plan, asked: Mapping[str, Any]) -> tuple[Report, list[Record]]:
    records = Records(*folder(found, asked))
    with closing(records):
        about = _decode(found, records, asked)
        kept = found.results(records)
    labels = [setting.label for setting in found.settings]
    report = compare.report(kept, labels, [task.task for task in found.tasks], about)
    return compare.beside(report, kept, asked["against"] or []), kept


def folder(found: session.Plan, asked: Mapping[str, Any]) -> tuple[Path, bool]:
    """Where results are kept, and whether those that are there are gone on with."""
    if asked["out"] is not None:
        return asked["out"], asked["resume"]
    from platformdirs import user_state_path

    home = user_state_path("dlldecode", appauthor=False) / "bench"
    earlier = sorted(home.glob(f"*-{found.digest}")) if asked["resume"] else []
    return (earlier[-1] if earlier else home / f"{time.strftime('%Y%m%d-%H%M%S')}-{found.digest}"), asked["resume"]


def _decode(found: session.Plan, records: Records, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Decode what is left, and say on what and how it went."""
    with engine.opened(found.groups[0].resolved.run, asked) as decoder:
        records.agree(decoder.about)
        tally = _kept(found, records, decoder)
    stderr.notice(f"results of every item: {records.folder / 'records.jsonl'}")
    took = {"seconds": tally.seconds, "beside": tally.beside} if tally.done else {"seconds": 0.0, "beside": None}
    return {**decoder.about, **_common(found), **took, "decoded": tally.done}


def _kept(found: session.Plan, records: Records, decoder: engine.Decoder) -> session.Tally:
    """Decode what is left, and keep every result as it comes."""
    left = found.left(records)
    tally = session.Tally(sum(len(group.items) for group in left), decoder.workers)
    is_whole = False
    try:
        with progress.shown(tally, len(found.keys)) as tell:
            for item in decoder.found(left):
                if not isinstance(item, session.WarmedUp):
                    records.append(item)
                tally.add(item)
                tell(item)
        is_whole = True
    finally:
        if not is_whole:
            kept = sum(map(records.is_done, found.keys))
            stderr.notice(
                f"{kept} of {len(found.keys)} items are kept in {records.folder}; go on with the same command,"
                f" --out {shlex.quote(str(records.folder))} --resume",
                level=-1,
            )
    return tally


def _common(found: session.Plan) -> dict[str, Any]:
    """The width of batches and the seed, where all groups have the same."""
    values = {(group.resolved.run.batch_size, group.resolved.settings.seed) for group in found.groups}
    return dict(zip(("batch_size", "seed"), next(iter(values)), strict=True)) if len(values) == 1 else {}


def _show(report: Report, asked: Mapping[str, Any], output: Output) -> None:
    shape, width = asked["format"].value, shutil.get_terminal_size((140, 24)).columns
    width = width if output.is_terminal else 140
    output.write(export.text(report, shape, width))
    if stderr.is_terminal() and not output.is_terminal and not asked["quiet"]:
        stderr.notice(export.text(report, "table", shutil.get_terminal_size().columns))


def _judge(report: Report, gates: list[gate.Gate]) -> None:
    """Raise for a condition that holds, else for items that failed."""
    holding = [line for each in gates for line in each.holds(report)]
    if holding:
        raise ConditionTrue("; ".join(holding))
    tell_failures(sum(row.failed for row in report.rows if row.task != ALL))


def tell_failures(failed: int) -> None:
    """Raise ItemsFailed where items did."""
    if failed:
        raise ItemsFailed(f"{failed} items failed and count as wrong; each says why in its record.")
