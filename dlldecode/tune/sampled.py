"""Trials that Optuna proposes one after the other, in a journal that survives a kill."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bench.report import Row
from ..errors import UsageError
from .evaluate import Evaluator
from .halves import Question
from .halving import rungs
from .space import SEED, Point, Space
from .trial import Trial, Trials

if TYPE_CHECKING:
    import optuna

JOURNAL = "journal.log"
FEWEST = 4  # trials on the same items before one of them is dropped
CHILDREN = 5  # generations that NSGA-II gets out of the trials asked for


class Ladder:
    """Trials run on ever more items, each compared with those that came before it; the worse half goes no further."""

    def __init__(self, evaluator: Evaluator, questions: Sequence[Question], is_halving: bool) -> None:
        self._evaluator, self._questions = evaluator, questions
        self._seen: dict[int, dict[int, Row]] = {size: {} for size in rungs(len(questions), is_halving)}

    def climb(self, trial: Trial, trials_left: int) -> Row:
        """The figures of a trial on as many items as it deserves."""
        for size, seen in self._seen.items():
            more = len(self._questions) - size + trials_left * len(self._questions)
            seen |= self._evaluator.rows([trial], self._questions[:size], later=more)
            order = self._evaluator.goal.order([*seen.values()])
            ahead = [[*seen][place] for place in order[: ceil(len(seen) / 2)]]
            if len(seen) >= FEWEST and trial.number not in ahead:
                break
        return seen[trial.number]


class Sampled:
    """A study of Optuna's in a folder that this process alone writes to.

    Raises UsageError without Optuna. Trials that a killed process left running are closed and asked for again.
    """

    def __init__(self, folder: Path, sampler: str, space: Space, evaluator: Evaluator, count: int) -> None:
        self._optuna = imported()
        self._space, self._evaluator, self._count = space, evaluator, count
        self.study = self._opened(folder / JOURNAL, sampler)

    def _opened(self, journal: Path, sampler: str) -> optuna.Study:
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

        lock = JournalFileOpenLock(str(journal))
        Path(f"{journal}.lock").unlink(missing_ok=True)  # of a process that was killed: the folder is ours alone
        goal = self._evaluator.goal
        study = self._optuna.create_study(
            study_name=" ".join([sampler, *goal.objectives, str(goal.constraint or "")]).strip(),
            storage=JournalStorage(JournalFileBackend(str(journal), lock_obj=lock)),
            directions=["maximize"] * len(goal.objectives),
            load_if_exists=True,
        )
        study.sampler = self._sampler(sampler, SEED + len(study.trials))
        self._close_killed(study)
        return study

    def _sampler(self, name: str, seed: int) -> optuna.samplers.BaseSampler:
        samplers = self._optuna.samplers
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # conditions count as experimental
            if name == "tpe":
                return samplers.TPESampler(seed=seed, constraints_func=lacking)
            size = max(2, self._count // CHILDREN)
            return samplers.NSGAIISampler(seed=seed, population_size=size, constraints_func=lacking)

    def _close_killed(self, study: optuna.Study) -> None:
        states = self._optuna.trial.TrialState
        for trial in study.get_trials(states=(states.RUNNING,)):
            study.tell(trial.number, state=states.FAIL)
            study.enqueue_trial(trial.params)

    def search(self, trials: Trials, ladder: Ladder) -> list[Trial]:
        """Run what was asked for earlier, which costs nothing, then as much more as is wanted; each trial once."""
        states = self._optuna.trial.TrialState
        found = []
        for earlier in self.study.get_trials(states=(states.COMPLETE, states.PRUNED)):
            trial = trials.of(self._point(earlier.params))
            if trial:
                ladder.climb(trial, self._count - len(found))
                found.append(trial)
        done = len(self.study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED)))
        while done < self._count:
            found += self._one(trials, ladder, self._count - done - 1)
            done += 1
        return list({trial.number: trial for trial in found}.values())

    def _one(self, trials: Trials, ladder: Ladder, left: int) -> list[Trial]:
        """Ask for a point and tell how it did; nothing where the strategy refuses it."""
        states = self._optuna.trial.TrialState
        asked = self.study.ask()
        try:
            trial = trials.of(self._suggested(asked))
            if trial is None:
                self.study.tell(asked, state=states.PRUNED)
                return []
            row = ladder.climb(trial, left)
            goal = self._evaluator.goal
            asked.set_user_attr("lacking", min(goal.lacking(row), 1e9))
            self.study.tell(asked, list(goal.vector(row)))
            return [trial]
        except BaseException:
            self.study.tell(asked, state=states.FAIL)
            self.study.enqueue_trial(asked.params)
            raise

    def _suggested(self, asked: optuna.Trial) -> Point:
        """A point, by places in the lists of values: numbers in their order, others without one."""
        for axis in self._space.axes:
            last = len(axis.values) - 1
            if is_ordered(axis.values):
                asked.suggest_int(axis.key, 0, last)
            else:
                asked.suggest_categorical(axis.key, list(range(last + 1)))
        return self._point(asked.params)

    def _point(self, params: dict[str, Any]) -> Point:
        return self._space.point(axis.values[params[axis.key]] for axis in self._space.axes)

    def importance(self) -> dict[str, dict[str, float]]:
        """How much each axis decides over the best values of each objective, by PED-ANOVA; empty if unknown."""
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        found = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for place, key in enumerate(self._evaluator.goal.objectives):
                try:
                    found[key] = get_param_importances(
                        self.study,
                        evaluator=PedAnovaImportanceEvaluator(),
                        target=lambda trial, place=place: -trial.values[place],  # type: ignore[misc]
                    )
                except (ValueError, RuntimeError):  # too few trials, or all with one value
                    return {}
        said = {axis.key: axis.said for axis in self._space.axes}
        return {key: {said[axis]: share for axis, share in shares.items()} for key, shares in found.items()}


def lacking(trial: optuna.trial.FrozenTrial) -> tuple[float]:
    """How far a trial was from meeting the condition."""
    return (trial.user_attrs.get("lacking", 0.0),)


def is_ordered(values: Sequence[Any]) -> bool:
    """Whether values are numbers."""
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def imported() -> Any:
    """Optuna, silent. Raises UsageError where it is not there."""
    try:
        import optuna
    except ImportError:
        raise UsageError(
            "--sampler tpe and nsga2 need Optuna; install it with: pip install 'dlldecode[tune]',"
            " or take --sampler random."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
