"""What a hostile program tries: it never passes, never harms, never hangs; what is harmless passes."""

import ctypes
import os
import platform
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from dlldecode.bench.sandbox import Limits, missing, run
from dlldecode.bench.sandbox.launch import WITHOUT
from dlldecode.errors import UsageError

from .hostile import ATTACKS, EXHAUSTING, FORGERIES, STAYING

LIMITS = Limits(seconds=2, computing=1, memory=1 << 28, file=1 << 16)
KERNEL = ("memory", "user", "files", "calls")
HOOKS = ("memory", "user", "hooks")
ACTIVE = run("").layers

both = pytest.mark.parametrize(
    "layers",
    [
        pytest.param(KERNEL, marks=pytest.mark.skipif(not {"files", "calls"} <= {*ACTIVE}, reason="a bare kernel")),
        HOOKS,
    ],
    ids=["kernel", "hooks"],
)


def outcome(body: str, check: str = "assert f() is True", **options):
    """Run the body of a function `f`, indented by itself; it returns True where the attack went well."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return run(f"def f(*given):\n{lines}\n", check, ["f"], options.pop("limits", LIMITS), **options)


# What works


def test_a_right_program_passes_and_a_wrong_one_does_not():
    right = run("print('seen')\ndef f(x):\n    return x + 1", "assert f(1) == 2", ["f"])
    assert right.passed and right.note == "" and right.output == "seen\n"
    wrong = run("def f(x):\n    return x", "assert f(0) == 0\nassert f(1) == 2, 'words'", ["f"])
    assert not wrong.passed and wrong.note == "AssertionError: assert f(1) == 2, 'words'"


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("def f(x) return", "SyntaxError: expected ':' (program.py, line 1)"),
        ("def g(): pass", "NameError: name 'f' is not defined"),
        ("def f(x): return x[0]", "TypeError: 'int' object is not subscriptable"),
        ("class Odd(ValueError): pass\ndef f(x): raise Odd('so it is')", "Odd: so it is"),
        ("def f(x): return open", "AssertionError: assert f(1) == 2"),
        ("a\0b", None),
        ("\ud800", None),
        ("x = " + "[" * 5000, None),
    ],
    ids=range(8),
)
def test_why_a_program_did_not_pass(program, note):
    found = run(program, "assert f(1) == 2", ["f"], LIMITS)
    assert not found.passed and found.note and (note is None or found.note == note)


VALUES = """
from fractions import Fraction
from decimal import Decimal
for value in (None, True, 1, 10 ** 30, -(10 ** 5000), 0.1, float("inf"), "\\ud800\\0é", b"\\xff", 1j, Fraction(1, 3),
              Decimal("0.1"), [1, (2, {3})], {1: "a", (2,): [None]}, frozenset({1}), int, [], {}, set(), 0, ""):
    back = f(value)
    assert back == value and type(back) is type(value), value
assert f(x=float("nan")) != f(x=float("nan")) and f(f)(3) == 3 and list(g()) == [1, 2] and g() != [1, 2]
try:
    h()
except KeyError as error:
    assert str(error) == "'gone'"
else:
    assert False
"""


def test_values_come_back_as_they_went():
    program = "def f(x): return x\ndef g(): yield from (1, 2)\ndef h(): raise KeyError('gone')"
    found = run(program, VALUES, ["f", "g", "h"])
    assert found.passed, found.note


def test_python_library_and_own_folder_can_be_used():
    body = "import datetime, random, heapq, decimal, bisect, statistics, tempfile, csv, dataclasses, zoneinfo\n"
    body += "with open('own.txt', 'w') as file: file.write('x')\n"
    body += "import os; os.mkdir('a'); os.rename('own.txt', 'a/b')\n"
    found = outcome(body + "return open('a/b').read() == 'x' and os.listdir('a') == ['b']")
    assert found.passed, found.note


def test_names_of_the_program_hide_builtins_where_asked_alone():
    program = "def sum(a, b): return a - b\ndef len(x): return 7"
    assert run(program, "assert sum(3, 1) == 2 and len([]) == 0", ["sum"]).passed


def test_many_threads_may_run():
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda n: outcome(f"return {n % 2} == 0").passed, range(12))
    assert list(found) == [n % 2 == 0 for n in range(12)]


def test_nothing_stays():
    found = outcome("import os; os.mkdir('deep'); print(os.getcwd()); open('deep/file', 'w'); return True")
    assert found.passed and found.output.strip() and not Path(found.output.strip()).exists()


def test_other_systems_are_refused(monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(UsageError, match="cannot be run on"):
        run("")


# Which layers


def landlock_version() -> int:
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux offers")
def test_what_the_system_has_is_used():
    status = Path("/proc/self/status").read_text()
    has_seccomp = "Seccomp:" in status and platform.machine() in ("x86_64", "aarch64")
    assert {"memory", "hooks"} <= {*ACTIVE}
    assert ("calls" in ACTIVE) == has_seccomp and ("files" in ACTIVE) == (landlock_version() > 0)
    assert os.getuid() == 0 or "user" in ACTIVE
    assert missing() == tuple(words for name, words in WITHOUT.items() if name not in ACTIVE)


def test_what_is_left_out_is_said():
    assert run("", layers=HOOKS[2:]).layers == ("hooks",)


# A pass that is not earned


@pytest.mark.parametrize("name", FORGERIES)
def test_no_pass_is_forged(name):
    found = run(FORGERIES[name], "assert f(1) == 2", ["f"], LIMITS)
    assert not found.passed and found.note


def test_a_program_that_speaks_for_its_process_gives_no_more_than_values():
    """It answers the check by itself, and sends a builtin that nobody asked for."""
    program = """
import sys
def f(x): return [x]
given = {"f": f, "set": lambda x: 1, "AssertionError": int}
def obey(module, what, target, *arguments): return given if what == "names" else target(*arguments[0])
sys.modules["confined.candidate"].obey = obey
"""
    assert run(program, "assert set(f(1)) == {1}", ["f"], LIMITS).passed
    found = run(program, "assert set(f(1)) == set([2])", ["f"], LIMITS)
    assert not found.passed and found.note == "AssertionError: assert set(f(1)) == set([2])"


def test_a_note_is_one_printable_line():
    found = outcome("raise ValueError('a\\n\\x1b[31m\\ud800' + 'b' * 5000)")
    assert found.note.startswith("ValueError: a [31m b") and len(found.note) == 200 and found.note.isprintable()


def test_no_handler_of_a_check_hides_that_the_program_is_gone():
    program = "import os\ndef f(): os._exit(0)"
    found = run(program, "try:\n    f()\nexcept BaseException:\n    pass", ["f"], LIMITS)
    assert not found.passed and found.note == "the program ended itself (exit code 0)"


# Harm


@both
@pytest.mark.parametrize("name", ATTACKS)
def test_no_harm_is_done(name, layers):
    found = outcome(ATTACKS[name], layers=layers)
    assert not found.passed and found.note


@pytest.mark.parametrize("name", ["os.system", "subprocess", "fork", "read", "list", "socket"])
def test_these_attacks_are_real(name):
    """Without the layers and the limit on processes (which does not bind the administrator), they go well."""
    found = outcome(ATTACKS[name], layers=())
    assert found.passed or (os.getuid() and name in ("os.system", "subprocess", "fork")), found.note


@both
def test_nothing_is_written_elsewhere(layers, tmp_path):
    tmp_path.chmod(0o777)
    target, secret = tmp_path / "written", tmp_path / "secret"
    secret.write_text("kept")
    write = f"open({str(target)!r}, 'w').write('x'); return True"
    assert outcome(write, layers=()).passed and target.exists()
    target.unlink()
    assert not outcome(write, layers=layers).passed and not target.exists()
    read = f"return open({str(secret)!r}).read() == 'kept'"
    for body in (read, f"import os; os.remove({str(secret)!r}); return True"):
        assert not outcome(body, layers=layers).passed and secret.read_text() == "kept"


@both
def test_nobody_is_called(layers):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        address = server.getsockname()
        call = f"import socket; socket.create_connection({address!r}, 1); return True"
        assert not outcome(call, layers=layers).passed
        with pytest.raises(TimeoutError):
            server.accept()
        assert outcome(call, layers=()).passed


@both
def test_the_caller_is_not_reached(layers):
    """Neither its memory, nor by a signal: this test goes on."""
    for body in ("os.kill({}, 9)", "os.killpg(os.getpgid({}), 9)", "open('/proc/{}/environ').read()"):
        assert not outcome(f"import os; {body.format(os.getpid())}; return True", layers=layers).passed


def test_the_environment_is_empty(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    assert outcome("import os; return not {*os.environ} - {'LC_CTYPE'}").passed


def test_stdin_is_empty_and_the_check_is_not_there():
    assert outcome("import sys; return sys.stdin.read() == ''").passed
    assert not outcome("input(); return True").passed


@pytest.mark.parametrize("name", EXHAUSTING)
def test_nothing_is_exhausted(name):
    body, note = EXHAUSTING[name]
    began = time.monotonic()
    found = outcome(body, "assert list(f())")
    assert not found.passed and found.note.startswith(note)
    assert time.monotonic() - began < LIMITS.seconds + 2


def test_output_is_cut_and_does_no_harm():
    found = outcome("for _ in range(300): print('a' * 9999)\nreturn True")
    assert found.passed and set(found.output) == {"a", "\n"} and len(found.output) == LIMITS.output


@both
def test_nothing_goes_on(layers):
    known = {child.pid for child in psutil.Process().children(recursive=True)}
    began = time.monotonic()
    run(STAYING, "assert f()", ["f"], LIMITS, layers=layers)
    assert time.monotonic() - began < LIMITS.seconds + 1
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= known
    assert not [process for process in psutil.process_iter() if started_here(process)]


def started_here(process: psutil.Process) -> bool:
    try:
        return "stays-behind" in process.cmdline()
    except psutil.Error:
        return False
