import pytest

from dlldecode import strategies
from dlldecode.config import discover
from dlldecode.config.assemble import Request, check_preset, resolve
from dlldecode.config.toml import key_lines
from dlldecode.errors import PresetError, UsageError

BROKEN = """\
about = "x"
extends = "default"
strategy = "hierarchy"
colour = 1

[decode]
block_lenght = 3
max_tokens = 0
high = 0.3

[strategy_options]
high = 2
lo = 0.2

[tune]
"strategy_options.hihg" = { low = 1, high = 2 }
"strategy_options.high" = { low = 0.9, high = 0.3 }
"decode.stop" = { low = 1 }
"""


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No configuration of the machine reaches a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def problems(name):
    with pytest.raises(PresetError) as raised:
        check_preset(name)
    return raised.value.problems


@pytest.mark.parametrize("name", sorted(discover.preset_names()))
def test_every_shipped_preset_is_valid_and_says_what_it_is(name):
    preset = check_preset(name)
    assert preset.about and preset.tune
    assert resolve(Request(preset=name)).strategy == preset.strategy


def test_every_strategy_has_a_preset_under_its_own_name():
    for name in strategies.available():
        assert check_preset(name).strategy == name


def test_everything_wrong_is_said_at_once_with_lines_and_nearest_keys(tmp_path):
    path = write(tmp_path / "bad.toml", BROKEN)
    assert problems(path) == (
        "bad.toml:4  colour is not a setting; a preset holds about, extends, strategy, decode, strategy_options, "
        "cache_options, window_options, wrap, wrap_options, tune",
        "bad.toml:7  decode.block_lenght is not a setting; did you mean decode.block_length?",
        "bad.toml:8  decode.max_tokens = 0; must be greater than or equal to 1",
        "bad.toml:9  decode.high is not a setting; did you mean strategy_options.high?",
        "bad.toml:12  strategy_options.high = 2; must be less than or equal to 1",
        "bad.toml:13  strategy_options.lo is not a setting; did you mean strategy_options.low?",
        "bad.toml:16  tune.strategy_options.hihg is not a setting; did you mean strategy_options.high?",
        "bad.toml:17  tune.strategy_options.high = {'low': 0.9, 'high': 0.3}; low must be below high",
        "bad.toml:18  tune.decode.stop = {'low': 1}; must be { low = , high = , step = } or { choices = [ ] }",
    )
    with pytest.raises(PresetError, match=r"9 problems\.$"):
        check_preset(path)
    with pytest.raises(PresetError, match=r"9 problems\. Check with: dlldecode presets check bad\.toml"):
        resolve(Request(preset=path))


def test_wrappers_and_their_options_are_checked(tmp_path):
    text = """strategy = "topk"
wrap = ["prior", "prio"]
[wrap_options]
rate = 0.5
[wrap_options.prior]
rat = 1
rate = -1
[wrap_options.verify]
drafts = 2
"""
    assert problems(write(tmp_path / "w.toml", text)) == (
        "w.toml:2  wrap = 'prio'; there is no wrapper 'prio'; did you mean prior?",
        "w.toml:4  wrap_options.rate = 0.5; write [wrap_options.WRAPPER] and settings below it",
        "w.toml:6  wrap_options.prior.rat is not a setting; did you mean wrap_options.prior.rate?",
        "w.toml:7  wrap_options.prior.rate = -1; must be greater than or equal to 0",
        "w.toml:9  wrap_options.verify.drafts is not a setting, since wrap does not name verify; "
        "add verify to decode.wrap",
    )


def test_wrappers_of_a_preset_and_of_the_one_that_extends_it(tmp_path):
    head = 'strategy = "topk"\nwrap = ["prior", "verify"]\n'
    write(tmp_path / "base.toml", f"{head}[wrap_options.prior]\nrate = 0.5\n[wrap_options.verify]\ndrafts = 2\n")
    same = resolve(Request(preset=str(write(tmp_path / "same.toml", 'extends = "base.toml"\n'))), outside=False)
    assert same.settings.wrap == ("prior", "verify") and same.wrap_options["verify"] == {"drafts": 2}
    assert same.values()["wrap_options.prior.rate"] == 0.5
    other = write(
        tmp_path / "other.toml", 'extends = "base.toml"\nwrap = ["verify"]\n[wrap_options.verify]\ndrafts = 1\n'
    )
    found = resolve(Request(preset=str(other)), outside=False)
    assert found.wrap_options == {"verify": {"drafts": 1}} and found.preset_hash != same.preset_hash


def test_a_preset_inherits_the_options_of_a_wrapper_that_its_parent_names_by_text(tmp_path):
    write(tmp_path / "base.toml", 'strategy = "topk"\n[decode]\nwrap = "prior"\n[wrap_options.prior]\nrate = 0.5\n')
    found = resolve(Request(preset=write(tmp_path / "child.toml", 'extends = "base.toml"\n')), outside=False)
    assert found.wrap_options["prior"]["rate"] == 0.5 and found.origin("wrap_options.prior.rate") == "base.toml:5"
    text = 'strategy = "topk"\nwrap = "prior"\n[wrap_options.prior]\nrate = 0.5\n'
    assert resolve(Request(preset=write(tmp_path / "top.toml", text))).wrap_options == found.wrap_options
    found = resolve(Request(preset=write(tmp_path / "bare.toml", 'extends = "base.toml"\nwrap = []\n')), outside=False)
    assert found.wrap_options == {} and "wrap_options.prior.rate" not in found.places


def test_of_its_parents_search_space_a_preset_loses_what_belongs_to_parts_that_it_replaces(tmp_path):
    tune = """[tune]
"decode.block_length" = { choices = [8, 16], when = { "wrap_options.prior.fall" = "decay" } }
"wrap_options.prior.rate" = { choices = [0.1, 0.2] }
"wrap_options.suffix.near" = { choices = [8, 16], when = { "decode.wrap" = "suffix" } }
"strategy_options.k" = { choices = [1, 2] }
"""
    write(tmp_path / "base.toml", f'strategy = "topk"\nwrap = ["prior"]\n{tune}')
    same = check_preset(write(tmp_path / "same.toml", 'extends = "base.toml"\n'))
    bare = check_preset(write(tmp_path / "bare.toml", 'extends = "base.toml"\nwrap = []\n'))
    assert len(same.tune) == 4 and set(bare.tune) == {"wrap_options.suffix.near", "strategy_options.k"}


def test_options_for_any_cache_carry_over_to_the_first_one_that_is_named(tmp_path):
    text = 'extends = "reference/fast-dllm"\n[decode]\ncache = "dual"\n'
    assert resolve(Request(preset=write(tmp_path / "dual.toml", text)), outside=False).cache_options["linger"]


def test_options_of_a_wrapper_that_nobody_names_are_told_in_a_child_too(tmp_path):
    write(tmp_path / "base.toml", 'strategy = "topk"\n[wrap_options.prior]\nrate = 0.5\n')
    assert problems(write(tmp_path / "child.toml", 'extends = "base.toml"\n'))[0].startswith("base.toml:3  wrap_opt")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('strategy = "hierachy"', "p.toml:1  strategy: there is no strategy 'hierachy'; did you mean hierarchy?"),
        ("strategy = 3", "p.toml:1  strategy = 3; must be text"),
        (
            "wrap = ['prior']\n[decode]\nseed = 1\nwrap = ['verify']",
            "p.toml:1  wrap and decode.wrap (p.toml:4) both name the wrappers; leave one of them out",
        ),
        ("\nsteps = 3", "p.toml:2  steps is not a setting here; it stands under [decode]"),
        ("\n[wrap.prior]\nrate = 1", "p.toml:2  wrap = {'prior': {'rate': 1}}; must be a list of names"),
        ("\ndecode = 3", "p.toml:2  decode = 3; must be a table"),
        ("a = ", "p.toml:1  is not valid TOML"),
        ('\nextends = "nobody"', "p.toml:2  extends: there is no preset 'nobody'"),
        ('extends = "p.toml"', "p.toml:1  extends goes in a circle: p > p"),
        ("[decode]\nseed = true", "p.toml:2  decode.seed = True; must be a whole number"),
        ("\n[decode]\ncache = 'prefx'", "p.toml:3  decode.cache = 'prefx'; there is no cache 'prefx'; "),
        ("[tune]\n'decode.cache' = { choices = ['nobody'] }", "p.toml:2  tune.decode.cache = 'nobody'; there is no"),
        ("strategy = 'dico'\n[decode]\nsteps = 8", "p.toml:3  decode.steps = 8, but dico chooses its own"),
        ("strategy = 'vanilla'\n[decode]\nsteps = 3", "p.toml:3  decode.steps = 3 is less than one for each of the 4"),
        (
            "strategy = 'topk'\n\nwrap = ['smoothing', 'verify']",
            "p.toml:3  wrap has smoothing and verify, but what smoothing shows the model cannot be guessed ahead; "
            "leave one of them out.",
        ),
        ("strategy = 'topk'\nwrap = ['prior', 'prior']", "p.toml:2  wrap names prior twice; once is enough."),
        ("strategy = 'topk'\n[decode]\nwrap = ['prior', 'prior']", "p.toml:3  decode.wrap names prior twice; once"),
        (
            "strategy = 'wino'\n[decode]\ncfg_scale = 0.5",
            "p.toml:3  decode.cfg_scale = 0.5, but wino asks for shadows, which guidance has not; leave one of them",
        ),
        ("[tune]\n'decode.seed' = { choices = [] }", "p.toml:2  tune.decode.seed = {'choices': []}; choices must be"),
    ],
)
def test_one_problem(tmp_path, text, start):
    write(tmp_path / "p.toml", text)
    assert problems("p.toml")[0].startswith(start)
    with pytest.raises(PresetError) as raised:
        check_preset("p.toml")
    assert "presets check" not in str(raised.value)


def test_a_preset_extends_a_file_beside_it_and_a_longer_circle_ends(tmp_path):
    write(tmp_path / "deep/base.toml", 'strategy = "hierarchy"\n[decode]\nblock_length = 8\nstop = "none"\n')
    child = write(tmp_path / "deep/child.toml", 'extends = "base.toml"\n[decode]\nblock_length = 16\n')
    settings = resolve(Request(preset=child)).settings
    assert (settings.block_length, settings.stop) == (16, "none")
    write(tmp_path / "deep/base.toml", 'extends = "child.toml"')
    assert "circle: child > base > child" in problems(child)[0]


def test_options_of_another_strategy_do_not_carry_over(tmp_path):
    write(tmp_path / "a.toml", 'strategy = "hierarchy"\n[strategy_options]\nhigh = 0.8\n[decode]\nmax_tokens = 64\n')
    write(tmp_path / "b.toml", 'extends = "a.toml"\nstrategy = "threshold"\n')
    found = resolve(Request(preset="b.toml"))
    assert found.options == {"threshold": 0.9} and found.settings.max_tokens == 64


def test_a_users_preset_stands_before_a_shipped_one(tmp_path):
    text = 'strategy = "hierarchy"\n[strategy_options]\nhigh = 0.5\n'
    write(tmp_path / "home/dlldecode/presets/hierarchy.toml", text)
    assert resolve(Request(strategy="hierarchy")).options["high"] == 0.5


@pytest.mark.parametrize("name", ["nobody", "nobody.toml", "paper/lada"])
def test_a_preset_that_is_not_there(name):
    with pytest.raises(UsageError, match="there is no preset"):
        resolve(Request(preset=name))


def test_a_name_whose_file_is_there_is_told(tmp_path, monkeypatch):
    write(tmp_path / "bold.toml", 'strategy = "topk"\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"there is no preset 'bold'; did you mean bold\.toml\?"):
        resolve(Request(preset="bold"))


def test_lines_of_keys():
    text = 'a = 1\n[t]\n# x = 1\n"b.c" = 2\nd.e = 3\ns = """\nno = 1\n"""\n[t."u v"]\nf = [\n  1,\n]\ng = 1\n'
    assert key_lines(text) == {
        ("a",): 1,
        ("t",): 2,
        ("t", "b.c"): 4,
        ("t", "d", "e"): 5,
        ("t", "s"): 6,
        ("t", "u v"): 9,
        ("t", "u v", "f"): 10,
        ("t", "u v", "g"): 13,
    }
