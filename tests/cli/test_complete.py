"""Completion as the shell asks for it: through the environment, with the words of the line so far."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, get_args, get_origin

import pytest

from dlldecode import caches, strategies, wrappers
from dlldecode.bench import task
from dlldecode.cli import complete, main
from dlldecode.cli.shown import toml_value
from dlldecode.config import discover
from dlldecode.config.run import RunSettings
from dlldecode.config.schema import NAMING, schema
from dlldecode.core.fields import fields
from dlldecode.engine import windows
from dlldecode.engine.settings import Settings

FOLDERS = {"strategies": strategies, "caches": caches, "engine/windows": windows, "wrappers": wrappers}
SCRIPT = """
import sys
from dlldecode.cli.main import _app
try:
    _app()
except SystemExit:
    print([name for name in ("torch", "transformers", "numpy") if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture
def asked(monkeypatch, tmp_path, capsys):
    """What a shell is offered for the last of some words, each with its help where the shell shows it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "argv", ["dlldecode"])
    monkeypatch.setattr(sys.modules["__main__"], "__package__", "")  # else the program's name is that of a module
    monkeypatch.chdir(tmp_path)

    def offered(*words, shell="bash"):
        monkeypatch.setenv(complete.HEAD, "")  # so that what is left there goes with the test
        for name, value in variables(words, shell).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit):
            main._app()
        found = capsys.readouterr()
        assert not found.err
        return found.out.split("\n")[:-1]

    return offered


def variables(words, shell="bash"):
    line = ["dlldecode", *words]
    shared = {"_DLLDECODE_COMPLETE": f"complete_{shell}"}
    if shell == "bash":
        return {**shared, "COMP_WORDS": "\n".join(line), "COMP_CWORD": str(len(words))}
    return {**shared, "_TYPER_COMPLETE_ARGS": " ".join(line), "_TYPER_COMPLETE_FISH_ACTION": "get-args"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("generate -s hi", ["hierarchy"]),
        ("visualize --strategy wi", ["wino"]),
        ("generate -p paper/klass-m", ["paper/klass-math", "paper/klass-mbpp"]),
        ("bench vanilla reference/e", ["reference/eb"]),
        ("bench vanilla al", ["all"]),
        ("bench vanilla dico --against va", ["vanilla"]),
        ("tune tiny/", ["tiny/credit", "tiny/dico", "tiny/dus", "tiny/hierarchy"]),
        ("tune al", [""]),
        ("presets show ada", ["adablock"]),
        ("presets check ada", ["adablock"]),
        ("generate --cache ", ["dual", "lean", "none", "prefix", "vicinity"]),
        ("generate -m ", ["tiny", "llada", "llada-1.5", "llada-base", "dream", "dream-base"]),
        ("models pull dr", ["dream", "dream-base"]),
        ("bench --task tiny_c", ["tiny_code"]),
        ("tune dico --task _", [""]),
        ("generate --device ", ["auto", "cpu", "cuda"]),
        ("generate -S hig", ["high=", "high=0.9"]),
        ("generate -s hierarchy -S rem", ["remask=", "remask_by="]),
        ("generate -p paper/klass-math -S thr", ["threshold=", "threshold=0.9"]),
        ("bench hierarchy factor -S l", ["last_rank=", "low="]),
        ("generate -S decode.st", ["decode.steps=", "decode.stop="]),
        (
            "generate -S wrap_options.smoothing.g",
            ["wrap_options.smoothing.growth=", "wrap_options.smoothing.growth=0.02"],
        ),
        ("bench --axis batch", ["batch_size=", "batch_size=1"]),
        ("--version gen", ["generate"]),
        ("generate nothing-is-known-of-a-pro", [""]),
    ],
)
def test_values_are_completed(asked, words, expected):
    assert asked(*words.split(" ")) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("generate -S rule =", ["factor", "fixed"]),
        ("generate -S rule = fi", ["fixed"]),
        ("generate --set = rule = fi", ["fixed"]),
        ("generate -S decode.wrap = s", ["smoothing", "suffix"]),
        ("generate -S last_rank = ", [""]),  # a word of its own is the prompt
        ("generate --preset = tiny/h", ["tiny/hierarchy"]),
        ("bench --axis cache = none,d", ["none,dual"]),
        ("tune dico --grid rule = f", ["factor", "fixed"]),
        ("bench -S rule = fixed --axis cache = none,dual tiny/h", ["tiny/hierarchy"]),
    ],
)
def test_bash_cuts_words_at_equals_signs_and_is_told_what_follows_the_last(asked, words, expected):
    assert asked(*words.split(" ")) == expected


def test_other_shells_take_whole_words_and_sentences_beside_them(asked):
    assert asked("generate", "-S", "rule=fa", shell="fish") == ["rule=factor\tthe default"]
    assert asked("generate", "-s", "hier", shell="fish")[0].startswith("hierarchy\tHierarchy-dLLM")
    assert asked("bench", "--task", "gsm8k_dr", shell="fish")[0].startswith("gsm8k_dream\t")
    assert asked("models", "pull", "llada-1", shell="zsh") == [
        """_arguments '*: :(("llada-1.5":"GSAI-ML/LLaDA-1.5"))'"""
    ]


@pytest.mark.parametrize("words", ["generate -s ", "generate -S ", "bench ", "bench --task ", "bench --axis "])
def test_a_sentence_is_one_line_that_typer_neither_breaks_nor_takes_for_markup(asked, words):
    values = asked(*words.split(" "))
    found = asked(*words.split(" "), shell="fish")
    assert [line.partition("\t")[0] for line in found] == values
    assert all(len(line.partition("\t")[2]) <= complete.WIDTH for line in found)


def test_files_are_completed_where_a_value_may_be_one(asked):
    for name in ("default-mine.toml", "mine.toml", "tiny_own.jsonl", "tiny own.yaml", "tiny-model/config.json"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    assert asked("generate", "-p", "def") == ["default", "default-mine.toml"]
    assert asked("generate", "-m", "tin") == ["tiny", "tiny-model"]
    assert asked("bench", "--task", "tiny_o") == [""]
    assert asked("bench", "--task", "tiny_")[-1] == "tiny_own.jsonl"
    assert asked("generate", "-p", "min") == [""]  # the shell completes files where nothing is offered
    assert asked("generate", "-p", "mi", shell="zsh") == ["_files"]


def test_presets_of_the_user_are_completed_beside_broken_ones(asked, tmp_path):
    folder = tmp_path / "config" / "dlldecode" / "presets"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('about = "a [bold] one"\nstrategy = "eb"\n')
    (folder / "mine-broken.toml").write_text("strategy = \n")
    (folder / "mine-bytes.toml").write_bytes(b"\xff")
    (folder / "mine-gone.toml").symlink_to(folder / "nowhere.toml")
    names = ["mine", "mine-broken", "mine-bytes", "mine-gone"]
    assert asked("bench", "mine") == names
    assert asked("generate", "-p", "mine", shell="fish")[0] == "mine\ta (bold) one"
    assert asked("generate", "-p", "mine", "-S", "gam") == ["gamma=", "gamma=0.1"]
    for name in names[1:]:
        assert asked("generate", "-p", name, "-S", "gam") == ["gamma=", "gamma=0.1"]


def test_what_fails_offers_nothing(asked, monkeypatch):
    monkeypatch.setattr(discover, "preset_names", lambda: 1 / 0)
    assert asked("generate", "-p", "d") == [""]
    monkeypatch.setenv("COMP_CWORD", "none")
    complete.join_words(os.environ)


def test_parts_and_tasks_are_those_that_there_are():
    assert {folder: tuple(complete.parts(folder)) for folder in FOLDERS} == {
        folder: package.available() for folder, package in FOLDERS.items()
    }
    assert tuple(name for name, _ in complete._tasks()) == task.available()
    assert tuple(complete.NAMED) == NAMING


@pytest.mark.parametrize("name", strategies.available())
def test_settings_are_those_that_there_are(name):
    line = SimpleNamespace(params={"strategy": name}, args=[])
    known = set()
    for cache in caches.available():
        for window in windows.available():
            known |= set(schema(name, cache, window, wrappers.available()).keys())
    known -= {item.name for item in fields(RunSettings)}
    assert {knob.key for knob in complete._knobs(line)} == {key.removeprefix("strategy_options.") for key in known}


def declaring():
    yield from (("engine/settings", Settings), ("config/run", RunSettings))
    for folder, package in FOLDERS.items():
        yield from ((f"{folder}/{name}", package.kind(name)) for name in package.available())


@pytest.mark.parametrize(("file", "kind"), list(declaring()))
def test_settings_are_read_from_sources_as_they_are_when_imported(file, kind):
    def choices(item):
        bool_or_any = ("false", "true") if item.type is bool else ()
        return get_args(item.type) if get_origin(item.type) is Literal else bool_or_any

    expected = [(item.name, item.about, toml_value(item.default).strip('"'), choices(item)) for item in fields(kind)]
    assert [tuple(knob) for knob in complete._declared(file, kind.__name__)] == expected


@pytest.mark.parametrize("words", [("bench", "--axis", ""), ("generate", "-p", "paper/eb", "-S", "")])
def test_a_completion_imports_nothing_heavy(words):
    command = [sys.executable, "-c", f"import sys; sys.argv = ['dlldecode']\n{SCRIPT}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **variables(words)})
    assert done.stderr == "[]\n" and "gamma=" in done.stdout.splitlines()


def test_completion_that_cannot_be_installed_is_one_sentence(monkeypatch, capsys):
    def install(**options):
        raise PermissionError(13, "Permission denied", "/home/.bashrc")

    monkeypatch.setattr("typer.completion.install", install)
    monkeypatch.setattr(sys, "argv", ["dlldecode", "--install-completion"])
    with pytest.raises(SystemExit) as end:
        main.ended(main._app)
    assert end.value.code == 2
    sentence = (
        "--install-completion cannot write /home/.bashrc (Permission denied); --show-completion prints it instead."
    )
    assert capsys.readouterr().err == f"error: {sentence}\n"
