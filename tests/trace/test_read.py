"""A trace comes back as it was: whole, cut, packed, through a pipe; what is none is refused in one sentence."""

import gzip
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of

from dlldecode.errors import UsageError
from dlldecode.trace.events import Interval
from dlldecode.trace.lines import LARGEST_CANVAS, SCHEMA
from dlldecode.trace.read import read, recording

from .runs import REVOKING, RUNS, as_written, run_of, written

REVOKED = run_of(*REVOKING)
SHORT = "from dlldecode.trace.read import read; found = read('-'); print(found.name, len(found.steps))"
SMALL = run_of("dico", {}, None, max_tokens=8, block_length=4)


def parsed(raw: bytes):
    """A trace from bytes, without a file."""
    return recording("a trace", io.BytesIO(raw))


def from_stdin(raw: bytes):
    """A trace from bytes that may be packed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        return read("-")


def refusal(source: str) -> str:
    """The sentence that a source is refused with."""
    with pytest.raises(UsageError) as caught:
        read(source)
    sentence = str(caught.value)
    assert caught.value.exit_code == 2 and "\n" not in sentence and sentence.endswith(".")
    return sentence


@pytest.fixture
def refused(tmp_path):
    """From the content of a file to the sentence that it is refused with, its name left out."""

    def refused(content: str | bytes) -> str:
        path = tmp_path / "run.jsonl"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return refusal(str(path)).removeprefix(str(path))

    return refused


# Round trips


@pytest.mark.parametrize("chosen", RUNS, ids=lambda chosen: f"{chosen[0]}{'' if not chosen[1] else ' remask'}")
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_events_come_back(chosen, pack, tmp_path):
    run = run_of(*chosen)
    path = tmp_path / "run.jsonl"
    path.write_bytes(pack(run.text.encode()))
    found = read(str(path))
    assert list(found.steps) == [as_written(step) for step in run.steps] and len(found.steps) == len(run.steps)
    assert found.steps[-1] == as_written(run.steps[-1]) and list(found.steps[1:3]) == list(found.steps)[1:3]
    assert replace(found.header, bytes={}) == run.header
    assert found.footer.status == "ok" and found.name == str(path)
    seen = {*run.header.prompt_ids, run.header.mask_id, *(c.token for step in run.steps for c in step.commits)}
    assert found.bytes.keys() == seen and all(found.bytes[token] == bytes([token]) for token in seen if token < 256)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_pipe_is_read_however_slowly_it_comes(pack):
    """The first byte comes alone, when nothing tells yet how long the rest takes."""
    content = pack(SMALL.text.encode())
    child = subprocess.Popen([sys.executable, "-c", SHORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(content[:1])
    child.stdin.flush()
    shown, _ = child.communicate(content[1:], timeout=60)
    assert shown.decode().split() == ["stdin", str(len(SMALL.steps))]


def test_stdin_may_be_packed_or_closed(monkeypatch):
    assert len(from_stdin(gzip.compress(SMALL.text.encode())).steps) == len(SMALL.steps)
    monkeypatch.setattr(sys, "stdin", None)
    assert refusal("-") == "stdin cannot be read (it is closed); name a trace or -."


def test_unknown_fields_and_lines_are_left_alone():
    values = [{**value, "later": {"deep": [1]}} for value in SMALL.values]
    values.insert(2, {"type": "remark"})
    found = parsed(b"".join(json.dumps(value).encode() + b"\n" for value in values))
    assert list(found.steps) == [as_written(step) for step in SMALL.steps] and found.footer


def test_what_was_not_finite_ranks_below_everything():
    value = SMALL.values[1]
    value["commits"][0][2] = value["commits"][0][4] = None
    (step,) = parsed(f"{SMALL.lines[0]}{json.dumps(value)}\n".encode()).steps
    assert step.commits[0].confidence == step.commits[0].score == float("-inf")


# Cut traces


@pytest.mark.parametrize("packed", [False, True])
def test_every_prefix_replays_to_a_prefix(packed):
    raw = SMALL.text.encode()
    content, events = gzip.compress(raw) if packed else raw, [as_written(step) for step in SMALL.steps]
    lengths = []
    for cut in range(len(content) + 1):
        try:
            found = from_stdin(content[:cut])
        except UsageError as error:
            assert not lengths and ("is not a trace" in str(error) or cut == 1)
            continue
        steps = list(found.steps)
        assert steps == events[: len(steps)] and (found.footer is None or len(steps) == len(events))
        lengths.append(len(steps))
    assert lengths == sorted(lengths) and {*lengths} >= {len(events)} and found.footer
    assert packed or {*lengths} == set(range(len(events) + 1))


def test_a_line_is_there_as_soon_as_it_is_whole():
    lines = SMALL.text.encode().splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        whole = b"".join(lines[:count])
        assert len(parsed(whole).steps) == len(parsed(whole[:-1]).steps) == min(count - 1, len(SMALL.steps))


def test_a_packed_line_is_there_as_soon_as_it_is_flushed():
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb") as packer:
        for count, line in enumerate(SMALL.lines):
            packer.write(line.encode())
            packer.flush()
            assert len(from_stdin(stream.getvalue()).steps) == min(count, len(SMALL.steps))


# What is no trace


NO_TRACE = " is not a trace; record one with: dlldecode generate --trace FILE."


NOTHING = [
    "", "\n", "hello\n", "{", "3\n", b"\xff\xfe\x00", gzip.compress(b""), gzip.compress(b"hello\n"),
    "[" * 100_000 + "\n", "[]\n", "null\n", '{"type":"step"}\n', '{"type":"header"}\n', '{"text":"an answer"}\n',
]  # fmt: skip


@pytest.mark.parametrize("content", NOTHING, ids=range(len(NOTHING)))
def test_no_trace_at_all(content, refused):
    assert refused(content) == NO_TRACE


@pytest.mark.parametrize("name", [name for name in SMALL.values[0] if name not in ("type", "format")])
def test_a_header_without_a_field(name, refused):
    header = SMALL.values[0]
    del header[name]
    expected = "None is not a whole number from 1" if name == "schema" else f"{name} is missing"
    assert refused(json.dumps(header) + "\n").startswith(f", line 1 is damaged: {expected}")


def test_a_newer_schema(refused):
    header = {"type": "header", "format": "dlldecode-trace", "schema": SCHEMA + 1, "everything": "else changed"}
    assert refused(json.dumps(header)) == (
        f" has trace schema {SCHEMA + 1}, and this version reads up to {SCHEMA}; upgrade dlldecode."
    )


@pytest.mark.parametrize(
    "damage", ["", "{", "null", '"step"', '{"type":"step",', "\x00" * 40, '{"type":"step","seconds":NaN}']
)
def test_a_damaged_line_is_named_by_its_number(damage, refused):
    lines = [*SMALL.lines]
    lines[3] = damage + "\n"
    assert refused("".join(lines)) == ", line 4 is damaged: it is no JSON object; record the trace again."


CASES = [
    ({"commits": [[8, 1, 0.5, "plain", 0.5]]}, "position 8 is outside of the canvas of 8"),
    ({"anchors": [8]}, "position 8 is outside of the canvas of 8"),
    ({"clusters": [[7, 8]]}, "position 8 is outside of the canvas of 8"),
    ({"block": [0, 99]}, "position 99 is outside of the canvas of 8"),
    ({"revocations": [7]}, "position 7 is taken back, but was not written"),
    ({"revocations": [9]}, "position 9 is outside of the canvas of 8"),
    ({"commits": [[1, 1, 0.5, "plain", 0.5]] * 2}, "a position is written twice, or written and taken back"),
    ({"commits": [[1, 1, 0.5, "plain"]]}, "in commits, [1, 1, 0.5, 'plain'] is not [position, token, confidence, "),
    ({"commits": [[1, 1, "0.5", "plain", 0.5]]}, "in commits, '0.5' is not a number"),
    ({"commits": [[1, 1, True, "plain", 0.5]]}, "in commits, True is not a number"),
    ({"commits": 5}, "in commits, 5 is not an array"),
    ({"regions": [[3, 2]]}, "in regions, [3, 2] is not a first and a last position"),
    ({"block": [0, 1, 2]}, "in block, [0, 1, 2] is not a first and a last position"),
    ({"phase": None}, "in phase, None is not a text"),
    ({"step": 7}, "step 7 stands where step 0 was expected"),
    ({"step": -1}, "in step, -1 is not a whole number from 0"),
    ({"forwards": 1.5}, "in forwards, 1.5 is not a whole number from 0"),
    ({"seconds": -1}, "in seconds, -1 is negative"),
    ({"seconds": None}, "in seconds, None is not a number"),
    ({"bytes": {"a": "YQ=="}}, "in bytes, "),
    ({"bytes": {"1": "?"}}, "in bytes, {'1': '?'} does not hold base64"),
    ({"bytes": ["YQ=="]}, "in bytes, ['YQ=='] is not an object"),
    ({"type": 1}, "in type, 1 is not a text"),
    ({"type": "header"}, "a second header; a file holds one trace"),
    ({"type": "footer"}, "status is missing"),
]


@pytest.mark.parametrize(("change", "reason"), CASES, ids=lambda case: str(case)[:40])
def test_a_line_that_cannot_be(change, reason, refused):
    value = {**SMALL.values[1], **change}
    sentence = refused(f"{SMALL.lines[0]}{json.dumps(value)}\n")
    assert sentence.startswith(f", line 2 is damaged: {reason}") and sentence.endswith("; record the trace again.")


def test_taking_back_and_writing_anew():
    """What was taken back can be written, and what was written rewritten, but nothing is taken back twice."""
    back = {**REVOKED.values[1], "commits": [], "revocations": []}
    write, take = {"commits": [[0, 1, 0.5, "plain", 0.5]]}, {"revocations": [0]}

    def trace(*changes):
        values = ({**back, "step": number, **change} for number, change in enumerate(changes))
        return (REVOKED.lines[0] + "".join(json.dumps(value) + "\n" for value in values)).encode()

    assert len(parsed(trace(write, write, take, write, take)).steps) == 5
    with pytest.raises(UsageError, match="line 4 is damaged: position 0 is taken back"):
        parsed(trace(write, take, take))
    with pytest.raises(UsageError, match="line 3 is damaged: a position is written twice, or written and taken back"):
        parsed(trace(write, {**write, **take}))


def test_a_huge_canvas_is_refused(refused):
    header = {**SMALL.values[0], "canvas": LARGEST_CANVAS + 1}
    assert f"in canvas, {LARGEST_CANVAS + 1} is not a whole number from 1" in refused(json.dumps(header))


def test_a_long_value_is_not_repeated_at_length(refused):
    value = {**SMALL.values[1], "phase": [["long"] * 1000] * 1000}
    assert len(refused(f"{SMALL.lines[0]}{json.dumps(value)}\n")) < 500


def test_a_broken_packing(refused):
    content = bytearray(gzip.compress(REVOKED.text.encode()))
    content[-8] ^= 1  # the check sum
    assert "cannot be read (CRC check failed" in refused(bytes(content))
    content[len(content) // 2] ^= 255
    assert " cannot be read (" in refused(bytes(content)) or "is damaged" in refused(bytes(content))


def test_what_cannot_be_opened(tmp_path):
    assert refusal(str(tmp_path)) == f"{tmp_path} cannot be read (Is a directory); name a trace or -."
    missing = tmp_path / "missing.jsonl"
    assert refusal(str(missing)) == f"{missing} cannot be read (No such file or directory); name a trace or -."
    assert "embedded null byte" in refusal("a\0b")


# Hostile traces


def numbers():
    return any_of.integers() | any_of.floats() | any_of.sampled_from([2**53, -1, 10**400, 1e999, -0.0])


JSON = any_of.recursive(
    any_of.none() | any_of.booleans() | numbers() | any_of.text(),
    lambda deeper: any_of.lists(deeper, max_size=5) | any_of.dictionaries(any_of.text(), deeper, max_size=5),
    max_leaves=12,
)


def reads_or_refuses(lines: list[str]) -> None:
    try:
        found = parsed("".join(lines).encode())
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert len(list(found.steps)) == len(found.steps)


@settings(max_examples=150, deadline=None)
@given(any_of.data())
def test_any_value_in_any_field(data):
    at = data.draw(any_of.sampled_from([0, 1, 2, len(SMALL.lines) - 1]))
    value = SMALL.values[at]
    value[data.draw(any_of.sampled_from([*value]))] = data.draw(JSON)
    reads_or_refuses([*SMALL.lines[:at], json.dumps(value) + "\n", *SMALL.lines[at + 1 :]])


@settings(max_examples=100, deadline=None)
@given(any_of.data())
def test_any_value_inside_of_an_array(data):
    value = SMALL.values[2]
    name = data.draw(any_of.sampled_from(["commits", "block", "regions", "anchors", "revocations", "clusters"]))
    value[name] = data.draw(any_of.lists(any_of.lists(JSON, max_size=5) | JSON, max_size=4))
    reads_or_refuses([*SMALL.lines[:2], json.dumps(value) + "\n"])


@settings(max_examples=150, deadline=None)
@given(any_of.integers(0, len(SMALL.text) - 1), any_of.binary(max_size=4), any_of.integers(0, 6), any_of.booleans())
def test_any_bytes_anywhere(at, noise, removed, packed):
    raw = SMALL.text.encode()
    content = gzip.compress(raw) if packed else raw
    at %= len(content)
    try:
        found = from_stdin(content[:at] + noise + content[at + removed :])
    except UsageError:
        return
    assert len(list(found.steps)) == len(found.steps)


@settings(max_examples=100, deadline=None)
@given(any_of.lists(JSON, max_size=4))
def test_any_lines(values):
    reads_or_refuses([json.dumps(value) + "\n" for value in values])
    reads_or_refuses([SMALL.lines[0], *(json.dumps(value) + "\n" for value in values)])


# Long traces

MEASURE = """
import sys
from dlldecode.trace.read import read

found = read(sys.argv[1])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(len(found.steps), int(peak.split()[1]) / 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process")
def test_a_trace_of_50_megabytes_is_read_within_200(tmp_path):
    """Measured on a trace of 4 MB and an empty one; what a step takes does not depend on how many there are."""
    header = written(replace(SMALL.header, canvas=1024), [], None)[0]
    regions = tuple(Interval(at, at) for at in range(0, 1024, 2))
    step = written(SMALL.header, [replace(SMALL.steps[0], regions=regions, clusters=regions)], None)[1]
    count = 4_000_000 // len(step)
    peaks = []
    for steps in (0, count):
        path = tmp_path / f"{steps}.jsonl"
        with path.open("w") as file:
            file.write(header)
            file.writelines(step.replace('"step":0', f'"step":{number}') for number in range(steps))
        done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, timeout=60)
        read_steps, peak = done.stdout.split()
        assert int(read_steps) == steps
        peaks.append(float(peak))
        size = path.stat().st_size
    assert size > 3_900_000
    empty, full = peaks
    assert empty + 12.5 * (full - empty) < 200
