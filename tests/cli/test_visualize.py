"""Seeing and recording from the command line, on the weightless toy model."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid

import pytest

from dlldecode.trace.read import read

from ..viz.pictures import HERE
from .conftest import ROOT, TOY

WHOLE = "--set decode.stop=none"  # the toy model has little to say
DICO, HIERARCHY = (HERE / "traces" / f"{name}.jsonl" for name in ("dico", "hierarchy"))


def test_pipeline_5_a_trace_becomes_a_page(shell, tmp_path):
    """5: generate "..." --trace - | visualize --replay - -o x.html -o x.cast"""
    page, film = tmp_path / "x.html", tmp_path / "x.cast"
    done = shell(f"dlldecode generate hi -n 24 --trace - | dlldecode visualize --replay - -o {page} -o {film}")
    assert (done.returncode, done.stdout) == (0, b"")
    assert "<html" in page.read_text() and len(film.read_text().splitlines()) > 3
    assert f"wrote {page}".encode() in done.stderr


def test_pipeline_6_steps_through_a_filter(shell):
    """6: generate --events -f jsonl "Hi" | jq -c 'select(.type=="step") | [.step, (.commits|length)]'"""
    program = "[print(r['step'], len(r['commits'])) for r in map(json.loads, sys.stdin) if r.get('type') == 'step']"
    done = shell(f'dlldecode generate --events -f jsonl Hi -n 16 | {sys.executable} -c "import sys, json; {program}"')
    counts = [line.split() for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0 and sum(int(count) for _, count in counts) >= 16


@pytest.mark.parametrize("strategy", ["dico", "hierarchy", "vanilla"])
def test_recording_changes_nothing(shell, tmp_path, strategy):
    files = [tmp_path / name for name in ("a.jsonl", "b.jsonl.gz")]
    runs = [f"--trace {files[0]}", f"--trace {files[1]} --view plain", "--view off"]
    shown = [json.loads(shell(f"dlldecode generate hi -n 24 -s {strategy} -f json {more}").stdout) for more in runs]
    assert len({tuple(each["token_ids"]) for each in shown}) == 1
    plain, packed = (read(str(file)) for file in files)
    assert plain.header == packed.header and len(plain.steps) == len(packed.steps) == shown[0]["steps"]
    assert gzip.decompress(files[1].read_bytes()).count(b"\n") == files[0].read_bytes().count(b"\n")
    assert plain.footer.status == "ok" and plain.footer.record["text"] == shown[0]["text"]
    cells = {commit.position: commit.token for step in plain.steps for commit in step.commits}
    assert [cells[at] for at in sorted(cells)] == [
        token for token in shown[0]["token_ids"] if token != plain.header.mask_id
    ]


def test_off_a_terminal_a_line_each_tenth(shell):
    done = shell("dlldecode visualize hi -n 20 -s vanilla")
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (0, b"seven times six is 4\n")
    counted = [line for line in lines if " forwards, TPF" in line]
    assert len(counted) == 10 and counted[-1].startswith("20/20 tokens") and "\x1b" not in done.stderr.decode()
    assert b"forwards, TPF" not in shell("dlldecode generate hi -n 20").stderr, "nobody asked to watch"


def test_a_replay_needs_no_torch(environment, tmp_path):
    blocked = "import sys; sys.modules['torch'] = sys.modules['transformers'] = None; "
    out = tmp_path / "x"
    run = f"sys.argv[1:] = ['visualize', '--replay', {str(DICO)!r}, *{{}}]; from dlldecode.cli.main import main; main()"
    for more in (
        [],
        ["-o", f"{out}.svg", "-o", f"{out}.txt", "-o", f"{out}.html", "-o", f"{out}.cast", "-o", f"{out}.png"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", blocked + run.format(more)],
            env=environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("x.*"))) == 5


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ("visualize --replay README.md", 2, "README.md is not a trace"),
        ("visualize --replay nowhere.jsonl", 2, "nowhere.jsonl cannot be read"),
        ("visualize --replay - < /dev/null", 2, "stdin is not a trace"),
        ("visualize --replay {dico} hi", 2, "give one of the two"),
        ("visualize --replay {dico} --replay {other}", 2, "different prompts"),
        ("visualize --replay {dico} -o x.jpg", 2, "stands for nothing"),
        ("visualize --replay {dico} -o nowhere/x.svg", 2, "cannot be written"),
        ("visualize --replay {dico} --at 99 -o {out}", 2, "beyond the last of the 31 steps"),
        ("visualize hi -o nowhere/x.svg", 2, "cannot be written"),
        ("generate hi --trace nowhere/x", 2, "nowhere/x cannot be written"),
        ("generate hi --trace - -f json", 2, "-f json goes too"),
        ("generate --input lines --trace x", 2, "a single prompt"),
        ("generate hi --view live", 2, "needs a terminal"),
    ],
)
def test_bad_input_gets_one_sentence(shell, tmp_path, arguments, code, sentence):
    other = tmp_path / "other.jsonl"
    other.write_text(DICO.read_text().replace('"prompt_ids":[0,', '"prompt_ids":[0,0,', 1))
    done = shell("dlldecode " + arguments.format(dico=DICO, other=other, out=tmp_path / "x.svg"))
    said = done.stderr.decode()
    assert done.returncode == code and said.count("error:") == 1 and sentence in said and done.stdout == b""


def test_an_interrupted_trace_says_so_and_replays(environment, tmp_path):
    file = tmp_path / "t.jsonl"
    command = [*TOY.split(), "generate", "hi", "-n", "3000", "-s", "vanilla", *WHOLE.split(), "--trace", str(file)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while (not file.exists() or file.stat().st_size < 5000) and time.monotonic() < until:
        time.sleep(0.05)
    process.terminate()
    assert process.wait(30) == 143
    found = read(str(file))
    assert found.footer.status == "interrupted" and len(found.steps) > 5


@pytest.fixture
def tmux(environment):
    """A terminal of 100 by 30 with a shell in it: type into it, look at it, change its size."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    name = f"dlldecode-{uuid.uuid4().hex[:8]}"

    def call(*arguments):
        return subprocess.run(["tmux", "-L", name, *arguments], check=True, capture_output=True, text=True).stdout

    class Terminal:
        def type(self, line, *keys):
            call("send-keys", "-t", "0", line, *keys)

        def resize(self, columns, rows):
            call("resize-window", "-t", "0", "-x", str(columns), "-y", str(rows))

        def until(self, *words, seconds=40.0):
            """The screen, once it shows all the words."""
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                shown = call("capture-pane", "-p", "-t", "0")
                if all(word in shown for word in words):
                    return shown
                time.sleep(0.1)
            raise AssertionError(f"{words} not seen in\n{shown}")

    kept = {**environment, "TERM": "screen-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    shell = ["bash", "--norc", "--noprofile"]
    start = ["tmux", "-L", name, "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", *shell]
    subprocess.run(start, env=kept, cwd=ROOT, check=True)
    terminal = Terminal()
    terminal.type(f"PS1='$ '; dlldecode() {{ {TOY} \"$@\"; }}; clear", "Enter")
    yield terminal
    subprocess.run(["tmux", "-L", name, "kill-server"], check=False)


def test_live_in_a_terminal(tmux):
    tmux.type(f"dlldecode visualize hi -n 64 -s vanilla {WHOLE} --speed 1", "Enter")
    shown = tmux.until("decoding", "block 1/2", "pace", "TPF")
    assert "▒▒▒" in shown and "regions A" in shown
    tmux.resize(70, 20)
    shown = tmux.until("decoding", "block 1/2", "pace")
    assert shown.count("block 1/2") == 1, "the old picture is gone"
    tmux.resize(40, 8)
    tmux.until("TPF", "decoding")
    tmux.resize(100, 30)
    tmux.until("block 1/2")
    tmux.type("C-c")
    tmux.type("clear; echo code $?", "Enter")
    tmux.until("code")
    tmux.type("stty -a | grep -o ' echo '; tput cnorm; echo fine", "Enter")
    assert "echo" in tmux.until("fine")


def test_generate_shows_and_takes_away(tmux):
    tmux.type("dlldecode generate hi -n 64 -s vanilla; echo code $?", "Enter")
    shown = tmux.until("code 0", "seven times six is 42")
    assert "╭" not in shown and "block" not in shown


def test_replay_with_keys(tmux):
    tmux.type(f"clear; dlldecode visualize --replay {DICO} --speed 2", "Enter")
    tmux.until("2/s", "step 1/31")
    tmux.type(" ")
    tmux.until("paused")
    tmux.type("End")
    tmux.until("step 31/31", "end")
    tmux.type("Left")
    tmux.until("step 30/31", "paused")
    tmux.type("q")
    tmux.type("clear; echo code $?", "Enter")
    tmux.until("code")


def test_two_replays_side_by_side(tmux):
    tmux.resize(160, 40)
    tmux.type(f"clear; dlldecode visualize --replay {DICO} --replay {HIERARCHY}", "Enter")
    shown = tmux.until("dico", "hierarchy", "step 2/")
    assert any("dico" in line and "hierarchy" in line for line in shown.splitlines())
    tmux.type("q")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_terminated_replays_give_the_terminal_back(tmux, tmp_path, number):
    file = tmp_path / "pid"
    tmux.type(f"bash -c 'echo $$ > {file}; exec {TOY} visualize --replay {DICO} --speed 2'; echo code $?", "Enter")
    tmux.until("2/s", "step 1/31")
    os.kill(int(file.read_text()), number)
    tmux.until(f"code {128 + number}")
    tmux.type("clear; stty -a | grep -o ' echo '; stty -a | grep -o ' icanon '; echo fine", "Enter")
    shown = tmux.until("fine\n")
    assert " echo" in shown and "icanon" in shown
