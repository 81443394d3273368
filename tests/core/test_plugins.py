"""Parts are found by their file's name."""

import importlib
import sys

import pytest

from dlldecode import caches, strategies
from dlldecode.core import plugins
from dlldecode.errors import PresetError, UsageError


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A package of two parts and a shared file."""
    folder = tmp_path / "shelf_of_parts"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "local_leap.py").write_text("class LocalLeap:\n    pass\n")
    (folder / "none.py").write_text("class None_:\n    pass\n")
    (folder / "shared.py").write_text("raise RuntimeError('imported for nothing')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield importlib.import_module("shelf_of_parts")
    for name in [name for name in sys.modules if name.startswith("shelf_of_parts")]:
        del sys.modules[name]


BESIDES = frozenset({"shared"})


def test_names_are_the_files(shelf):
    assert plugins.names(shelf, BESIDES) == ("local_leap", "none")
    assert plugins.names(shelf) == ("local_leap", "none", "shared")


def test_a_new_file_is_a_part_at_once(shelf, tmp_path):
    (tmp_path / "shelf_of_parts" / "wino.py").write_text("class Wino:\n    pass\n")
    importlib.invalidate_caches()
    assert plugins.find(shelf, "wino", "part", BESIDES).__name__ == "Wino"


def test_the_class_is_named_after_the_file(shelf):
    assert plugins.find(shelf, "local_leap", "part", BESIDES).__name__ == "LocalLeap"
    assert plugins.find(shelf, "none", "part", BESIDES).__name__ == "None_"
    assert [plugins.class_name(name) for name in ("dico", "eb_sampler", "true")] == ["Dico", "EbSampler", "True_"]


def test_a_wrong_name_is_told_the_nearest_or_all(shelf):
    with pytest.raises(UsageError, match="no part 'local_lep'; did you mean local_leap"):
        plugins.find(shelf, "local_lep", "part", BESIDES)
    with pytest.raises(UsageError, match="no part 'zzz'; the choice is local_leap, none"):
        plugins.find(shelf, "zzz", "part", BESIDES)
    with pytest.raises(UsageError):
        plugins.find(shelf, "shared", "part", BESIDES)


def test_strategies_and_caches():
    assert {"dico", "factor", "hierarchy", "threshold", "topk", "vanilla"} <= set(strategies.available())
    assert "none" in caches.available() and "policy" not in caches.available()
    assert not caches.load("none").keeps
    with pytest.raises(UsageError, match="did you mean dico"):
        strategies.load("dicco")
    with pytest.raises(UsageError):
        caches.load("policy")


def test_wrong_options_are_told_at_once():
    with pytest.raises(PresetError) as caught:
        strategies.load("hierarchy", hihg=0.9, low=2)
    assert len(caught.value.problems) == 2
    assert all(problem.startswith("strategy_options.") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("class Local:\n    pass\n", " must hold a class LocalLeap, named after the file."),
        ("LocalLeap = 3\n", " must hold a class LocalLeap, named after the file."),
        ("\nclass LocalLeap\n", ":2 is not valid Python: "),
        ("\nimport nobody_has_this\n", ":2 cannot be loaded: ModuleNotFoundError: No module named 'nobody_has_this'"),
    ],
)
def test_a_file_without_its_class_is_told_in_one_sentence(shelf, tmp_path, text, sentence):
    file = tmp_path / "shelf_of_parts" / "local_leap.py"
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        plugins.find(shelf, "local_leap", "part", BESIDES)
    assert str(raised.value).startswith(f"{file}{sentence}")
