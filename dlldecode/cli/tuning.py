"""`dlldecode tune`: everything is checked before the first item, searched, judged, shown and saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..bench.export.files import check_place, put
from ..bench.items import items
from ..bench.matrix import requested
from ..bench.measure import Group
from ..bench.records import Records
from ..bench.report import Row
from ..bench.session import Tally
from ..config.assemble import Resolved, resolve
from ..config.layers import Layer
from ..core.fields import nearest
from ..errors import UsageError
from ..tune import halving, heldout, outcome, sampled, show, study
from ..tune.chart import FRONT, POINT, REFERENCE, Spot, chart
from ..tune.evaluate import Evaluator
from ..tune.goal import Goal, goal
from ..tune.halves import Halves, halves, shares
from ..tune.outcome import Outcome
from ..tune.space import Space, space
from ..tune.trial import Trial, Trials
from . import engine, options, progress, stderr, tuned
from .compare import at_most, tell_failures, wanted_tasks
from .interrupt import CODE, Stopped, patient
from .matrix import NAMES
from .output import Output, results
from .shown import columns

PICTURES = (".png", ".svg")


@dataclass(frozen=True)
class Plan:
    """What is searched, on what, for what; `listed` are all trials, the reference first, None where Optuna proposes."""

    start: Resolved
    space: Space
    halves: Halves
    goal: Goal
    trials: Trials
    sampler: str
    listed: list[Trial] | None
    axes: tuple[str, str] | None

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this study the same as another one."""
        run, settings = self.start.run, self.start.settings
        base = f"{self.start.preset_hash}, seed {settings.seed}, batch size {run.batch_size}, {run.model}"
        return study.identity(self.trials.name, base, self.space.described(), self.halves.digest)


def work(asked: Mapping[str, Any]) -> None:
    """Run a study, or say what it would be."""
    plan = chosen(asked)
    with results() as output:
        if asked["dry_run"]:
            output.write(described(plan, asked))
            return
        target = tuned.place(asked["save_preset"])
        _check_plot(asked["plot"])
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
    layers = options.layers(asked)
    base = requested(asked["preset"], layers, Layer())
    start = resolve(base)
    searched = space(start, asked["grid"] or [], NAMES, layers)
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


class Session:
    """One run of the command on a study."""

    def __init__(self, plan: Plan, records: Records, decoder: engine.Decoder, asked: Mapping[str, Any]) -> None:
        self._plan, self._records, self._decoder, self._asked = plan, records, decoder, asked
        self._tally = Tally(0, decoder.workers)
        self._rows: dict[int, Row] = {}
        self._optuna: sampled.Sampled | None = None
        self._sizes = halving.rungs(len(plan.halves.search), asked["halving"])

    def run(self) -> Outcome | None:
        """Search, pick and judge, until it is done or Ctrl-C asks for an end."""
        words = progress.Words(self._beside, self._board)
        with patient() as is_asked, progress.shown(self._tally, words=words) as tell:

            def decode(groups: Iterable[Group]) -> Iterator[Any]:
                with closing(self._decoder.found(groups)) as found:  # type: ignore[type-var]
                    for each in found:
                        self._tally.add(each)
                        yield each
                        tell(each)
                        if is_asked():
                            raise Stopped

            reference = self._plan.trials.reference
            evaluator = Evaluator(
                self._records, decode, self._plan.goal, reference, self._plan.halves.search, self._seen, self._expect
            )
            try:
                trials = self._search(evaluator)
                found = outcome.outcome(evaluator, trials, self._plan.halves.search, self._sizes)
                picked = next((trial for trial in trials if trial.number == found.pick), None)
                verdict = heldout.verdict(evaluator, picked, self._plan.halves.heldout)
                found = replace(found, verdict=verdict, importance=self._importance(evaluator, trials))
            except Stopped:
                trials = list(self._plan.trials.known.values())
                found = outcome.outcome(evaluator, trials, self._plan.halves.search, self._sizes)
        if found.verdict is None:
            stderr.notice(
                f"stopped; every item is kept in {self._records.folder}, go on with the same command", level=-1
            )
        return replace(found, about=self._about(evaluator, trials, found)) if found.search.rows else None

    def _search(self, evaluator: Evaluator) -> list[Trial]:
        """The trials of the study, each run on as many items as it deserves."""
        questions, is_halving = self._plan.halves.search, self._asked["halving"]
        if self._plan.listed:
            halving.race(self._plan.listed, evaluator, questions, is_halving)
            return self._plan.listed
        reference = self._plan.trials.reference
        evaluator.rows([reference], questions, later=self._asked["trials"] * len(questions))
        ladder = sampled.Ladder(evaluator, questions, is_halving)
        opened = sampled.Sampled(
            self._records.folder, self._plan.sampler, self._plan.space, evaluator, self._asked["trials"]
        )
        self._optuna = opened
        found = [reference, *opened.search(self._plan.trials, ladder)]
        return list({trial.number: trial for trial in found}.values())

    def _importance(self, evaluator: Evaluator, trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
        if self._optuna:
            return self._optuna.importance()
        return outcome.shares(evaluator, trials, self._plan.halves.search[: self._sizes[0]])

    def _about(self, evaluator: Evaluator, trials: Sequence[Trial], found: Outcome) -> dict[str, Any]:
        """On what, by what, and what it took."""
        plan, questions = self._plan, self._plan.halves.search
        costs = halving.Costs(evaluator, plan.trials.reference, questions)
        ran = [trial for trial in trials if trial.number in evaluator.reached]
        spent, full = costs.spent(ran), costs.full(ran)
        return {
            **self._decoder.about,
            "study": str(self._records.folder),
            "is_whole": found.verdict is not None,
            "preset": plan.trials.name,
            "reference": plan.trials.reference.label,
            "space": plan.space.described(),
            "sampler": plan.sampler,
            "halving": self._sizes,
            "objectives": list(plan.goal.objectives),
            "constraint": str(plan.goal.constraint) if plan.goal.constraint else None,
            "pick": plan.goal.pick,
            "items": plan.halves.counts(),
            "search_items": len(questions),
            "heldout_items": len(plan.halves.heldout),
            "trials": len(trials),
            "refused": plan.trials.refused,
            "forwards": {"search": spent, "full": full, "share": spent / full if full else 0.0},
            "decoded": self._tally.done,
            "seconds": self._tally.seconds,
            "beside": self._tally.beside if self._tally.done else None,
        }

    def _expect(self, count: int) -> None:
        self._tally.total = self._tally.done + count

    def _seen(self, number: int, row: Row) -> None:
        self._rows[number] = row

    def _beside(self, found: Any) -> str:
        """What is being decoded, and the best so far."""
        if not self._rows:
            return progress.where(found)
        number = self._plan.goal.leading(self._rows)
        row = self._rows[number]
        return f"{progress.where(found)}; best so far: trial {number}, {100 * row.score.value:.0f} %, TPF {row.tpf:.2f}"

    def _board(self) -> str:
        """The front so far, as a chart."""
        numbers = list(self._rows)
        best = {numbers[place] for place in self._plan.goal.front([*self._rows.values()])}
        marks = {number: FRONT if number in best else POINT for number in numbers} | {0: REFERENCE}
        ordered = sorted(numbers, key=lambda number: (number == 0, number in best))
        return "\n".join(
            chart([Spot(row.tpf, 100 * row.score.value, marks[n]) for n in ordered if (row := self._rows[n])])
        )


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
