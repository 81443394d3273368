"""The package from Python, on the weightless toy model."""

import typing
from dataclasses import fields

import pytest

import dlldecode
from dlldecode.api import Choices
from dlldecode.batch import item_seed
from dlldecode.engine.settings import Settings
from dlldecode.models.toy import Toy
from dlldecode.trace.events import Stepped

NAMES = [
    "DeviceError",
    "DlldecodeError",
    "ItemsFailed",
    "ModelError",
    "PresetError",
    "Prompt",
    "Result",
    "UsageError",
    "__version__",
    "generate",
    "load",
    "stream",
]


@pytest.fixture
def model():
    return Toy(answer="it is 42")


def test_the_public_names_are_these():
    assert dlldecode.__all__ == NAMES == sorted(NAMES) == dir(dlldecode)
    assert all(getattr(dlldecode, name) for name in NAMES)


def test_every_setting_of_a_preset_is_an_argument():
    assert {item.name for item in fields(Settings)} <= set(typing.get_type_hints(Choices))


def test_one_prompt_gives_one_result(model):
    result = dlldecode.generate(
        model, "prompt", strategy="hierarchy", cache="none", max_tokens=16, block_length=8, options={"high": 0.9}
    )
    assert result.text == "it is 42" and len(result.token_ids) == 16
    assert result.tpf == 8 / result.forwards and result.error is None
    assert result.record()["forwards"]["total"] == result.forwards


def test_a_list_gives_one_result_each_in_order(model):
    found = dlldecode.generate(model, ["a", "", dlldecode.Prompt("c", id="x")], max_tokens=16, batch_size=2)
    assert [result.id for result in found] == [0, 1, "x"] and [result.text for result in found][1] is None
    assert found[1].error.startswith("the prompt is empty") and found[0].text == "it is 42"


def test_delimiters_are_texts_of_the_models_own_tokens(model):
    blocks = {
        (event.block.first, event.block.last)
        for event in dlldecode.stream(
            model, "x", strategy="threshold", max_tokens=16, block_length=16, stop="none", window="adablock",
            window_options={"delimiters": [" "], "likely": 0.0, "outlook": 0.5},
        )
        if isinstance(event, Stepped)
    }  # fmt: skip
    assert {(0, 2), (3, 5)} <= blocks, "it is 42"


def test_wrappers_by_name_and_their_options(model):
    bare = dlldecode.generate(model, "x", strategy="threshold", max_tokens=16)
    for wrap in (["verify"], "verify"):
        guessed = dlldecode.generate(model, "x", strategy="threshold", max_tokens=16, wrap=wrap)
        assert (guessed.token_ids, guessed.steps) == (bare.token_ids, bare.steps) and guessed.forwards < bare.forwards
    eager = {"early": 0.0, "middle": 0.0, "late": 0.0}
    found = dlldecode.generate(
        model, "x", strategy="vanilla", max_tokens=16, wrap=["prior", "early_exit"], wrap_options={"early_exit": eager}
    )
    assert found.forwards == 1


def test_the_events_of_a_stream(model):
    events = list(dlldecode.stream(model, "hi", strategy="dico", max_tokens=16))
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Started", *["Stepped"] * (len(events) - 2), "Finished"]
    assert model.tokenizer.decode(list(events[-1].token_ids[: events[-1].effective])) == "it is 42"


def test_neither_files_nor_variables_reach_python(model, monkeypatch, tmp_path):
    (tmp_path / "dlldecode.toml").write_text("[decode]\nmax_tokens = 4\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLLDECODE_MAX_TOKENS", "5")
    assert len(dlldecode.generate(model, "hi", strategy="topk").token_ids) == 128


def test_none_is_the_same_as_leaving_it_out(model):
    left_out = dlldecode.generate(model, "hi", max_tokens=16)
    assert dlldecode.generate(model, "hi", max_tokens=16, strategy=None, options=None).token_ids == left_out.token_ids


@pytest.mark.parametrize(
    ("prompt", "choices", "sentence"),
    [
        ("", {}, "the prompt is empty"),
        (3, {}, "a prompt is text, not 3"),
        (b"x", {}, "a prompt is text, not b'x'"),
        ("x", {"max_token": 3}, "max_token is not an argument; did you mean max_tokens?"),
        ("x", {"max_tokens": 0}, "max_tokens = 0; must be greater than or equal to 1"),
        ("x", {"strategy": "hierarchy", "options": {"hihg": 1}}, "options['hihg'] is not a setting; did you mean"),
        ("x", {"strategy": "nobody"}, "there is no strategy 'nobody'"),
        ("x", {"raw": True, "system": "y"}, "raw leaves out"),
        ("x" * 5000, {}, "the prompt has 5001 tokens"),
        ("x", {"window": "adablock", "window_options": {"delimiters": [". "]}}, "'. ' is 2 tokens to this model"),
        ("x", {"window_options": {"likely": 0.5}}, "window_options['likely'] is not a setting"),
        ("x", {"wrap": ["prio"]}, "wrap = 'prio'; there is no wrapper 'prio'; did you mean prior?"),
        (
            "x",
            {"wrap": ["prior"], "wrap_options": {"prior": {"rat": 1}}},
            "wrap_options['prior']['rat'] is not a setting;",
        ),
        ("x", {"wrap": ["prior"], "wrap_options": {"rate": 0.5}}, "wrap_options['rate'] = 0.5; name the wrapper"),
        ("x", {"wrap_options": {"prior": {"rate": 1.0}}}, "since wrap does not name prior"),
        ("x", {"wrap": ["prior", "prior"]}, "wrap names prior twice"),
        ("x", {"wrap": [3]}, "wrap = [3]; "),
        ("x", {"wrap": 5}, "wrap = 5; must be a list of names"),
        (
            "x",
            {"wrap": ["prior"], "wrap_options": ["prior"]},
            "wrap_options = ['prior']; name the wrapper: wrap_options=",
        ),
        ("x", {"wrap": ["prior"], "wrap_options": {"prior": 5}}, "wrap_options['prior'] = 5; name the wrapper"),
        ("x", {"wrap": ["prior"], "wrap_options": {"prior": {3: 1}}}, "wrap_options['prior'][3] is not a setting"),
        ("x", {"wrap_options": {3: {"rate": 1}}}, "wrap_options[3]['rate'] is not a setting"),
        ("x", {"window_options": 5}, "window_options = 5; give a mapping of settings by name"),
        ("x", {"cache_options": "refresh"}, "cache_options = 'refresh'; give a mapping"),
        ("x", {"options": [("high", 1)]}, "options = [('high', 1)]; give a mapping"),
        ("x", {"options": {3: 1}}, "options[3] is not a setting"),
        (
            "x",
            {"window": "adablock", "window_options": {"delimiters": ["\ud800"]}},
            "'\\ud800' is not valid Unicode text",
        ),
        ("x", {"window": "adablock", "window_options": {"delimiters": [2**70]}}, f"must be at most {2**31 - 1}"),
        ("x", {"strategy": 5}, "strategy = 5; must be text"),
        ("x", {"strategy": ["dico"]}, "strategy = ['dico']; must be text"),
        ("x", {"preset": {}}, "preset = {}; must be text"),
        ("x", {"wraps": ["prior"]}, "wraps is not an argument; did you mean wrap?"),
    ],
)
def test_bad_input_is_a_usage_error(model, prompt, choices, sentence):
    with pytest.raises(dlldecode.UsageError) as raised:
        dlldecode.generate(model, prompt, **choices)
    assert sentence in str(raised.value)


def test_a_seed_follows_the_id_alone():
    assert item_seed(0, "a") == item_seed(0, "a") != item_seed(0, "b") != item_seed(1, "b")
    assert 0 <= item_seed(3, {"any": ["json"]}) < 2**32
