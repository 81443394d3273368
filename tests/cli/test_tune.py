"""`dlldecode tune` from the outside, on the toy model: streams, exit codes, kills, files."""

import builtins
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from dlldecode.config import toml

from .conftest import ROOT

SMALL = "-n 32 --block-length 8 --limit 6"


@pytest.fixture
def run(inside):
    """Run `dlldecode tune` in this process."""
    return lambda line: inside(f"tune {line}")


@pytest.fixture
def line(lines, tmp_path):
    """A study of four values of k."""
    return f"topk --grid k=1,2,3,4 --task {lines} {SMALL} --out {tmp_path / 'o'}"


def test_the_outcome_is_on_stdout_in_every_format(run, line, tmp_path):
    table = run(line)
    assert table.returncode == 0 and "Pick: trial 3, topk k=4." in table.stdout
    assert "The front on the search half, 3 items" in table.stdout and "Held-out half" in table.stdout
    assert "The pick is faster than the reference" in table.stdout and "Importance for tpf: k 100 %." in table.stdout
    whole = json.loads(run(f"{line} -f json").stdout)
    about = whole["about"]
    assert about["decoded"] == 0 and about["is_whole"] and about["items"] == {"own": [3, 3]}
    assert whole["pick"]["axes"] == {"k": 4} and whole["heldout"]["outcome"] == "faster"
    assert whole["front"] == [3] and 0 < about["forwards"]["share"] <= 1 and whole["trials"][0]["label"] == "topk k=2"
    each = [json.loads(text) for text in run(f"{line} -f jsonl").stdout.splitlines()]
    assert [entry["trial"] for entry in each] == [0, 1, 2, 3] and each[3]["is_pick"] and each[0]["is_reference"]
    assert {3} < {entry["items"] for entry in each} <= {1, 2, 3}


def test_nothing_is_decoded_twice_and_halving_spares_items(run, line, tmp_path):
    def keys():
        return [json.loads(text)["key"] for text in (tmp_path / "o" / "records.jsonl").read_text().splitlines()]

    run(line)
    few = keys()
    whole = json.loads(run(f"{line} --no-halving -f json").stdout)
    assert set(few) < set(keys()) and max(Counter(keys()).values()) == 1 and len(keys()) == 4 * 3 + 2 * 3
    assert {entry["items"] for entry in whole["trials"]} == {3} and whole["about"]["forwards"]["share"] == 1
    again = run(f"{line} --pick best:accuracy --constraint 'accuracy>=0.1' --objective accuracy,tpf,tps -f json")
    assert again.returncode == 0 and len(keys()) == 18


@pytest.mark.parametrize("sampler", ["random", "tpe", "nsga2"])
def test_every_sampler_finds_the_fastest(run, lines, tmp_path, sampler):
    study = f"topk --task {lines} {SMALL} --sampler {sampler} --trials 6 --out {tmp_path / 'o'} -f json"
    found = json.loads(run(study).stdout)
    assert found["about"]["sampler"] == sampler and len(found["trials"]) >= 3
    fastest = max(found["trials"], key=lambda entry: entry["tpf"] if entry["items"] == 3 else 0)
    assert found["pick"]["trial"] == fastest["trial"]
    assert json.loads(run(study).stdout)["about"]["decoded"] == 0


@pytest.mark.parametrize("kind", ["NAME", "FILE"])
def test_the_pick_becomes_a_preset(run, inside, line, tmp_path, kind):
    target = "quick" if kind == "NAME" else str(tmp_path / "own.toml")
    file = tmp_path / "config" / "dlldecode" / "presets" / "quick.toml" if kind == "NAME" else tmp_path / "own.toml"
    done = run(f"{line} --save-preset {target} -S decode.stop=none")
    assert done.returncode == 0 and str(file) in done.stderr
    text = file.read_text()
    for word in (
        "dlldecode",
        "study:",
        "weights toy",
        "own 3+3",
        "search half, the pick: score",
        "held-out half, the reference",
    ):
        assert word in text, word
    assert toml.read(file).table["strategy_options"] == {"k": 4} and toml.read(file).table["decode"]["stop"] == "none"
    assert inside(f"presets check {target}").stdout.endswith("is a valid preset for topk.\n")
    assert inside(f"presets show {target}").returncode == 0
    assert run(f"{line} --save-preset {target} -S decode.stop=none").returncode == 0
    file.write_text("strategy = 'topk'\n")
    refused = run(f"{line} --save-preset {target} -S decode.stop=none")
    assert refused.returncode == 2 and "holds a preset of yours" in refused.stderr


def test_pictures(run, lines, line, tmp_path):
    assert run(f"{line} --plot {tmp_path / 'front.png'}").returncode == 0
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")
    grid = f"hierarchy --grid high=0.7,0.9,low=0.3,0.4 --task {lines} {SMALL} --out {tmp_path / 'h'}"
    assert run(f"{grid} --plot {tmp_path / 'heat.svg'} --x high --y low").returncode == 0
    assert b"<svg" in (tmp_path / "heat.svg").read_bytes()


def test_a_plan_is_shown_without_a_model(run, line):
    shown = run(f"{line} --dry-run").stdout
    assert "k     1, 2, 3, 4" in shown and "own 3+3" in shown and "3 trials beside the reference" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("topk --grid kk=1,2", "--grid kk: topk has no setting strategy_options.kk; did you mean k?"),
        ("topk --grid k=0..3..1", "--grid k = 0; must be greater than or equal to 1"),
        ("topk --grid ''", "--grid : write KEY=a,b"),
        ("topk --grid k=2", "nothing to search: its only point is the preset"),
        ("topk --grid steps=8,16", "the strategy refuses all other points"),
        ("vanila", "did you mean vanilla"),
        ("topk --limit 1", "--limit leaves 1 item"),
        ("topk --limit 0", "--limit 0: give a number of items"),
        ("topk --constraint accuracy=1", "--constraint 'accuracy=1' is no condition"),
        ("topk --pick best", "--pick best: write knee"),
        ("topk --objective tpff", "did you mean tpf"),
        ("topk --save-preset /nowhere/x.toml", "cannot be written"),
        ("topk --save-preset /dev/null/x", "cannot be written"),
        ("topk --plot x.doc", "--plot x.doc: end its name with .png or .svg"),
        ("topk --plot x.doc --dry-run", "--plot x.doc: end its name with .png or .svg"),
        ("topk --plot /nowhere/x.png", "cannot be written"),
        ("topk --x k --y k --plot x.png", "a heat map needs --x, --y (two axes)"),
        ("hierarchy --x hihg --y low --plot x.png", "--x hihg: the study has no such axis; did you mean high?"),
        ("topk --study a/b", "--study a/b: a name is one word"),
        ("topk --workers 2", "--engine ray"),
        ("topk --task humaneval", "--allow-code"),
    ],
)
def test_what_is_asked_for_is_checked_before_anything_is_decoded(run, lines, tmp_path, arguments, sentence):
    task = "" if "--task" in arguments else f"--task {lines}"
    limit = "" if "--limit" in arguments else "--limit 6"
    out = "" if "--study" in arguments else f"--out {tmp_path / 'o'}"
    done = run(f"{arguments} {task} {limit} {out} -n 32 --block-length 8")
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert done.stdout == "" and not list(tmp_path.rglob("records.jsonl"))


def test_a_study_of_another_space_under_the_same_name_is_refused(run, lines):
    assert run(f"topk --grid k=1,2,3 --task {lines} {SMALL} --study mine").returncode == 0
    other = run(f"topk --grid k=1,2 --task {lines} {SMALL} --study mine")
    assert (
        other.returncode == 2
        and "holds a study of another space" in other.stderr
        and len(other.stderr.splitlines()) == 1
    )
    items = run(f"topk --grid k=1,2,3 --task {lines} -n 32 --block-length 8 --limit 4 --study mine")
    assert items.returncode == 2 and "another set of items" in items.stderr
    more = run(f"topk --grid k=1,2,3 --task {lines} {SMALL} --study mine --constraint 'tpf>1'")
    assert more.returncode == 0 and "going on with the study" in more.stderr


def test_a_condition_that_nothing_meets_is_told_after_the_table(run, line, tmp_path):
    done = run(f"{line} --constraint 'tpf>50' --save-preset {tmp_path / 'x.toml'}")
    assert done.returncode == 2 and "no setting meets --constraint 'tpf>50'; the nearest is topk k=4" in done.stderr
    assert done.stdout and not (tmp_path / "x.toml").exists()


def test_items_that_fail_are_told(run, lines, tmp_path):
    with lines.open("a") as file:
        file.write(json.dumps({"prompt": "", "answer": "x"}) + "\n")
    done = run(
        f"topk --grid k=1,2,3 --task {lines} -n 32 --block-length 8 --limit 7 --no-halving --out {tmp_path / 'o'}"
    )
    assert done.returncode == 5 and "items failed" in done.stderr and "Pick: " in done.stdout


def test_without_optuna_the_grid_works_and_the_others_name_the_remedy(run, line, lines, monkeypatch):
    whole = builtins.__import__

    def importing(name, *rest):
        if name.split(".")[0] == "optuna":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", importing)
    assert run(line).returncode == 0
    refused = run(f"topk --task {lines} {SMALL} --sampler tpe")
    assert refused.returncode == 2 and "pip install 'dlldecode[tune]'" in refused.stderr


def started(environment, lines, out, *more):
    """A longer study in a process of its own, and its records."""
    command = [sys.executable, "-m", "tests.cli.toy", "tune", "topk", "--task", str(lines), *SMALL.split()]
    command += ["--grid", "k=1,2,3,4,5,6,7,8", "--no-halving", "--out", str(out), "-f", "json", *more]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return command, process, out / "records.jsonl"


def wait_for(records, count):
    end = time.monotonic() + 120
    while time.monotonic() < end and (not records.exists() or records.read_bytes().count(b"\n") < count):
        time.sleep(0.005)


@pytest.mark.parametrize("more", [(), ("--sampler", "tpe", "--trials", "6")], ids=["grid", "tpe"])
def test_after_a_kill_the_same_command_goes_on_and_decodes_nothing_twice(environment, lines, tmp_path, more):
    command, process, records = started(environment, lines, tmp_path / "o", *more)
    wait_for(records, 8)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = records.read_bytes().count(b"\n")
    assert before >= 8
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr
    keys = [json.loads(text)["key"] for text in records.read_text().splitlines()]
    found = json.loads(done.stdout)
    assert len(keys) == len(set(keys)) == before + found["about"]["decoded"] and found["about"]["is_whole"]


def test_ctrl_c_finishes_the_item_and_tells_the_front_so_far(environment, lines, tmp_path):
    _, process, records = started(environment, lines, tmp_path / "o")
    wait_for(records, 9)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Traceback" not in error, error
    assert b"press Ctrl-C again" in error and b"go on with the same command" in error
    found = json.loads(out)
    assert not found["about"]["is_whole"] and found["heldout"] is None and found["front"]
    assert all(json.loads(text)["error"] is None for text in records.read_text().splitlines())


def test_the_second_ctrl_c_stops_at_once(environment, lines, tmp_path):
    _, process, records = started(environment, lines, tmp_path / "o", "-S", "decode.max_tokens=512")
    wait_for(records, 1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    # -2: the second one met Python's own shutdown, when no handler is left.
    assert process.returncode in (130, -signal.SIGINT) and b"Traceback" not in error, error


def test_two_workers_of_a_cluster_find_the_same(run, tmp_path):
    pytest.importorskip("ray")
    study = "topk --task tiny_math --limit 4 -n 16 --block-length 16 --grid k=4,8 -f json"
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv[0] = 'dlldecode'; from dlldecode.cli.main import main; main()",
    ]
    outcomes = []
    for name, more in (("ray", ["--engine", "ray", "--workers", "2"]), ("local", [])):
        line = [*command, "tune", *study.split(), "--out", str(tmp_path / name), *more]
        done = subprocess.run(line, capture_output=True, timeout=300, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        outcomes.append(json.loads(done.stdout))
    ray, local = outcomes
    assert ray["about"]["decoded"] == local["about"]["decoded"] > 0
    assert [(each["label"], each["score"], each["tpf"]) for each in ray["trials"]] == [
        (each["label"], each["score"], each["tpf"]) for each in local["trials"]
    ]
