"""docs/write-a-strategy.md: its file is written beside the shipped strategies, for the length of a test, and used."""

import inspect
import shlex
import sys

import pytest
from typer.testing import CliRunner

import dlldecode
from dlldecode import strategies
from dlldecode.cli.app import app
from dlldecode.core import select
from dlldecode.core.step import Decision, StepView
from dlldecode.models.toy import Toy

from ..contract import test_strategies as contract
from .blocks import blocks

FILE, USE = [block.text for block in blocks("python") if block.page.name == "write-a-strategy.md"]
PAGE = next(block.page for block in blocks("python") if block.page.name == "write-a-strategy.md").read_text()


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    (tmp_path / "apart.py").write_text(FILE)
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    yield
    sys.modules.pop("dlldecode.strategies.apart", None)
    vars(strategies).pop("apart", None)


def test_it_is_short_and_found_by_its_name():
    assert len(FILE.splitlines()) < 40
    assert "apart" in strategies.available()


def test_the_example_runs(capsys):
    exec(compile(USE, "example", "exec"), {"__name__": "example"})
    text, forwards = capsys.readouterr().out.strip().rsplit(" ", 1)
    assert text == "it is 42" and 1 <= int(forwards) <= 16


def test_it_writes_one_of_each_run():
    first = next(
        event
        for event in dlldecode.stream(Toy(rule=sure), "x", strategy="apart", max_tokens=8)
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
    test(("apart", {"sure": 0.8}), **more)


def test_the_commands_of_the_page(monkeypatch):
    """The command decodes with the toy model; `-k apart` names what the contract tests will be called."""
    from dlldecode import api

    monkeypatch.setattr(api, "load", lambda *names, **where: Toy(answer="it is 42"))
    first, second = next(block.text for block in blocks("sh") if block.page.name == "write-a-strategy.md").splitlines()
    done = CliRunner().invoke(app, shlex.split(first, comments=True)[1:])
    assert (done.exit_code, done.stdout) == (0, "it is 42\n")
    assert shlex.split(second, comments=True) == ["pytest", "tests/contract", "-k", "apart"]
    wrong = dlldecode.generate
    with pytest.raises(dlldecode.PresetError, match="sure"):
        wrong(Toy(answer="x"), "x", strategy="apart", options={"sure": 2.0})


def test_the_page_names_what_there_is():
    for name in (*StepView._fields, *Decision._fields):
        assert f"`{name}`" in PAGE, name
    verbs = PAGE.partition("## Verbs")[2].partition("##")[0]
    named = [word for row in verbs.splitlines() if row.startswith("| `") for word in row.split("|")[1].split("`")[1::2]]
    assert named and all(hasattr(select, name) for name in named)
