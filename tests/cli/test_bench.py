"""`dlldecode bench` from the outside, on the toy model: streams, exit codes, kills, files."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from .conftest import ROOT, TOY

SMALL = "-n 32 --block-length 8 -w 0"


@pytest.fixture
def run(inside):
    """Run `dlldecode bench` in this process."""
    return lambda line: inside(f"bench {line}")


def test_the_table_is_on_stdout_and_what_happens_is_not(shell, lines, tmp_path):
    done = shell(f"dlldecode bench vanilla topk --task {lines} {SMALL} --out {tmp_path / 'o'}")
    shown = done.stdout.decode()
    assert done.returncode == 0 and shown.splitlines()[0].startswith("2 settings on own (6 items)")
    assert [line.split()[0] for line in shown.splitlines() if line.startswith(("vanilla", "topk"))] == [
        "vanilla",
        "topk",
    ]
    assert " 50.0 " in shown and "a library says hello" not in shown
    assert b"a library says hello" in done.stderr and b"records.jsonl" in done.stderr


def test_settings_are_paired_with_named_presets_and_items_are_skipped(run, lines, tmp_path):
    once = f"vanilla topk --axis k=1,2 --task {lines} {SMALL} --skip 2 --against topk --out {tmp_path / 'o'} -f json"
    rows = {row["label"]: row for row in json.loads(run(once).stdout)["rows"]}
    assert rows["vanilla"]["items"] == 4
    assert [pair["name"] for pair in rows["vanilla"]["beside"]] == ["topk k=1", "topk k=2"]
    assert rows["vanilla"]["beside"][0]["tpf"]["value"] == pytest.approx(
        rows["vanilla"]["tpf"] / rows["topk k=1"]["tpf"]
    )
    assert rows["topk k=1"]["beside"] == []
    refused = run(f"vanilla topk --task {lines} {SMALL} --against dico")
    assert refused.returncode == 2 and "--against dico: it is not among what is compared" in refused.stderr
    refused = run(f"vanilla --task {lines} {SMALL} --skip 6")
    assert refused.returncode == 2 and "--skip 6: task own has 6 items" in refused.stderr


def test_every_format_and_every_file(run, lines, tmp_path):
    files = [tmp_path / f"out.{suffix}" for suffix in ("json", "jsonl", "csv", "md", "html", "png", "svg")]
    exports = " ".join(f"--export {file}" for file in files)
    once = f"vanilla topk --task {lines} {SMALL} --out {tmp_path / 'o'} --resume"
    assert run(f"{once} {exports}").returncode == 0
    assert all(file.stat().st_size > 200 for file in files)
    assert files[5].read_bytes().startswith(b"\x89PNG") and b"<svg" in files[6].read_bytes()
    found = list(csv.DictReader(io.StringIO(run(f"{once} -f csv").stdout)))
    assert [(row["preset"], float(row["score"])) for row in found] == [("vanilla", 0.5), ("topk", 0.5)]
    whole = json.loads(run(f"{once} -f json").stdout)
    assert whole["about"]["model"] == "tiny" and len(whole["rows"]) == 2 and whole["about"]["command"].startswith("dll")
    each = [json.loads(line) for line in run(f"{once} -f jsonl").stdout.splitlines()]
    assert [row["label"] for row in each] == ["vanilla", "topk"]
    assert len(json.loads(files[0].read_text())["records"]) == 12


def test_pipeline_7_into_sqlite(shell, lines, tmp_path):
    """7: bench -f csv --limit 5 | sqlite3 :memory: '.import --csv /dev/stdin b' 'select preset,tpf from b ...'"""
    load = "import csv, sys, sqlite3; rows = list(csv.DictReader(sys.stdin)); b = sqlite3.connect(':memory:')"
    load += "; b.execute('create table b (preset, tpf)')"
    load += "; b.executemany('insert into b values (:preset, :tpf)', rows)"
    load += "; [print(*row) for row in b.execute('select preset from b order by cast(tpf as real) desc')]"
    line = f"dlldecode bench topk vanilla --task {lines} {SMALL} --limit 2 --out {tmp_path / 'o'} -f csv"
    assert shell(f'{line} | {sys.executable} -c "{load}"').stdout == b"topk\nvanilla\n"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ("--fail-if 'accuracy<0.75'", 6, "accuracy"),
        ("--fail-if 'accuracy<0.25'", 0, ""),
        ("--fail-if 'acuracy<0.75'", 2, "did you mean accuracy"),
        ("--limit 0", 2, "--limit 0: give a number of items"),
        ("--task gsm9k", 2, "did you mean gsm8k"),
        ("--task humaneval", 2, "--allow-code"),
        ("--task gsm8k --data-dir /nowhere", 2, "gsm8k/test.jsonl, which is not there"),
        ("--axis hihg=1", 2, "no preset of this run has strategy_options.hihg"),
        ("--axis steps=0,8", 2, "--axis steps = 0"),
        ("--export /nowhere/x.csv", 2, "cannot be written"),
        ("--export x.doc", 2, "suffix"),
        ("--export x.doc --dry-run", 2, "suffix"),
        ("--out /dev/null/x", 2, "choose another place with --out"),
        ("--steps 4 -S nothing=1", 2, "nothing"),
        ("--workers 2", 2, "--engine ray"),
    ],
)
def test_what_is_asked_for_is_checked_before_anything_is_decoded(run, lines, tmp_path, arguments, code, sentence):
    out = "" if "--out" in arguments else f"--out {tmp_path / 'o'}"
    done = run(f"vanilla --task {lines} {SMALL} {out} {arguments}")
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr
    if code == 2:
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1
        assert not (tmp_path / "o" / "records.jsonl").exists()


def test_an_item_that_fails_is_told_and_the_code_is_5(run, lines, tmp_path):
    with lines.open("a") as file:
        file.write(json.dumps({"prompt": "", "answer": "x"}) + "\n")
    done = run(f"vanilla --task {lines} {SMALL} --out {tmp_path / 'o'}")
    assert done.returncode == 5 and "1 items failed" in done.stderr and "vanilla" in done.stdout
    found = [json.loads(line) for line in (tmp_path / "o" / "records.jsonl").read_text().splitlines()]
    assert [bool(record["error"]) for record in found] == [False] * 6 + [True]


def test_a_data_line_that_does_not_parse_is_told(run, lines, tmp_path):
    with lines.open("a") as file:
        file.write('{"prompt": \n')
    done = run(f"vanilla --task {lines} {SMALL} --out {tmp_path / 'o'}")
    assert done.returncode == 2 and "line 7 is not JSON" in done.stderr


@pytest.mark.parametrize(("line", "sentence"), [('{"prompt": "p"}', "answer None"), ('{"answer": "a"}', "prompt")])
def test_a_data_line_that_lacks_something_is_told_before_anything_is_decoded(run, lines, tmp_path, line, sentence):
    with lines.open("a") as file:
        file.write(f"\n{line}\n")
    done = run(f"vanilla --task {lines} {SMALL} --out {tmp_path / 'o'}")
    assert done.returncode == 2 and done.stderr.startswith(f"error: {lines}, line 8: ") and sentence in done.stderr
    assert not (tmp_path / "o").exists()


def test_results_stay_unless_asked_to_go_on(run, lines, tmp_path):
    line = f"vanilla --task {lines} {SMALL} --out {tmp_path / 'o'}"
    assert run(line).returncode == 0
    again = run(line)
    assert again.returncode == 2 and "--resume" in again.stderr
    about = tmp_path / "o" / "environment.json"
    about.write_text(about.read_text().replace("tiny", "llada"))
    other = run(f"{line} --resume")
    assert other.returncode == 2 and "results of another configuration: model 'llada', not 'tiny'" in other.stderr


def test_without_a_folder_results_go_to_the_state_folder_and_the_newest_is_gone_on_with(run, lines, tmp_path):
    line = f"vanilla --task {lines} {SMALL} -f json"
    assert json.loads(run(line).stdout)["about"]["decoded"] == 6
    (folder,) = (tmp_path / "state" / "dlldecode" / "bench").iterdir()
    assert json.loads(run(f"{line} --resume").stdout)["about"]["decoded"] == 0
    assert len((folder / "records.jsonl").read_text().splitlines()) == 6


def test_dry_run_shows_the_matrix(run, lines):
    done = run(f"vanilla topk --task {lines} {SMALL} --axis k=2,4 --limit 2 --dry-run")
    rows = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert rows[1:4] == ["vanilla", "topk k=2", "topk k=4"]
    assert "6 items to decode, at most 192 forwards" in done.stdout


def test_after_a_kill_at_any_moment_the_same_command_goes_on(environment, lines, tmp_path):
    """kill -9, twice; nothing that was written is decoded again, nothing is there twice."""
    command = [sys.executable, "-m", "tests.cli.toy", "bench", "vanilla", "topk", "--task", str(lines), *SMALL.split()]
    command += ["-r", "12", "--out", str(tmp_path / "o"), "--resume", "-f", "json"]
    records = tmp_path / "o" / "records.jsonl"
    seen = 0
    for _ in range(2):
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while time.monotonic() < end and (not records.exists() or records.read_bytes().count(b"\n") < seen + 12):
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert records.read_bytes().count(b"\n") >= seen + 12
        seen = records.read_bytes().count(b"\n")
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=120)
    keys = [json.loads(line)["key"] for line in records.read_text().splitlines()]
    assert done.returncode == 0 and len(keys) == len(set(keys)) == 6 * 2 * 12
    assert json.loads(done.stdout)["about"]["decoded"] == 6 * 2 * 12 - seen


def test_interrupted_it_says_how_to_go_on(environment, lines, tmp_path):
    command = [sys.executable, "-m", "tests.cli.toy", "bench", "vanilla", "--task", str(lines), *SMALL.split()]
    command += ["-r", "60", "--out", str(tmp_path / "o")]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    records = tmp_path / "o" / "records.jsonl"
    end = time.monotonic() + 60
    while time.monotonic() < end and (not records.exists() or records.stat().st_size == 0):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 143 and out == b""
    assert b"items are kept in" in error and b"--resume" in error and b"Traceback" not in error


def test_a_full_disk_is_told_and_what_was_written_stays(shell, run, lines, tmp_path):
    limit = "ulimit -f 2; trap '' XFSZ"  # which a process started for the command takes over
    done = shell(f"{limit}; {TOY} bench vanilla --task {lines} {SMALL} -r 9 --out {tmp_path / 'o'}")
    assert done.returncode == 1 and b"error:" in done.stderr
    again = run(f"vanilla --task {lines} {SMALL} -r 9 --out {tmp_path / 'o'} --resume -f json")
    assert again.returncode == 0 and 0 < json.loads(again.stdout)["about"]["decoded"] <= 54
