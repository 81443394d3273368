"""What only a process of its own can show: pipes, signals, closed streams. Each costs seconds, so they are few."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time

import pytest

from dlldecode.cli import prompts

from .conftest import ROOT


def test_pipeline_2_records_through_a_filter(shell):
    """2: generate --input lines -f jsonl < prompts.txt | jq -r 'select(.tpf<9) | .id'"""
    program = "import sys, json; [print(r['id']) for r in map(json.loads, sys.stdin) if r['tpf'] < 9]"
    filtered = f'{sys.executable} -c "{program}"'
    done = shell(f"printf 'a\\nb\\n' | dlldecode generate -n 16 --input lines -f jsonl | {filtered}")
    assert (done.returncode, done.stdout) == (0, b"0\n1\n")
    assert b"a library says hello" in done.stderr and b"its C half" in done.stderr


def test_pipeline_3_questions_to_records(shell, tmp_path):
    """3: jq -c '{id, prompt:.question}' set.jsonl | generate --input jsonl -f jsonl > out.jsonl"""
    questions, out = tmp_path / "set.jsonl", tmp_path / "out.jsonl"
    questions.write_text("".join(json.dumps({"id": f"q{n}", "question": f"what is {n}?"}) + "\n" for n in range(3)))
    each = "print(json.dumps({'id': q['id'], 'prompt': q['question']}))"
    cut = f'{sys.executable} -c "import sys, json; [{each} for q in map(json.loads, sys.stdin)]" < {questions}'
    assert shell(f"{cut} | dlldecode generate -n 16 --batch-size 2 --input jsonl -f jsonl > {out}").returncode == 0
    found = [json.loads(text) for text in out.read_text().splitlines()]
    assert [(item["id"], item["prompt"]) for item in found] == [(f"q{n}", f"what is {n}?") for n in range(3)]


def test_pipeline_9_a_reader_that_leaves_ends_it_at_once_and_silently(shell):
    """9: generate --input lines -f jsonl < big.txt | head -3"""
    began = time.monotonic()
    done = shell("seq 1 100000 | dlldecode generate -n 8 --input lines -f jsonl | head -3")
    assert done.returncode == 141 and len(done.stdout.splitlines()) == 3
    assert b"error" not in done.stderr and time.monotonic() - began < 40


def test_pipelines_1_and_4_an_answer_as_anothers_input(shell):
    """1: git diff | generate "..." | git commit -F -;  4: generate "..." | ruff format - | tee fib.py"""
    done = shell("echo some diff | dlldecode generate -n 32 'Write a message' | cat -A")
    assert (done.returncode, done.stdout) == (0, b"seven times six is 42$\n")


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("dlldecode generate x -n 8 > /dev/full", 1, b"error: the disk is full"),
        ("dlldecode generate x -n 8 >&-", 2, b"error: stdout is closed"),
        ("dlldecode generate <&-", 2, b"error: stdin is closed"),
        ("dlldecode generate < /dev/null", 2, b"error: the prompt is empty"),
    ],
)
def test_streams_that_cannot_be_used(shell, line, code, sentence):
    done = shell(line)
    assert (done.returncode, done.stdout) == (code, b"") and sentence in done.stderr


def test_it_is_a_module_too_and_tells_a_full_disk_once(environment):
    command = [sys.executable, "-m", "dlldecode", "--version"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True)
    assert done.returncode == 0 and done.stdout.startswith(b"dlldecode 0.")
    environment.pop("PYTHONUNBUFFERED", None)  # what stays in a buffer is written again when the interpreter ends
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"the disk is full" in done.stderr


def test_stdin_that_is_closed_or_a_device_is_not_read_beside_an_argument(shell):
    done = shell("dlldecode generate x -n 8 -f jsonl <&-; dlldecode generate y -n 8 -f jsonl < /dev/null", stdin=None)
    assert [json.loads(line)["prompt"] for line in done.stdout.splitlines()] == ["x", "y"]


def test_a_silent_pipe_is_mentioned(monkeypatch, capsys):
    reader, writer = os.pipe()
    monkeypatch.setattr(prompts, "PATIENCE", 0.0)
    late = threading.Timer(0.3, lambda: (os.write(writer, b"a\n"), os.close(writer)))
    late.start()
    with open(reader) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert prompts.single("b").text == "a\n\nb"
    assert "waiting for stdin, which is open and silent" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_with_finished_records_kept(environment, number, code):
    command = [sys.executable, "-m", "tests.cli.toy", "generate", "-n", "8", "--input", "lines", "-f", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=ROOT) as process:
        process.stdin.write(b"a\n")
        process.stdin.flush()
        first = os.read(process.stdout.fileno(), 1 << 16)
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert process.returncode == code and b"Traceback" not in errors
    assert [item["prompt"] for item in json.loads(first + rest)] == ["a"]


def on_terminal(environment, *arguments, **more):
    """What a terminal that is stdout and stderr shows."""
    main, side = pty.openpty()
    command = [sys.executable, "-m", "tests.cli.toy", "generate", "-n", "16", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=side, stderr=side, env={**environment, **more}, cwd=ROOT
    ) as process:
        os.close(side)
        shown = b""
        while chunk := _read(main):
            shown += chunk
    os.close(main)
    assert process.returncode == 0
    return shown


def _read(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_a_terminal_is_shown_control_characters_and_not_given_them(environment):
    shown = on_terminal(environment, "x", TOY_ANSWER="a\x1b[31mb\tc", TERM="xterm-256color")
    assert b"a\\x1b[31mb" in shown and b"TPF" in shown and b"\x1b[2m" in shown


def test_no_color_and_a_dumb_terminal_get_plain_text(environment):
    shown = on_terminal(environment, "x", TERM="dumb", NO_COLOR="1", TOY_ANSWER="fine")
    assert b"\x1b" not in shown and b"fine\r\n" in shown and b"TPF" in shown


def test_forced_color_does_not_animate_a_pipe(shell):
    done = shell("FORCE_COLOR=1 dlldecode generate x -n 8 --stats on 2>&1 >/dev/null | cat")
    assert b"\x1b[2m" in done.stdout and b"\x1b[?25l" not in done.stdout and b"\r" not in done.stdout


def test_a_traceback_only_when_asked_for(environment):
    command = [sys.executable, "-m", "tests.cli.toy", "generate", "x", "-s", "nobody", "--debug"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and b"Traceback" in done.stderr


def test_answers_come_while_the_writer_is_silent(environment):
    """Two rows, three prompts: the first two are answered although neither a fourth nor the end is in sight."""
    command = [
        sys.executable,
        "-m",
        "tests.cli.toy",
        "generate",
        "--input",
        "lines",
        "-f",
        "jsonl",
        "--batch-size",
        "2",
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, "-n", "8"], stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=ROOT
    ) as process:
        process.stdin.write(b"one\ntwo\n")
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline())["prompt"] for _ in range(2)]
        process.stdin.write(b"three\nfour\n")
        process.stdin.flush()
        answers += [json.loads(process.stdout.readline())["prompt"] for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert answers == ["one", "two", "three", "four"]
        assert process.wait(timeout=20) == 130 and b"Fatal" not in process.stderr.read()
