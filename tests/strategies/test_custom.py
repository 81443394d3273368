"""A strategy in a file of the user's own."""

import shutil
from pathlib import Path

import pytest
import torch

from dlldecode import strategies
from dlldecode.core import custom
from dlldecode.errors import UsageError

from ..views import check, random_view

SHIPPED = Path(strategies.__file__).parent
IMPORTS = """from __future__ import annotations
from dataclasses import dataclass
import torch
from dlldecode.core.select import top
from dlldecode.core.step import Strategy, write
"""
TWO = """
@dataclass(frozen=True)
class Two(Strategy[tuple[()]]):
    count: int = 2
    def init(self, masked, vocabulary):
        return ()
    def step(self, view, state):
        return write(view, top(view.confidence, view.masked, torch.full_like(view.step, self.count))), state
"""


@pytest.fixture
def file(tmp_path):
    """Write a file of this text; its path."""
    custom.reread()

    def put(text, name="two.py"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return put


def test_what_is_a_file_and_where(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert custom.located("dico") == "dico" and not custom.is_file("dico")
    assert custom.located("./a.py") == custom.located("b/../a.py") == str(tmp_path / "a.py")
    assert custom.located("../a.py", Path("/x/y")) == "/x/a.py" and custom.located("~/a.py") == "/home/me/a.py"
    assert custom.digest("dico") == ""


def test_a_file_decides_like_a_shipped_strategy(file):
    path = file(IMPORTS + TWO)
    check(
        strategies.load(path, count=3),
        """
        __a___#
        5897559
        WW.W...
        """,
    )
    kind = strategies.kind(path)
    assert (kind.__name__, kind().count) == ("Two", 2) and kind is strategies.kind(path)


@pytest.mark.parametrize("name", strategies.available())
def test_a_copy_of_a_shipped_file_finds_what_it_imports(name, tmp_path):
    custom.reread()
    copied = shutil.copy(SHIPPED / f"{name}.py", tmp_path / "my-copy.py")
    assert strategies.load(str(copied)).needs == strategies.load(name).needs
    assert strategies.kind(str(copied)) is not strategies.kind(name)


def test_a_file_counts_as_it_was_read_first_until_it_is_read_anew(file):
    path = file(IMPORTS + TWO)
    kind, digest = strategies.kind(path), custom.digest(path)
    file(IMPORTS + TWO.replace("= 2", "= 5"))
    assert (strategies.kind(path), custom.digest(path)) == (kind, digest)
    custom.reread()
    assert strategies.kind(path)().count == 5 and custom.digest(path) != digest
    file(IMPORTS + TWO)
    custom.reread()
    assert (strategies.kind(path), custom.digest(path)) == (kind, digest), "the same text is the same class"


FAULTS = {
    "x = (\n": ":1 is not valid Python: '(' was never closed.",
    "a = 1\nb = = 2\n": ":2 is not valid Python: invalid syntax.",
    "\n\nimport nobody_has_this\n": ":3 cannot be loaded: ModuleNotFoundError: No module named 'nobody_has_this'",
    "def f():\n    1 / 0\nf()\n": ":2 cannot be loaded: ZeroDivisionError: division by zero",
    "": " must hold one class that is a Strategy, and holds none.",
    "from dlldecode.strategies.topk import Topk\n": " must hold one class that is a Strategy, and holds none.",
    "class Two:\n    pass\n": " must hold one class that is a Strategy, and holds none.",
    IMPORTS
    + TWO
    + TWO.replace("Two", "Three"): " must hold one class that is a Strategy, and holds several: Two, Three.",
    IMPORTS
    + TWO.replace("(frozen=True)", ""): ": the class Two is no frozen dataclass; write @dataclass(frozen=True) abo",
    IMPORTS + TWO.replace("@dataclass(frozen=True)", ""): ": the class Two is no frozen dataclass",
    IMPORTS
    + TWO.replace("def step", "def stop").replace("def init", "def begin"): ": the class Two lacks init and step.",
    IMPORTS + TWO.replace("int = 2", "int"): ": the class Two has options without a default: count.",
    IMPORTS
    + TWO.replace("int", "Whole"): ": the class Two has options whose types cannot be read: name 'Whole' is not de",
}


@pytest.mark.parametrize(("text", "sentence"), FAULTS.items(), ids=range(len(FAULTS)))
def test_a_file_that_is_no_strategy_gets_one_sentence(text, sentence, file):
    path = file(text)
    with pytest.raises(UsageError) as raised:
        strategies.kind(path)
    assert str(raised.value).startswith(path + sentence) and "\n" not in str(raised.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(UsageError, match=r"bytes\.py:1 is not valid Python: "):
        strategies.kind(str(tmp_path / "bytes.py"))


def test_a_file_that_cannot_be_read(tmp_path):
    for name, why in (("none.py", "No such file or directory"), ("folder.py", "Is a directory"), ("a\0.py", "null")):
        if name == "folder.py":
            (tmp_path / name).mkdir()
        with pytest.raises(UsageError, match=f"^cannot read {tmp_path}/.*: .*{why}"):
            strategies.kind(str(tmp_path / name))


def test_who_is_to_blame_for_an_error(file):
    path = file(IMPORTS + TWO.replace("top(view", "1 / 0 or top(view"))
    strategy = strategies.load(path)
    try:
        strategy.step(None, ())
    except ZeroDivisionError as error:
        assert (
            custom.blamed(error)
            == f"{path}:{(IMPORTS + TWO).splitlines().index('    def step(self, view, state):') + 2}"
        )
    assert path in custom.blamed(ValueError())


@pytest.mark.compile
def test_it_compiles_to_one_graph(file):
    strategy, view = strategies.load(file(IMPORTS + TWO)), random_view(4, 7, seed=0)
    found, _ = torch.compile(strategy.step, backend="eager", fullgraph=True)(view, ())
    assert torch.equal(found.commit, strategy.step(view, ())[0].commit) and found.commit.any()
