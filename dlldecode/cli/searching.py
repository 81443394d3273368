"""A study at work: what it is about, the search, the pick, the verdict, and how it goes meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from ..bench.measure import Group
from ..bench.records import Records
from ..bench.report import Row
from ..bench.session import Tally
from ..config.assemble import Resolved
from ..tune import halving, heldout, outcome, sampled, study
from ..tune.chart import FRONT, POINT, REFERENCE, Spot, chart
from ..tune.evaluate import Evaluator
from ..tune.goal import Goal
from ..tune.halves import Halves
from ..tune.outcome import Outcome
from ..tune.space import Space
from ..tune.trial import Trial, Trials
from . import engine, progress, stderr
from .interrupt import Stopped, patient


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
