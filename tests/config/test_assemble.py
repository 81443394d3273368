import pytest

from dlldecode.config import discover
from dlldecode.config.assemble import BUILT_IN, Request, resolve, set_layer
from dlldecode.config.layers import Layer
from dlldecode.errors import PresetError, UsageError


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A project folder and a home of its own for every test."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def flag(**values):
    named = {key.replace("__", "."): value for key, value in values.items()}
    return Layer(named, {key: f"--{key}" for key in named})


def test_nothing_named_is_dico_on_tiny():
    found = resolve(Request())
    assert (found.strategy, found.preset, found.run.model, found.run.batch_size) == ("dico", "default", "tiny", 1)
    assert found.origin("decode.block_length") == BUILT_IN


def test_each_layer_stands_above_the_next(alone, monkeypatch):
    write(alone / "home/dlldecode/config.toml", "[decode]\nblock_length = 1\n")
    seen = [resolve(Request(strategy="hierarchy"))]
    write(alone / "work/dlldecode.toml", "[decode]\nblock_length = 2\n")
    seen.append(resolve(Request(strategy="hierarchy")))
    write(alone / "work/mine.toml", 'strategy = "hierarchy"\n[decode]\nblock_length = 3\n')
    seen.append(resolve(Request(preset="mine.toml")))
    monkeypatch.setenv("DLLDECODE_BLOCK_LENGTH", "4")
    seen.append(resolve(Request(preset="mine.toml")))
    layers = (set_layer(["decode.block_length=5"]),)
    seen.append(resolve(Request(preset="mine.toml", layers=layers)))
    layers = (flag(decode__block_length=6), *layers)
    seen.append(resolve(Request(preset="mine.toml", layers=layers)))
    assert [found.settings.block_length for found in seen] == [1, 2, 3, 4, 5, 6]
    assert [found.origin("decode.block_length") for found in seen] == [
        str(alone / "home/dlldecode/config.toml:2"),
        "dlldecode.toml:2",
        "mine.toml:3",
        "DLLDECODE_BLOCK_LENGTH",
        "--set decode.block_length",
        "--decode.block_length",
    ]


def test_a_preset_that_nobody_named_stands_beneath_the_project_file(alone):
    write(alone / "work/mine.toml", 'strategy = "hierarchy"\n[decode]\nblock_length = 3\nmax_tokens = 30\n')
    write(alone / "work/dlldecode.toml", 'preset = "mine.toml"\nmodel = "dream"\n[decode]\nblock_length = 2\n')
    found = resolve(Request())
    assert (found.strategy, found.settings.block_length, found.settings.max_tokens) == ("hierarchy", 2, 30)
    assert found.run.model == "dream" and resolve(Request(strategy="topk")).strategy == "topk"


def test_options_in_a_project_file_go_to_their_own_strategy(alone):
    write(
        alone / "work/pyproject.toml",
        "[tool.dlldecode.strategy_options.hierarchy]\nhigh = 0.7\n[tool.dlldecode.strategy_options.topk]\nk = 3\n",
    )
    assert resolve(Request(strategy="hierarchy")).options["high"] == 0.7
    assert resolve(Request(strategy="topk")).options == {"k": 3}
    assert resolve(Request(strategy="topk")).origin("strategy_options.k") == "pyproject.toml:4"


def test_only_the_nearest_project_file_counts(alone, monkeypatch):
    write(alone / "dlldecode.toml", "[decode]\nmax_tokens = 9\nblock_length = 9\n")
    assert resolve(Request()).settings.max_tokens == 9
    write(alone / "work/pyproject.toml", "[tool.other]\n")
    assert resolve(Request()).settings.max_tokens == 9
    write(alone / "work/dlldecode.toml", "[decode]\nblock_length = 8\n")
    assert (resolve(Request()).settings.max_tokens, resolve(Request()).settings.block_length) == (128, 8)
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    assert resolve(Request()).settings.block_length == 32


def test_everything_wrong_in_a_project_file_is_said_at_once(alone):
    write(
        alone / "work/dlldecode.toml",
        'modle = "x"\nbatch_size = 0\n[decode]\nseeed = 1\n[strategy_options.hierachy]\nhigh = 1\n'
        "[strategy_options.hierarchy]\nhigh = 3\nhihg = 1\n",
    )
    with pytest.raises(PresetError) as raised:
        resolve(Request())
    assert raised.value.problems == (
        "dlldecode.toml:1  modle is not a setting; did you mean model?",
        "dlldecode.toml:2  batch_size = 0; must be greater than or equal to 1",
        "dlldecode.toml:4  decode.seeed is not a setting; did you mean decode.seed?",
        "dlldecode.toml:5  strategy_options.hierachy names no strategy; did you mean strategy_options.hierarchy?",
        "dlldecode.toml:8  strategy_options.hierarchy.high = 3; must be less than or equal to 1",
        "dlldecode.toml:9  strategy_options.hierarchy.hihg is not a setting; did you mean "
        "strategy_options.hierarchy.high?",
    )


def test_what_stands_elsewhere_than_in_a_project_file_is_told_with_its_line(alone):
    write(
        alone / "work/pyproject.toml",
        '[tool.dlldecode]\nwrap = ["prior"]\nblock_length = 8\nstrategyy = "dico"\n'
        "[tool.dlldecode.wrap_options.prior]\nrate = 0.1\n[tool.dlldecode.window_options]\nlikely = 0.1\n",
    )
    with pytest.raises(PresetError) as raised:
        resolve(Request())
    assert raised.value.problems == (
        "pyproject.toml:2  wrap is not a setting here; it stands under [decode]",
        "pyproject.toml:3  block_length is not a setting here; it stands under [decode]",
        "pyproject.toml:4  strategyy is not a setting; did you mean strategy?",
        'pyproject.toml:5  wrap_options is not a setting here; it belongs in a preset, which preset = "NAME" names',
        'pyproject.toml:7  window_options is not a setting here; it belongs in a preset, which preset = "NAME" names',
    )


def test_the_strategy_and_the_preset_must_agree():
    with pytest.raises(UsageError, match="the preset hierarchy uses the strategy hierarchy, not dico"):
        resolve(Request(strategy="dico", preset="hierarchy"))
    assert resolve(Request(strategy="hierarchy", preset="paper/hierarchy-32-512")).settings.max_tokens == 512


def test_an_unknown_strategy_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="there is no strategy 'hierachy'; did you mean hierarchy"):
        resolve(Request(strategy="hierachy"))


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("high=0.7", "strategy_options.high", 0.7),
        ("high = 1", "strategy_options.high", 1.0),
        ("remask_by=written", "strategy_options.remask_by", "written"),
        ('remask_by="written"', "strategy_options.remask_by", "written"),
        ("decode.stop=none", "decode.stop", "none"),
        ("decode.steps=none", "decode.steps", None),
    ],
)
def test_set_takes_toml_values_and_bare_words(text, key, value):
    assert resolve(Request(strategy="hierarchy", layers=(set_layer([text]),))).values()[key] == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("high", "write KEY=VALUE"),
        ("=1", "write KEY=VALUE"),
        ("hihg=1", "--set hihg is not a setting; did you mean strategy_options.high?"),
        ("high=2", "--set high = 2; must be less than or equal to 1"),
        ("foo.bar=2", "--set foo.bar is not a setting; settings begin with decode"),
    ],
)
def test_set_that_cannot_be_used(text, message):
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        resolve(Request(strategy="hierarchy", layers=(set_layer([text]),)))


def test_the_environment(monkeypatch):
    monkeypatch.setenv("DLLDECODE_STRATEGY", "topk")
    monkeypatch.setenv("DLLDECODE_MODEL", "123")
    monkeypatch.setenv("DLLDECODE_OFFLINE", "1")
    monkeypatch.setenv("DLLDECODE_MAX_TOKENS", "12")
    monkeypatch.setenv("DLLDECODE_DEBUG", "1")
    found = resolve(Request())
    assert (found.strategy, found.run.model, found.run.offline, found.settings.max_tokens) == ("topk", "123", True, 12)
    assert resolve(Request(strategy="hierarchy")).strategy == "hierarchy"
    assert resolve(Request(), outside=False).settings.max_tokens == 128
    monkeypatch.setenv("DLLDECODE_MAX_TOKENS", "many")
    monkeypatch.setenv("DLLDECODE_BLOCKLENGTH", "8")
    monkeypatch.setenv("DLLDECODE_WRAP_OPTIONS", "{prior = {rate = 0.1}}")
    monkeypatch.setenv("DLLDECODE_CACHE_OPTIONS_REFRESH", "8")
    monkeypatch.setenv("DLLDECODE_OF_SOMEONE_ELSE", "8")
    with pytest.raises(PresetError) as raised:
        resolve(Request())
    assert set(raised.value.problems) == {
        "DLLDECODE_MAX_TOKENS = 'many'; must be a valid integer",
        "DLLDECODE_BLOCKLENGTH is not a setting; did you mean DLLDECODE_BLOCK_LENGTH?",
        "DLLDECODE_WRAP_OPTIONS is not a setting; no variable holds wrap_options; put them into a preset, or give "
        "them with --set",
        "DLLDECODE_CACHE_OPTIONS_REFRESH is not a setting; no variable holds cache_options; put them into a preset, or "
        "give them with --set",
    }


def test_the_hash_follows_what_decides_and_nothing_else(alone):
    plain = resolve(Request(strategy="hierarchy"))
    same = resolve(Request(strategy="hierarchy", layers=(flag(decode__seed=3, model="x", decode__temperature=0),)))
    other = resolve(Request(strategy="hierarchy", layers=(set_layer(["high=0.91"]),)))
    assert plain.preset_hash == same.preset_hash != other.preset_hash
    assert plain.preset_hash == resolve(Request(preset="hierarchy")).preset_hash


def test_shipped_presets_are_found_from_any_folder():
    assert {"default", "dico", "hierarchy", "vanilla", "paper/llada"} <= set(discover.preset_names())


# Cache options


def test_cache_options_follow_the_cache_that_is_named(tmp_path):
    given = Layer(
        {"decode.cache": "vicinity", "cache_options.look_ahead": 4},
        {"decode.cache": "", "cache_options.look_ahead": ""},
    )
    found = resolve(Request(layers=(given,)), outside=False)
    assert found.cache_options == {
        "refresh": 0,
        "linger": False,
        "look_behind": 16,
        "look_ahead": 4,
        "warm_up_steps": 4,
    }
    with pytest.raises(PresetError, match=r"since cache is not vicinity; add decode\.cache=vicinity"):
        resolve(
            Request(layers=(Layer({"cache_options.look_ahead": 4}, {"cache_options.look_ahead": "here"}),)),
            outside=False,
        )


def test_window_options_follow_the_window_rule_that_is_named():
    given = set_layer(["decode.window=adablock", "window_options.delimiters=['.', 5]"])
    found = resolve(Request(strategy="threshold", layers=(given,)), outside=False)
    assert found.window_options == {"delimiters": (".", 5), "likely": 0.3, "outlook": 0.25}
    assert found.values()["window_options.likely"] == 0.3
    plain = resolve(Request(strategy="threshold"), outside=False)
    assert (plain.window_options, plain.settings.window) == ({}, "fixed") and plain.preset_hash != found.preset_hash
    for wrong, sentence in (
        (["window_options.likely=0.3"], "window_options.likely is not a setting, since window is not adablock; add"),
        (["decode.window=adablok"], "--set decode.window = 'adablok'; there is no window rule 'adablok'; did you mean"),
        (["decode.window=adablock", "window_options.outlook=0"], "window_options.outlook = 0; must be greater than 0"),
        (["decode.window=adablock", "window_options.delimiters=[1.5]"], "window_options.delimiters = [1.5]; must be"),
    ):
        with pytest.raises(PresetError) as raised:
            resolve(Request(strategy="threshold", layers=(set_layer(wrong),)), outside=False)
        assert sentence in raised.value.problems[0]


def test_a_preset_that_names_another_window_rule_drops_its_parents_window_options(tmp_path):
    (tmp_path / "near.toml").write_text(
        'strategy = "threshold"\n[decode]\nwindow = "adablock"\n[window_options]\nlikely = 0.5\noutlook = 0.5\n'
    )
    (tmp_path / "same.toml").write_text('extends = "near.toml"\n[window_options]\nlikely = 0.7\n')
    (tmp_path / "other.toml").write_text('extends = "near.toml"\n[decode]\nwindow = "multiblock"\n')
    same, other = (resolve(Request(preset=str(tmp_path / name)), outside=False) for name in ("same.toml", "other.toml"))
    assert same.window_options == {"delimiters": ("\n",), "likely": 0.7, "outlook": 0.5}
    assert other.window_options == {"opening": 0.5, "most": None}


def test_a_preset_that_names_another_cache_drops_its_parents_cache_options(tmp_path):
    (tmp_path / "near.toml").write_text(
        'strategy = "threshold"\n[decode]\ncache = "vicinity"\n[cache_options]\nlook_ahead = 2\nrefresh = 5\n'
    )
    (tmp_path / "same.toml").write_text('extends = "near.toml"\n[cache_options]\nrefresh = 7\n')
    (tmp_path / "other.toml").write_text('extends = "near.toml"\n[decode]\ncache = "dual"\n')
    same, other = (resolve(Request(preset=str(tmp_path / name)), outside=False) for name in ("same.toml", "other.toml"))
    assert same.cache_options == {"refresh": 7, "linger": False, "look_behind": 16, "look_ahead": 2, "warm_up_steps": 4}
    assert other.cache_options == {"refresh": 0, "linger": False}
