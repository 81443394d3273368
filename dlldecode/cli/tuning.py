"""`dlldecode tune`: everything is checked before the first item, searched, judged, shown and saved."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..bench.export.files import check_place, put
from ..bench.items import items
from ..bench.matrix import requested
from ..config.assemble import resolve
from ..config.layers import Layer
from ..core.fields import nearest
from ..errors import UsageError
from ..tune import halving, sampled, show, study
from ..tune.goal import Goal, goal
from ..tune.halves import halves, shares
from ..tune.outcome import Outcome
from ..tune.space import Space, space
from ..tune.trial import Trials
from . import engine, options, stderr, tuned
from .compare import at_most, tell_failures, wanted_tasks
from .interrupt import CODE
from .output import Output, results
from .searching import Plan, Session
from .shown import columns

PICTURES = (".png", ".svg")


def work(asked: Mapping[str, Any]) -> None:
    """Run a study, or say what it would be."""
    plan = chosen(asked)
    with results() as output:
        _check_plot(asked["plot"])
        if asked["dry_run"]:
            output.write(described(plan, asked))
            return
        target = tuned.place(asked["save_preset"])
        found = _studied(plan, {**asked, "warmup": int("tps" in plan.goal.objectives)})
        if found is None:
            raise SystemExit(CODE)
        _show(found, asked, output)
        if asked["plot"]:
            _plot(found, plan, asked["plot"])
    if found.verdict is None:
        raise SystemExit(CODE)
    if found.pick is None:
        raise UsageError(_unmet(found, plan.goal))
    if target:
        put(target, tuned.content(plan.trials, found).encode())
        stderr.notice(f"wrote the pick to {target}")
    tell_failures(sum(entry.row.failed for entry in found.entries))


def chosen(asked: Mapping[str, Any]) -> Plan:
    """What is to be searched. Raises UsageError for everything that can be wrong before a model is read."""
    limit, wanted = at_most(asked["limit"]), wanted_tasks(asked)
    after = goal(asked["objective"], asked["constraint"], asked["pick"], [task.metric for task in wanted])
    layers = (options.layer(asked),)
    base = requested(asked["preset"], layers, Layer())
    start = resolve(base)
    searched = space(start, asked["grid"] or [], options.NAMES, layers)
    counts = zip(wanted, shares(limit, len(wanted)), strict=True)
    offline = start.run.offline
    split = halves((task, items(task, asked["data_dir"], count, offline)) for task, count in counts if count != 0)
    trials = Trials(asked["preset"], base, searched, split)
    sampler = asked["sampler"].value if asked["sampler"] else "grid" if asked["grid"] else "random"
    if sampler in ("tpe", "nsga2"):
        sampled.imported()
        listed = None
    else:
        is_whole = sampler == "grid" or searched.size <= asked["trials"]
        listed = trials.some(searched.grid()) if is_whole else trials.some(searched.drawn(), asked["trials"])
    return Plan(start, searched, split, after, trials, sampler, listed, _axes(searched, asked))


def _axes(searched: Space, asked: Mapping[str, Any]) -> tuple[str, str] | None:
    """The axes of a heat map, as results name them."""
    named = asked["x"], asked["y"]
    if named == (None, None):
        return None
    if None in named or not asked["plot"] or named[0] == named[1]:
        raise UsageError("a heat map needs --x, --y (two axes) and --plot FILE; the front needs --plot FILE alone.")
    known = {axis.key: axis.said for axis in searched.axes} | {axis.said: axis.said for axis in searched.axes}
    for option, key in zip(("--x", "--y"), named, strict=True):
        if key not in known:
            close = nearest(key, known)
            hint = f"did you mean {close}?" if close else f"there are {', '.join(axis.said for axis in searched.axes)}."
            raise UsageError(f"{option} {key}: the study has no such axis; {hint}")
    return known[named[0]], known[named[1]]


def _check_plot(file: Path | None) -> None:
    if file is None:
        return
    if file.suffix.lower() not in PICTURES:
        raise UsageError(f"--plot {file}: end its name with {' or '.join(PICTURES)}.")
    if find_spec("matplotlib") is None:
        raise UsageError(f"--plot {file} needs matplotlib; install it with: pip install 'dlldecode[tune]'.")
    check_place(file)


def described(plan: Plan, asked: Mapping[str, Any]) -> str:
    """The axes with their values, the items, and how many of them are decoded."""
    rows = [("axis", "values", "matters when")]
    for each in plan.space.dimensions:
        when = ", ".join(f"{key} is {' or '.join(map(str, values))}" for key, values in each.conditions.items())
        rows.append((each.axis.said, ", ".join(map(str, each.axis.values)), when or "always"))
    count, size = (len(plan.listed) - 1 if plan.listed else asked["trials"]), len(plan.halves.search)
    sizes = halving.rungs(size, asked["halving"])
    most = (count + 1) * size
    planned = size + count * sizes[0] + halving.planned(count, sizes)
    each = ", ".join(f"{task} {search}+{held}" for task, (search, held) in plan.halves.counts().items())
    refused = f"; {plan.trials.refused} points are refused by the strategy" if plan.trials.refused else ""
    return (
        columns(rows) + f"\nitems to search on + held out: {each}\n"
        f"{count} trials beside the reference{refused}\n"
        f"about {planned} items to decode, {most} without halving, and {2 * len(plan.halves.heldout)} held-out ones\n"
    )


def _studied(plan: Plan, asked: Mapping[str, Any]) -> Outcome | None:
    """The outcome as far as it goes; None where there is nothing to tell yet."""
    records = study.opened(asked["out"] or study.folder(_home(), asked["study"], plan.identity), plan.identity)
    with closing(records):
        if records.known:
            stderr.notice(f"going on with the study in {records.folder}: {len(records.known)} items are there")
        with engine.opened(plan.start.run, asked) as decoder:
            records.agree(decoder.about)
            return Session(plan, records, decoder, asked).run()


def _home() -> Path:
    from platformdirs import user_state_path

    return user_state_path("dlldecode", appauthor=False) / "tune"


def _show(found: Outcome, asked: Mapping[str, Any], output: Output) -> None:
    shape, width = asked["format"].value, shutil.get_terminal_size((140, 24)).columns
    output.write(show.text(found, shape, width if output.is_terminal else 140))
    if stderr.is_terminal() and not output.is_terminal and not asked["quiet"]:
        stderr.notice(show.text(found, "table", width))


def _plot(found: Outcome, plan: Plan, file: Path) -> None:
    from ..tune.plot import picture

    put(file.resolve(), picture(found, file.suffix[1:].lower(), plan.axes))
    stderr.notice(f"wrote {file}")


def _unmet(found: Outcome, after: Goal) -> str:
    """That no setting meets the condition, and how near they came."""
    row = min((entry.row for entry in found.compared), key=after.lacking)
    return f"no setting meets --constraint '{after.constraint}'; the nearest is {row.label}: {show.figures(row)}."
