import pytest

from dlldecode.bench.matrix import CORE, axis, named, settings
from dlldecode.config.layers import Layer
from dlldecode.errors import UsageError

KNOWN = {"model": "model", "cache": "decode.cache", "block_length": "decode.block_length", "batch_size": "batch_size"}


def made(presets, *axes, flags=None):
    flags = Layer({key: value for key, value in (flags or {}).items()}, dict.fromkeys(flags or {}, "--flag"))
    return settings(presets, [axis(text, KNOWN) for text in axes], (flags,), Layer())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("high=0.7..0.9..0.1", (0.7, 0.8, 0.9)),
        ("high=0.1..0.35..0.1", (0.1, 0.2, 0.3)),
        ("block_length=16..64..16", (16, 32, 48, 64)),
        ("block_length=16, 32", (16, 32)),
        ("cache=none,dual", ("none", "dual")),
        ("decode.stop=first", ("first",)),
        ("x=1.0..2.0..1", (1.0, 2.0)),
        ('decode.wrap=["prior","verify"], [],verify', (["prior", "verify"], [], "verify")),
        ("window_options.delimiters=['..', \"a,b\"],[','],'x,y'", (["..", "a,b"], [","], "x,y")),
        ("x={a = 1, b = [2, 3]},y", ({"a": 1, "b": [2, 3]}, "y")),
        ("x=don't,won't", ("don't", "won't")),
        ("x=[1,2", ("[1,2",)),
        ("x=],a", ("]", "a")),
    ],
)
def test_the_values_of_an_axis(text, values):
    assert axis(text, KNOWN).values == values
    assert list(map(type, axis(text, KNOWN).values)) == list(map(type, values))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("high", "write KEY=a,b"),
        ("high=", "write KEY=a,b"),
        ("=1,2", "write KEY=a,b"),
        ("high=1..2", "low..high..step"),
        ("high=a..b..c", "low..high..step"),
        ("high=0.9..0.7..0.1", "goes up"),
        ("high=0.7..0.9..0", "goes up"),
        ("high=0..1..0.0001", "goes up"),
        ("high=0.5,0.5", "twice"),
        ("high=0.5,,0.6", "empty"),
        ("model=a,b", "a run has one model"),
    ],
)
def test_bad_axes_are_told(text, sentence):
    with pytest.raises(UsageError, match=sentence):
        axis(text, KNOWN)


def test_a_preset_is_varied_only_by_what_it_has():
    found = made(["threshold", "hierarchy"], "high=0.8,0.9", "block_length=8,16")
    assert [setting.label for setting in found] == [
        "threshold block_length=8",
        "threshold block_length=16",
        "hierarchy high=0.8 block_length=8",
        "hierarchy high=0.8 block_length=16",
        "hierarchy high=0.9 block_length=8",
        "hierarchy high=0.9 block_length=16",
    ]
    resolved = found[-1].resolved()
    assert (resolved.options["high"], resolved.settings.block_length) == (0.9, 16)


def test_an_option_of_a_cache_varies_only_that_cache():
    found = made(["threshold"], "cache=none,vicinity", "cache_options.look_ahead=4,8")
    assert [setting.label for setting in found] == [
        "threshold cache=none",
        "threshold cache=vicinity cache_options.look_ahead=4",
        "threshold cache=vicinity cache_options.look_ahead=8",
    ]
    assert found[-1].resolved().cache_options["look_ahead"] == 8


def test_wrappers_and_their_options_are_axes():
    found = made(["threshold"], "decode.wrap=[],prior", "wrap_options.prior.rate=0.1,0.2")
    assert [setting.label for setting in found] == [
        "threshold decode.wrap=[]",
        "threshold decode.wrap=prior wrap_options.prior.rate=0.1",
        "threshold decode.wrap=prior wrap_options.prior.rate=0.2",
    ]
    plain, _, last = (setting.resolved() for setting in found)
    assert (plain.settings.wrap, plain.wrap_options) == ((), {})
    assert last.settings.wrap == ("prior",) and last.wrap_options["prior"]["rate"] == 0.2


def test_a_preset_with_a_part_that_an_axis_takes_away():
    found = made(["verify"], "decode.wrap=[],verify") + made(["multiblock"], "decode.window=fixed,multiblock")
    resolved = [setting.resolved() for setting in found]
    assert [each.settings.wrap for each in resolved[:2]] == [(), ("verify",)]
    assert [each.window_options for each in resolved[2:]] == [{}, {"opening": 0.5, "most": None}]


def test_a_value_of_an_axis_may_be_a_list():
    found = made(["threshold"], 'decode.wrap=["prior","verify"],[]')
    assert [setting.resolved().settings.wrap for setting in found] == [("prior", "verify"), ()]


def test_an_axis_that_no_preset_has_names_the_nearest():
    with pytest.raises(UsageError, match=r"no preset of this run has strategy_options.hihg; did you mean .*high"):
        made(["threshold", "hierarchy"], "hihg=1,2")


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        (["wrap_options.prior.rate=0.1,0.2"], "has wrap_options.prior.rate, since wrap does not name prior; add deco"),
        (["decode.wrap=[],verify", "wrap_options.prior.rate=0.1"], "does not name prior; add prior to decode.wrap"),
        (["decode.wrap=[],prior", "wrap_options.prior.rat=0.1"], "did you mean wrap_options.prior.rate?"),
        (["wrap=prior,verify"], "has strategy_options.wrap; did you mean decode.wrap?"),
        (["window=fixed,adablock"], "did you mean decode.window?"),
        (["window_options.likely=0.1,0.2"], "since window is not adablock; add decode.window=adablock"),
        (["thershold=0.1,0.2"], "has strategy_options.thershold; did you mean threshold?"),
        (["wrap_options=1,2"], "it is a table, so give what is in it one by one"),
        (["zzzz=1,2"], "has strategy_options.zzzz; there are threshold"),
    ],
)  # fmt: skip
def test_what_an_axis_may_have_meant(axes, sentence):
    with pytest.raises(UsageError) as raised:
        made(["threshold"], *axes)
    assert sentence in str(raised.value)


def test_an_axis_and_a_flag_do_not_both_set_a_value():
    with pytest.raises(UsageError, match=r"both set decode\.cache"):
        made(["threshold"], "cache=none,dual", flags={"decode.cache": "dual"})


def test_a_value_out_of_range_is_refused_with_the_axis():
    with pytest.raises(UsageError, match=r"--axis high = 1\.5"):
        made(["hierarchy"], "high=0.5,1.5")[1].resolved()


def test_what_a_task_brings_yields_to_flags_and_axes_and_not_to_presets():
    brought = {"max_tokens": 64, "block_length": 8}
    plain, varied = made(["paper/llada"])[0], made(["paper/llada"], "block_length=16,32")[0]
    flagged = made(["paper/llada"], flags={"decode.max_tokens": 24})[0]
    assert plain.resolved().settings.block_length == 128
    lengths = [each.resolved(brought, "x").settings for each in (plain, varied, flagged)]
    assert [(each.max_tokens, each.block_length) for each in lengths] == [(64, 8), (64, 16), (24, 8)]


def test_names():
    assert named([]) == list(CORE)
    assert named(["dico", "all"])[0] == "dico" and set(named(["all"])) >= set(CORE)
    assert named(["dico", "dico"]) == ["dico"]
