"""Trials that Optuna proposes: kept in a journal, gone on with after a kill, decoded once."""

import builtins

import optuna
import pytest

from dlldecode.bench.gate import parse
from dlldecode.errors import UsageError
from dlldecode.tune.goal import Goal
from dlldecode.tune.sampled import JOURNAL, Ladder, Sampled

from .synthetic import Made, evaluator, trials

GRID = "high=0.7..0.95..0.05,low=0.3..0.6..0.1,remask_by=argmax,written"


class Killed(BaseException):
    """What no code of ours expects."""


def formula(axes, item, chance):
    caution = (axes["high"] - 0.7) * 2 + (axes["low"] - 0.3)
    return 1 - (1 - caution) ** 2 / 2, 100, round(100 / (5 - 3 * caution))


def search(folder, sampler="tpe", count=12, made=None, goal=None):
    found = trials(grid=GRID, count=12)
    work = evaluator(folder, made or Made(formula), found, goal)
    try:
        work.rows([found.reference], found.halves.search)
        ladder = Ladder(work, found.halves.search, True)
        study = Sampled(folder, sampler, found.space, work, count)
        return study.search(found, ladder), study, work
    finally:
        work.records.close()


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_trials_are_proposed_and_the_same_command_costs_nothing(tmp_path, sampler):
    made = Made(formula)
    first, study, work = search(tmp_path, sampler, made=made)
    assert len(study.study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))) == 12
    assert 4 <= len(first) <= 12 and len(made.decoded) == len(set(made.decoded))
    again = Made(formula)
    second, _, rework = search(tmp_path, sampler, made=again)
    assert again.decoded == [] and [trial.label for trial in first] == [trial.label for trial in second]
    assert work.reached == rework.reached
    more, *_ = search(tmp_path, sampler, 15, again)
    assert len(more) >= len(first)
    assert set(study.importance()) == {"accuracy", "tpf"}
    assert study.importance()["tpf"]["high"] > study.importance()["tpf"]["remask_by"]


def test_the_worse_half_goes_no_further(tmp_path):
    _, _, work = search(tmp_path)
    assert {2, 3, 6} >= set(work.reached.values()) and min(work.reached.values()) < 6


def test_a_trial_that_was_killed_is_closed_and_asked_for_again(tmp_path):
    class Dying(Made):
        def __call__(self, groups):
            for found in super().__call__(groups):
                if len(self.decoded) == 20:
                    raise Killed
                yield found

    made = Dying(formula)
    with pytest.raises(Killed):
        search(tmp_path, made=made)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(tmp_path / JOURNAL)))
    (summary,) = optuna.get_all_study_summaries(storage)
    study = optuna.load_study(study_name=summary.study_name, storage=storage)
    study.ask()  # as a process leaves one that is killed for good
    (tmp_path / f"{JOURNAL}.lock").write_text("")
    after = Made(formula)
    _, resumed, _ = search(tmp_path, made=after)
    states = [trial.state for trial in resumed.study.trials]
    assert optuna.trial.TrialState.RUNNING not in states and optuna.trial.TrialState.FAIL in states
    assert not set(after.decoded) & set(made.decoded[:-1])
    assert states.count(optuna.trial.TrialState.COMPLETE) == 12


def test_a_condition_steers_the_search(tmp_path):
    _, study, _ = search(tmp_path, count=24, goal=Goal(constraint=parse("accuracy>=0.95")))
    lacking = [trial.user_attrs["lacking"] for trial in study.study.trials]
    assert min(lacking) == 0 < max(lacking)
    assert sum(map(bool, lacking[12:])) <= sum(map(bool, lacking[:12]))


def test_without_optuna_the_remedy_is_told(tmp_path, monkeypatch):
    whole = builtins.__import__

    def importing(name, *rest):
        if name.split(".")[0] == "optuna":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(UsageError, match=r"pip install 'dlldecode\[tune\]'"):
        search(tmp_path)
