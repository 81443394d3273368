"""docs/write-a-strategy.md: its file is used where it lies, and for a while beside the shipped strategies."""

import inspect
import re
import shlex
import sys

import pytest
from typer.testing import CliRunner

import dlldecode
from dlldecode import api, strategies
from dlldecode.cli.app import app
from dlldecode.core import select
from dlldecode.core.step import Decision, StepView
from dlldecode.models.toy import Toy

from ..contract import test_strategies as contract
from .blocks import blocks

FILE, USE = [block.text for block in blocks("python") if block.page.name == "write-a-strategy.md"]
PAGE = next(block.page for block in blocks("python") if block.page.name == "write-a-strategy.md").read_text()


HERE, INSTALL, PACKAGE = [block.text for block in blocks("sh") if block.page.name == "write-a-strategy.md"]
FEW = {"bench": "--limit 1 -n 16", "tune": "--limit 2 -n 16", "visualize": "-n 16"}  # what a test need not wait for


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    (tmp_path / "apart.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(api, "load", lambda *names, **where: Toy(answer="it is 42"))


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """The file beside the shipped strategies."""
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    yield
    sys.modules.pop("dlldecode.strategies.apart", None)
    vars(strategies).pop("apart", None)


def test_it_is_short_and_found_by_its_name(inside):
    assert len(FILE.splitlines()) < 40
    assert "apart" in strategies.available() and strategies.kind("apart").__name__ == "Apart"


def test_the_example_runs(capsys):
    exec(compile(USE, "example", "exec"), {"__name__": "example"})
    text, forwards = capsys.readouterr().out.strip().rsplit(" ", 1)
    assert text == "it is 42" and 1 <= int(forwards) <= 16


def test_it_writes_one_of_each_run():
    first = next(
        event
        for event in dlldecode.stream(Toy(rule=sure), "x", strategy="apart.py", max_tokens=8)
        if hasattr(event, "commits")
    )
    assert len(first.commits) == 1


def sure(query):
    """Logits that are sure of everything."""
    from torch.nn.functional import one_hot

    return one_hot(query.wanted % 200, 260).float() * 20


@pytest.mark.parametrize(
    "test", [test for name, test in vars(contract).items() if name.startswith("test_")], ids=lambda test: test.__name__
)
def test_it_passes_the_contract(test):
    more = {"seed": 0} if "seed" in inspect.signature(test).parameters else {}
    test(("apart.py", {"sure": 0.8}), **more)


def ran(line):
    """A command of the page with the toy model, which is over soon."""
    program, command, *rest = shlex.split(line)
    assert program == "dlldecode"
    return CliRunner().invoke(app, [command, *rest, *FEW.get(command, "").split()])


@pytest.mark.parametrize("line", HERE.splitlines(), ids=lambda line: line.split()[1])
def test_the_commands_of_the_page(line, tmp_path):
    done = ran(line)
    assert done.exit_code == 0, done.output
    assert done.stdout == "it is 42\n" if "generate" in line else done.stdout
    if saved := re.search(r"--save-preset (\S+)", line):
        assert f'strategy = "{tmp_path / "apart.py"}"' in (tmp_path / saved.group(1)).read_text()


def test_the_commands_inside_of_the_package(inside):
    """`-k apart` names what the contract tests will be called."""
    assert INSTALL == "pip install -e '.[dev]'\n"
    first, second = PACKAGE.splitlines()
    assert ran(first).stdout == "it is 42\n"
    assert second.split() == ["pytest", "tests/contract", "-k", "apart"]
    with pytest.raises(dlldecode.PresetError, match="sure"):
        dlldecode.generate(Toy(answer="x"), "x", strategy="apart", options={"sure": 2.0})


def test_the_page_names_what_there_is():
    for name in (*StepView._fields, *Decision._fields):
        assert f"`{name}`" in PAGE, name
    verbs = PAGE.partition("## Verbs")[2].partition("##")[0]
    named = [word for row in verbs.splitlines() if row.startswith("| `") for word in row.split("|")[1].split("`")[1::2]]
    assert named and all(hasattr(select, name) for name in named)
