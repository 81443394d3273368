"""`bench --speed` on the bundled model: what is measured, not how fast it is."""

import json

import pytest
import torch
from typer.testing import CliRunner

from dlldecode.bench import clock, speed
from dlldecode.bench.speed import Case, floor
from dlldecode.caches.policy import Plan
from dlldecode.cli.app import app
from dlldecode.errors import UsageError
from dlldecode.models.load import load

from ..fakes import recipe

SMALL = ["--speed", "-n", "16", "--block-length", "8", "--prompt-tokens", "8", "--device", "cpu"]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setitem(clock.REPEATS, "cpu", 2)


def run(*more):
    return CliRunner().invoke(app, ["bench", *SMALL, *more], catch_exceptions=False)


def test_every_part_of_every_kind_of_step():
    found = json.loads(run("-f", "json", "--batch-size", "2").stdout)
    assert found["model"] == "tiny" and len(found["weights"]) == 64 and found["dtype"] == "float32"
    assert [case["cache"] for case in found["cases"]] == ["none", "dual"]
    kinds = [[(step["kind"], step["columns"]) for step in case["steps"]] for case in found["cases"]]
    assert kinds == [[("full", 24)], [("full", 24), ("window", 8)]]
    for case in found["cases"]:
        assert case["rows"] == 2 and case["tokens_per_second"] > 0
        for step in case["steps"]:
            assert step["total"] > 0 and step["forward"] > 0 and step["scoring"] > 0 and step["strategy"] > 0
            assert step["ratio"] == pytest.approx(step["total"] / step["floor"])


def test_from_end_to_end_forwards_are_asked_what_the_strategy_asks(monkeypatch):
    seen = []
    monkeypatch.setattr(speed, "decode", lambda model, prompts, made, watch: seen.append(made.strategy) or ())
    case = Case("wino", recipe("wino", max_tokens=16, block_length=8, cache="dual"), 2, 8)
    speed.end_to_end(load("tiny", device="cpu", dtype="float32"), case)
    assert {each.k for each in seen} == {4} and {each.needs for each in seen} == {frozenset({"shadow"})}


def test_a_dry_run_measures_nothing(monkeypatch):
    from dlldecode import api

    monkeypatch.setattr(api, "load", lambda *_, **__: pytest.fail("a model was loaded"))
    result = CliRunner().invoke(app, ["bench", "threshold", "dico", *SMALL, "--dry-run"])
    assert result.exit_code == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1:] == [
        [name, cache, "1", "8", "16", "8"] for name in ("threshold", "dico") for cache in ("none", "dual")
    ]


def test_the_table_says_what_was_measured():
    shown = run("--load", "dummy", "--cache", "dual", "hierarchy").stdout.splitlines()
    assert "random weights" in shown[0] and "float32" in shown[0] and "cpu" in shown[0]
    assert shown[2].split()[:4] == ["preset", "cache", "rows", "canvas"]
    assert [line.split()[0] for line in shown[3:]] == ["hierarchy", "hierarchy"]


@pytest.mark.parametrize("more", [["--task", "tiny"], ["--export", "x.png"], ["-f", "csv"]])
def test_what_is_about_tasks_is_refused(more):
    result = CliRunner().invoke(app, ["bench", *SMALL, *more])
    assert isinstance(result.exception, UsageError) and more[-1 if "-f" in more else 0] in str(result.exception)


@pytest.mark.parametrize("more", [["adablock"], ["threshold", "--axis", "decode.window=fixed,multiblock"]])
def test_windows_without_a_fixed_length_are_refused(more):
    result = CliRunner().invoke(app, ["bench", *SMALL, *more])
    assert isinstance(result.exception, UsageError)
    assert "--speed reckons with blocks of one length" in str(result.exception)


@pytest.mark.parametrize("more", [["verify"], ["threshold", "-S", "decode.wrap=suffix"]])
def test_wrappers_are_refused(more):
    result = CliRunner().invoke(app, ["bench", *SMALL, *more])
    assert isinstance(result.exception, UsageError)
    assert "--speed reckons with one forward a step" in str(result.exception)


def test_the_floor_counts_weights_once_and_operations_per_column():
    model = load("tiny", device="cpu")
    case = Case("threshold", recipe("threshold", max_tokens=64, block_length=32), 1, 64)
    weights = sum(p.numel() for name, p in model.trunk.named_parameters() if p.dim() > 1 and "embedding" not in name)
    reading = floor(model, case, Plan(False, 0, 32), clock.Rates(1e9, 1e30, 1e30))
    assert reading == pytest.approx(weights * 4 / 1e9 * 1e3)
    head = model.trunk.output.weight.numel()
    working = floor(model, case, Plan(True), clock.Rates(1e30, 1e9, 1e9))
    assert working == pytest.approx(2 * ((weights - head) * 128 + head * 32) / 1e9 * 1e3)


def test_work_is_timed():
    assert clock.milliseconds(lambda: torch.zeros(10).sum(), "cpu") > 0
