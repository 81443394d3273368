"""What becomes of options whose cache, window rule or wrapper a stronger layer has replaced."""

import pytest

from dlldecode.config.assemble import Request, check_preset, resolve, set_layer
from dlldecode.config.layers import Layer
from dlldecode.errors import PresetError

OWN = """\
strategy = "threshold"
wrap = ["prior"]
[decode]
cache = "vicinity"
window = "adablock"
[cache_options]
look_ahead = 4
refresh = 8
[window_options]
likely = 0.5
[wrap_options.prior]
rate = 0.5
[tune]
"cache_options.look_ahead" = { choices = [4, 8] }
"window_options.likely" = { low = 0.1, high = 0.9 }
"wrap_options.prior.rate" = { low = 0.1, high = 0.9, when = { "wrap_options.prior.fall" = "decay" } }
"wrap_options.verify.drafts" = { choices = [1, 2], when = { "decode.wrap" = "verify" } }
"decode.block_length" = { choices = [8, 16], when = { "wrap_options.prior.fall" = "decay" } }
"strategy_options.threshold" = { low = 0.6, high = 0.9 }
"""
PLAIN = {"strategy_options.threshold", "wrap_options.verify.drafts"}
AROUND = {"wrap_options.prior.rate", "decode.block_length"}


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A folder with one preset in it, and no configuration of the machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "own.toml").write_text(OWN)
    return tmp_path


def found(*assignments, preset="own.toml"):
    return resolve(Request(preset=preset, layers=(set_layer(assignments),)))


@pytest.mark.parametrize(
    ("assignment", "table", "tune"),
    [
        ("decode.cache=dual", "cache_options", PLAIN | AROUND | {"window_options.likely"}),
        ("decode.window=fixed", "window_options", PLAIN | AROUND | {"cache_options.look_ahead"}),
        ("decode.window=multiblock", "window_options", PLAIN | AROUND | {"cache_options.look_ahead"}),
        ("decode.wrap=[]", "wrap_options", PLAIN | {"cache_options.look_ahead", "window_options.likely"}),
    ],
)
def test_options_fall_away_with_the_part_that_they_belong_to(assignment, table, tune):
    assert not check_preset("own.toml").problems
    before, after = found(), found(assignment)
    gone = {key for key in before.places if key not in after.places}
    assert gone == {key for key in before.places if key.startswith(table)} - {"cache_options.refresh"}
    assert set(after.tune) == tune and set(before.tune) == tune | set(before.tune)


def test_an_option_that_the_new_part_has_too_stays():
    assert found("decode.cache=dual").cache_options == {"refresh": 8, "linger": False}
    linger = found("decode.cache=dual", preset="reference/fast-dllm-dream").cache_options["linger"]
    assert linger, "of the preset, which is made for both of its caches"


def test_a_wrapper_that_stays_among_others_keeps_its_options():
    after = found('decode.wrap=["verify", "prior"]', "wrap_options.verify.drafts=2")
    assert after.wrap_options["prior"]["rate"] == 0.5 and after.wrap_options["verify"] == {"drafts": 2}


def test_variables_and_project_files_replace_parts_too(alone, monkeypatch):
    monkeypatch.setenv("DLLDECODE_WINDOW", "fixed")
    monkeypatch.setenv("DLLDECODE_WRAP", "verify")
    assert (found().settings.window, found().settings.wrap) == ("fixed", ("verify",))
    monkeypatch.delenv("DLLDECODE_WRAP")
    (alone / "dlldecode.toml").write_text('preset = "own.toml"\n[decode]\nwrap = []\n')
    assert (resolve(Request()).settings.wrap, resolve(Request()).strategy) == ((), "threshold")
    assert found().settings.wrap == ("prior",), "named, the preset stands above the file"


def test_options_of_an_axis_that_takes_their_part_away():
    axis = Layer({"decode.wrap": []}, {"decode.wrap": "--axis decode.wrap"})
    given = set_layer(["wrap_options.prior.rate=0.2"])
    assert resolve(Request(preset="own.toml", layers=(axis, given))).wrap_options == {}


@pytest.mark.parametrize(
    ("old", "new", "assignment", "line"),
    [
        ("likely = 0.5", "likley = 0.5", "decode.window=fixed", "own.toml:10  window_options.likley is not a setting"),
        ("likely = 0.5", "likely = 5", "decode.window=fixed", "own.toml:10  window_options.likely = 5; must be less"),
        ("rate = 0.5", "rat = 0.5", "decode.wrap=[]", "own.toml:12  wrap_options.prior.rat is not a setting; did you"),
        ("options.prior]", "options.suffix]", "decode.wrap=[]", "own.toml:12  wrap_options.suffix.rate is not"),
        ("0.9, when", "-1, when", "decode.wrap=[]", "own.toml:16  tune.wrap_options.prior.rate = -1; must be greater"),
        ("look_ahead = 4", "look_behnd = 4", "decode.cache=dual", "own.toml:7  cache_options.look_behnd is not"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_its_own_terms_stays_an_error(alone, old, new, assignment, line):
    (alone / "own.toml").write_text(OWN.replace(old, new))
    with pytest.raises(PresetError) as raised:
        found(assignment)
    assert raised.value.problems[0].startswith(line)


def test_one_command_line_does_not_replace_its_own_parts():
    with pytest.raises(PresetError, match=r"--set wrap_options\.prior\.rate is not a setting"):
        found("decode.wrap=[]", "wrap_options.prior.rate=0.2")
