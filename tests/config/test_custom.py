"""A strategy in a file of the user's own: how it is named in presets, files and Python, and what results say of it."""

from pathlib import Path

import pytest

import dlldecode
from dlldecode.batch import recipe
from dlldecode.config.assemble import Request, check_preset, resolve, set_layer
from dlldecode.core import custom
from dlldecode.errors import PresetError, UsageError
from dlldecode.models.toy import Toy

SHIPPED = Path(dlldecode.__file__).parent / "strategies" / "threshold.py"
PRESET = """strategy = "../mine.py"
[strategy_options]
threshold = 0.7
[tune]
"strategy_options.threshold" = { low = 0.5, high = 0.9 }
"""


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    """A copy of a shipped strategy in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "p.toml").write_text(PRESET)
    file = tmp_path / "mine.py"
    file.write_text(SHIPPED.read_text())
    custom.reread()
    return file


def test_it_is_named_by_its_path_wherever_it_is_named_from(mine, monkeypatch):
    found = resolve(Request(strategy="./mine.py", layers=(set_layer(["threshold=0.8"]),)))
    assert (found.strategy, found.preset, found.options["threshold"]) == (str(mine), str(mine), 0.8)
    monkeypatch.setenv("DLLDECODE_STRATEGY", "presets/../mine.py")
    assert resolve(Request()).strategy == str(mine)
    assert resolve(Request(preset="mine.py")).strategy == str(mine)


def test_a_preset_names_it_seen_from_its_own_folder(mine, monkeypatch):
    monkeypatch.chdir("/")
    name = str(mine.parent / "presets" / "p.toml")
    found = resolve(Request(preset=name))
    assert (found.strategy, found.preset, found.options["threshold"]) == (str(mine), name, 0.7) and found.tune
    assert resolve(Request(strategy=str(mine), preset=name)).options == found.options
    assert check_preset(name).strategy == str(mine)
    with pytest.raises(UsageError, match=f"uses the strategy {mine}, not dico"):
        resolve(Request(strategy="dico", preset=name))


def test_what_is_wrong_is_told_where_the_preset_says_it(mine):
    mine.write_text("def\n")
    with pytest.raises(PresetError, match=rf"^presets/p\.toml:1  strategy: {mine}:1 is not valid Python: "):
        check_preset("presets/p.toml")
    mine.write_text(SHIPPED.read_text())
    custom.reread()
    with pytest.raises(PresetError, match=r"^--set treshold is not a setting; did you mean strategy_options.threshold"):
        resolve(Request(strategy="mine.py", layers=(set_layer(["treshold=0.8"]),)))
    with pytest.raises(PresetError, match=r"^--set threshold = 8; must be less than or equal to 1"):
        resolve(Request(strategy="mine.py", layers=(set_layer(["threshold=8"]),)))
    with pytest.raises(PresetError, match=f"decode.steps = 8, but {mine} chooses its own number"):
        (mine.parent / "presets" / "p.toml").write_text(PRESET + "[decode]\nsteps = 8\n")
        check_preset("presets/p.toml")


@pytest.mark.parametrize("text", ['strategy = "mine.py"', 'preset = "presets/p.toml"'])
def test_a_configuration_file_runs_no_code(mine, text):
    mine.write_text("raise SystemExit\n")
    (mine.parent / "dlldecode.toml").write_text(text)
    with pytest.raises(UsageError, match=f"^{mine} is code, which no configuration file runs by itself"):
        resolve(Request())
    assert resolve(Request(strategy="dico")).strategy == "dico"


def test_the_hash_follows_the_text_of_the_file_alone(mine):
    plain = resolve(Request(strategy="mine.py"))
    copy = mine.rename(mine.with_name("copy.py"))
    assert resolve(Request(strategy="copy.py")).preset_hash == plain.preset_hash
    copy.write_text(copy.read_text() + "# more\n")
    custom.reread()
    assert resolve(Request(strategy="copy.py")).preset_hash != plain.preset_hash
    assert plain.preset_hash != resolve(Request(strategy="threshold")).preset_hash


def test_a_process_that_reads_another_text_than_the_settings_are_of_does_not_decode(mine):
    found = resolve(Request(strategy="mine.py"))
    mine.write_text(SHIPPED.read_text() + "# more\n")
    assert recipe(found).strategy.threshold == found.options["threshold"], "edited while it runs"
    custom.reread()  # as in a worker of a cluster, which reads it later
    with pytest.raises(UsageError, match=f"{mine} has changed since the run began"):
        recipe(found)


def test_from_python_by_path_which_is_read_anew_at_every_call(mine):
    def forwards(strategy):
        found = dlldecode.generate(Toy(answer="it is 42"), "x", strategy=strategy, max_tokens=16)
        assert found.record()["strategy"] == str(mine) and found.text == "it is 42"
        return found.forwards, found.record()["preset_hash"]

    first = forwards("mine.py")
    assert first == forwards(Path("mine.py")) == forwards(mine)
    mine.write_text(SHIPPED.with_name("topk.py").read_text())
    second = forwards("mine.py")
    assert first[0] != second[0] and first[1] != second[1]
    named = [event for event in dlldecode.stream(Toy(answer="x"), "x", strategy=mine, max_tokens=8)]
    assert type(named[-1]).__name__ == "Finished"


def test_objects_are_refused_with_what_to_give():
    from dlldecode.strategies.topk import Topk

    for given in (Topk, Topk(k=3)):
        with pytest.raises(UsageError, match=r"^strategy = .*; must be text, a name or a file$"):
            dlldecode.generate(Toy(answer="x"), "x", strategy=given)


def test_needs_that_nobody_meets(mine):
    mine.write_text(mine.read_text().replace("    threshold:", '    needs = frozenset({"margins"})\n    threshold:', 1))
    with pytest.raises(UsageError, match=f"^{mine} needs margins; there are entropy, logits, margin"):
        recipe(resolve(Request(strategy="mine.py")))
