import pytest

from dlldecode.bench.matrix import requested
from dlldecode.cli.options import NAMES
from dlldecode.config import discover
from dlldecode.config.assemble import check_preset, resolve
from dlldecode.config.layers import Layer
from dlldecode.errors import PresetError, UsageError
from dlldecode.tune.space import parts, space


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def searched(preset, *grids, **settings):
    layer = Layer(
        {f"decode.{key}": value for key, value in settings.items()}, {f"decode.{key}": f"--{key}" for key in settings}
    )
    return space(resolve(requested(preset, (layer,), Layer())), grids, NAMES, (layer,))


def test_a_grid_is_every_combination_in_order():
    found = list(searched("hierarchy", "high=0.7..0.9..0.1,low=0.3,0.4", "cache=none,dual").grid())
    assert len(found) == 3 * 2 * 2
    assert found[0] == {"strategy_options.high": 0.7, "strategy_options.low": 0.3, "decode.cache": "none"}
    assert found[-1] == {"strategy_options.high": 0.9, "strategy_options.low": 0.4, "decode.cache": "dual"}


def test_a_part_with_an_equals_sign_begins_an_axis():
    assert list(parts("a=1,2,b=0.1..0.3..0.1,c=x")) == ["a=1,2", "b=0.1..0.3..0.1", "c=x"]
    lists = 'decode.wrap=["prior","verify"],[]'
    assert list(parts(f"{lists},high=0.1")) == [lists, "high=0.1"]
    assert list(parts("a='b=c','d,e=f',g=['=']")) == ["a='b=c','d,e=f'", "g=['=']"]
    assert [point["decode.wrap"] for point in searched("threshold", lists).grid()] == [("prior", "verify"), ()]


def test_a_table_of_ranges_becomes_values():
    found = {axis.said: axis.values for axis in searched("dico").axes}
    assert found["seeds"] == tuple(range(1, 11)) and found["block_length"] == (16, 32, 64, 128)
    assert found["tau_low"] == (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
    assert found["factor"][:2] == (0.5, 0.65) and len(found["factor"]) == 11


def test_what_a_flag_sets_is_not_searched():
    assert "block_length" not in {axis.said for axis in searched("dico", block_length=16).axes}


def test_points_at_random_are_distinct_and_always_the_same():
    first, again = ([point for point, _ in zip(searched("dico").drawn(), range(50), strict=False)] for _ in range(2))
    assert first == again and len({repr(sorted(point.items())) for point in first}) == 50
    few = searched("topk", "k=1..4..1")
    assert sorted(point["strategy_options.k"] for point in few.drawn()) == [1, 2, 3, 4]


def test_options_of_a_cache_count_with_that_cache_alone():
    found = list(searched("threshold", "cache=dual,vicinity,cache_options.look_ahead=8,16").grid())
    assert [point.get("cache_options.look_ahead") for point in found] == [None, 8, 16]


def test_options_of_a_window_rule_count_with_that_rule_alone():
    found = list(searched("threshold", "decode.window=fixed,adablock,window_options.likely=0.2,0.4").grid())
    assert [point.get("window_options.likely") for point in found] == [None, 0.2, 0.4]
    assert {axis.said: axis.values for axis in searched("multiblock").axes}["most"] == (None, 2, 4)


def test_options_of_wrappers_count_where_they_are_named(tmp_path):
    (tmp_path / "own.toml").write_text(WRAPPED)
    assert not check_preset(str(tmp_path / "own.toml")).problems
    found = list(searched(str(tmp_path / "own.toml")).grid())
    assert [point.get("wrap_options.verify.drafts") for point in found] == [1, 2, 1, 2]
    assert {point["wrap_options.prior.rate"] for point in found} == {0.1, 0.2}
    found = list(searched("threshold", "decode.wrap=[],prior,wrap_options.prior.rate=0.1,0.2").grid())
    assert [(point["decode.wrap"], point.get("wrap_options.prior.rate")) for point in found] == [
        ((), None),
        (("prior",), 0.1),
        (("prior",), 0.2),
    ]


def test_a_space_without_what_belongs_to_a_part_that_is_replaced():
    assert [point["decode.wrap"] for point in searched("verify", "decode.wrap=[],verify").grid()] == [(), ("verify",)]
    assert {axis.said for axis in searched("verify", wrap=[]).axes} == {"block_length", "threshold"}
    assert {axis.said for axis in searched("prior", wrap=["verify"]).axes} == {"block_length"}
    assert {axis.said for axis in searched("multiblock", window="fixed").axes} == {"block_length", "entropy"}


WRAPPED = """\
about = "x"
strategy = "topk"
wrap = ["prior", "verify"]

[tune]
"wrap_options.prior.rate" = { low = 0.1, high = 0.2, step = 0.1 }
"wrap_options.verify.drafts" = { choices = [1, 2] }
"wrap_options.suffix.near" = { choices = [8, 16], when = { "decode.wrap" = "suffix" } }
"""

CONDITIONAL = """\
about = "x"
strategy = "dico"

[tune]
"strategy_options.rule" = { choices = ["factor", "fixed"] }
"strategy_options.threshold" = { low = 0.8, high = 0.9, step = 0.1, when = { "strategy_options.rule" = "fixed" } }
"strategy_options.factor" = { choices = [0.5, 1.0], when = { "strategy_options.rule" = ["factor"] } }
"cache_options.look_ahead" = { choices = [8, 16], when = { "decode.cache" = "vicinity" } }
"window_options.likely" = { choices = [0.2, 0.4], when = { "decode.window" = "adablock" } }
"""


def test_an_axis_counts_where_its_condition_holds(tmp_path):
    (tmp_path / "own.toml").write_text(CONDITIONAL)
    assert not check_preset(str(tmp_path / "own.toml")).problems
    found = list(searched(str(tmp_path / "own.toml")).grid())
    assert found == list(
        searched(str(tmp_path / "own.toml"), "rule=factor,fixed,threshold=0.8,0.9,factor=0.5,1.0").grid()
    )
    assert [(p["strategy_options.rule"], len(p)) for p in found] == [("factor", 2)] * 2 + [("fixed", 2)] * 2


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"strategy_options.rule" = "fixed"',
            '"strategy_options.rule" = "fxed"',
            "when strategy_options.rule = 'fxed'",
        ),
        (
            '"strategy_options.rule" = "fixed"',
            '"strategy_options.ruel" = "fixed"',
            "did you mean strategy_options.rule",
        ),
        ('{ "strategy_options.rule" = "fixed" }', "3", "when must be { SETTING = VALUE }"),
        (', when = { "decode.cache" = "vicinity" }', "", "cache_options.look_ahead"),
        (', when = { "decode.window" = "adablock" }', "", "window_options.likely"),
        ('"decode.window" = "adablock"', '"decode.window" = "adablok"', "did you mean adablock"),
        ('"window_options.likely"', '"wrap_options.prior.rate"', "since wrap does not name prior"),
    ],
)
def test_a_wrong_condition_is_told_with_its_line(tmp_path, old, new, sentence):
    assert old in CONDITIONAL
    (tmp_path / "own.toml").write_text(CONDITIONAL.replace(old, new))
    with pytest.raises(PresetError, match=r"own\.toml:\d") as raised:
        check_preset(str(tmp_path / "own.toml"))
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ("hihg=0.7,0.8", "--grid hihg: hierarchy has no setting strategy_options.hihg; did you mean high?"),
        ("wrap_options.prior.rate=0.1,0.2", "no setting wrap_options.prior.rate, since wrap does not name prior; add"),
        ("high=0.7..1.2..0.1", "--grid high = 1.1; must be less than or equal to 1"),
        ("high=0.9..0.7..0.1", "a range goes up from low to high"),
        ("high=0.7,a=", "--grid a=: write KEY=a,b"),
        ("", "--grid : write KEY=a,b"),
        ("high=0.7,0.8,high=0.9", "--grid high is there twice"),
        ("cache=none,dul", "--grid cache = 'dul'; there is no cache 'dul'; did you mean dual?"),
        ("block_length=8,16", "--grid block_length and --block_length both set decode.block_length"),
    ],
)
def test_a_grid_that_cannot_be_is_told(grid, sentence):
    with pytest.raises(UsageError) as raised:
        searched("hierarchy", grid, block_length=32)
    assert sentence in str(raised.value) and "\n" not in str(raised.value)


def test_nothing_to_search_is_told(tmp_path):
    (tmp_path / "own.toml").write_text('about = "x"\nstrategy = "topk"\n')
    with pytest.raises(UsageError, match=r"nothing to search.*--grid"):
        searched(str(tmp_path / "own.toml"))


def test_a_grid_that_nobody_can_decode_is_told():
    with pytest.raises(UsageError, match="points; take --sampler random"):
        searched("hierarchy", "high=0..1..0.002,low=0..1..0.002").grid()


@pytest.mark.parametrize("name", [name for name in sorted(discover.preset_names()) if check_preset(name).tune])
def test_every_shipped_space_has_points(name):
    assert len(next(searched(name).drawn())) >= 1
