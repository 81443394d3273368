"""`presets`, `models`, `doctor`, and the entry point's exit codes."""

import errno
import sys

import pytest
from typer.testing import CliRunner

from dlldecode.cli import app as commands
from dlldecode.cli import main as entry
from dlldecode.cli.stderr import harmless
from dlldecode.config.toml import tomllib
from dlldecode.core import custom
from dlldecode.errors import DeviceError, DlldecodeError, ItemsFailed, ModelError, PresetError, UsageError


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def run(line):
    return CliRunner().invoke(commands.app, line.split())


def test_presets_are_listed_with_what_they_are():
    lines = run("presets ls").stdout.splitlines()
    assert lines[0].split() == ["PRESET", "ABOUT"]
    names = [line.split()[0] for line in lines[1:]]
    assert names == sorted(names) and {"default", "hierarchy", "paper/llada"} <= set(names)


def test_a_broken_preset_does_not_hide_the_others(tmp_path):
    (tmp_path / "dlldecode/presets").mkdir(parents=True)
    (tmp_path / "dlldecode/presets/mine.toml").write_text('strategy = "topk')
    shown = run("presets ls").stdout
    assert "mine" in shown and "broken: dlldecode/presets/mine.toml:1  is not valid TOML" in shown
    assert "paper/llada" in shown


def test_a_shown_preset_is_a_preset(tmp_path):
    shown = run("presets show paper/dico-non-ar").stdout
    table = tomllib.loads(shown)
    assert table["strategy"] == "dico" and table["decode"]["block_length"] == 256
    assert table["strategy_options"]["seeds"] == 8 and table["strategy_options"]["tau_low"] == 0.6
    (tmp_path / "again.toml").write_text(shown)
    assert run("presets check again.toml").stdout == "again.toml is a valid preset for dico.\n"


def test_a_shown_preset_with_conditions_is_one_too(tmp_path):
    shown = run("presets show prior").stdout
    assert tomllib.loads(shown)["tune"]["wrap_options.prior.rate"]["when"] == {"wrap_options.prior.fall": "decay"}
    (tmp_path / "again.toml").write_text(shown)
    assert run("presets check again.toml").stdout == "again.toml is a valid preset for vanilla.\n"


def test_origins(tmp_path):
    (tmp_path / "dlldecode.toml").write_text("[decode]\nmax_tokens = 64\n")
    (tmp_path / "mine.toml").write_text('strategy = "topk"\n[strategy_options]\nk = 3\n')
    shown = run("presets show mine.toml --origin").stdout
    assert "k = 3  # mine.toml:3\n" in shown and "max_tokens = 64  # dlldecode.toml:2\n" in shown
    assert 'cache = "none"  # built-in default\n' in shown and '# model = "tiny"  (built-in default)\n' in shown


def test_a_bad_preset_is_refused(tmp_path):
    (tmp_path / "bad.toml").write_text("[decode]\nseeed = 1\n")
    error = run("presets check bad.toml").exception
    assert isinstance(error, PresetError)
    assert error.problems == ("bad.toml:2  decode.seeed is not a setting; did you mean decode.seed?",)


def test_where_presets_lie(tmp_path):
    first, second = run("presets path").stdout.splitlines()
    assert first.startswith(str(tmp_path)) and second.endswith("presets")


def test_models_and_aliases_are_listed():
    lines = run("models ls").stdout.splitlines()
    assert any(line.startswith("llada ") and "GSAI-ML/LLaDA-8B-Instruct" in line for line in lines)


def test_doctor_names_versions_and_devices():
    shown = run("doctor").stdout
    assert all(f"\n{name} " in shown for name in ("dlldecode", "torch", "cpu", "cuda", "hub cache", "terminal"))


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (DlldecodeError("a."), 1, "error: a.\n"),
        (UsageError("b."), 2, "error: b.\n"),
        (ModelError("c."), 3, "error: c.\n"),
        (DeviceError("d."), 4, "error: d.\n"),
        (ItemsFailed("e."), 5, "error: e.\n"),
        (MemoryError(), 4, "error: out of memory"),
        (OSError(errno.ENOSPC, "no"), 1, "error: the disk is full"),
        (OSError(errno.EIO, "bad disk"), 1, "error: unexpected OSError: [Errno 5] bad disk"),
        (ValueError("f\ng"), 1, "error: unexpected ValueError: f g; see where with --debug"),
    ],
)
def test_every_error_is_a_sentence_and_an_exit_code(monkeypatch, capsys, error, code, shown):
    def fail():
        raise error

    monkeypatch.setattr(commands, "app", fail)
    monkeypatch.setattr(custom, "blamed", lambda error: None)  # other tests have loaded strategies of a user's own
    monkeypatch.setattr(entry, "_take_signals", lambda handler: None)
    monkeypatch.setattr(sys, "argv", ["dlldecode"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == code
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(shown) and "Traceback" not in err


def test_characters_that_turn_text_round_are_shown():
    assert harmless("a\u202eb\u2066c\x1b[2J\n\t\u00fc") == "a\\x202eb\\x2066c\\x1b[2J\n\t\u00fc"
