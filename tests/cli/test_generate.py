"""`generate` on the toy model, in the test's own process."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from dlldecode import api
from dlldecode.cli import prompts
from dlldecode.cli.app import app
from dlldecode.errors import DlldecodeError
from dlldecode.models.toy import Toy

ROOT = Path(__file__).parents[2]
KEYS = [
    "schema",
    "id",
    "index",
    "prompt",
    "text",
    "prompt_ids",
    "token_ids",
    "finish_reason",
    "tokens",
    "forwards",
    "steps",
    "tpf",
    "tps",
    "seconds",
    "remasked",
    "seed",
    "strategy",
    "cache",
    "preset",
    "preset_hash",
    "model",
    "revision",
    "weights",
    "dtype",
    "device",
    "batch_size",
    "versions",
    "error",
]


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    monkeypatch.setattr(api, "load", lambda name="tiny", **where: Toy(answer="it is 42", name=name))
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def generate(*arguments, stdin=""):
    """Exit code, stdout, stderr; an error of ours as `main` would tell it."""
    result = CliRunner().invoke(app, ["generate", "-n", "16", *arguments], input=stdin)
    if isinstance(result.exception, DlldecodeError):
        return SimpleNamespace(code=result.exception.exit_code, out=result.stdout, err=str(result.exception))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)


def records(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_the_answer_and_nothing_else():
    assert generate("what is it?").out == "it is 42\n"


def test_a_record_has_every_key_in_order():
    (record,) = records(generate("hi", "-f", "json", "-s", "hierarchy", "--seed", "7"))
    assert list(record) == KEYS
    assert record["text"] == "it is 42" and record["prompt"] == "hi" and record["finish_reason"] == "stop"
    assert record["tokens"] == {"prompt": 3, "effective": 8, "canvas": 16} and len(record["token_ids"]) == 16
    assert record["forwards"]["total"] == record["forwards"]["full"] + record["forwards"]["window"]
    assert record["tpf"] == 8 / record["forwards"]["total"]
    assert [record[key] for key in ("seed", "strategy", "preset", "model")] == [7, "hierarchy", "hierarchy", "tiny"]


@pytest.mark.parametrize(
    ("stdin", "argument", "prompt"),
    [
        ("a\n", [], "a"),
        ("a\n\n", [], "a\n"),
        ("a\r\n", ["b"], "a\n\nb"),
        ("", ["b"], "b"),
        ("\n", ["b"], "b"),
        ("a", ["-"], "a"),
    ],
)
def test_stdin_joins_the_argument(stdin, argument, prompt):
    assert records(generate(*argument, "-f", "jsonl", stdin=stdin))[0]["prompt"] == prompt


def test_lines_are_prompts_and_blank_ones_are_not():
    found = records(generate("--input", "lines", "-f", "jsonl", stdin="\ufeffa\n\n  \nb c\r\nd"))
    named = [(record["id"], record["index"], record["prompt"]) for record in found]
    assert named == [(0, 0, "a"), (1, 1, "b c"), (2, 2, "d")]


BAD_LINES = (
    b'{"prompt": "a", "id": "q", "more": 1}\n3\n\n{"text": "x"}\n{"prompt": 4, "id": 9}\nnope\n{"prompt": "b\xff"}\n'
    b'{"prompt": "\\ud800"}\n{"prompt": " "}\n{"prompt": "z", "id": null}\n'
)


@pytest.mark.parametrize("size", ["1", "4", "20"])
def test_a_bad_line_carries_its_error_and_the_others_go_on(size):
    done = generate("--input", "jsonl", "-f", "jsonl", "--batch-size", size, stdin=BAD_LINES)
    assert done.code == 5 and "7 of 9 prompts failed" in done.err
    found = records(done)
    assert [record["id"] for record in found] == ["q", 1, 2, 9, 4, 5, 6, 7, 8]
    assert [record["text"] for record in found] == ["it is 42", *[None] * 7, "it is 42"]
    starts = [
        "line 2 is not a JSON object but 3",
        "line 4 has no key prompt; its keys are text",
        "line 5 has prompt = 4; it must be",
        "line 6 is not JSON: Expecting value at column 1.",
        "line 7 is not UTF-8 text: byte 13 is 0xff",
        "the prompt is not valid Unicode",
        "the prompt is empty",
    ]
    errors = [record["error"] for record in found[1:-1]]
    assert all(error.startswith(start) for error, start in zip(errors, starts, strict=True))
    assert all(list(record) == KEYS for record in found)


def test_keys_that_nobody_reads_are_told_once():
    lines = '{"prompt": "a", "level": 1}\n{"prompt": "b", "level": 2, "id": "x"}\n{"prompt": "c", "topic": "d"}\n'
    told = (
        "line 1: only prompt and id are read; left out: level.\nline 3: only prompt and id are read; left out: topic.\n"
    )
    assert generate("--input", "jsonl", stdin=lines).err == told
    assert generate("--input", "jsonl", "-q", stdin=lines).err == ""


def test_the_page_on_records_names_every_key():
    page = (ROOT / "docs" / "records.md").read_text()
    assert [key for key in KEYS if f"`{key}`" not in page] == []


def test_a_batch_as_text_and_as_one_document():
    lines = '{"prompt": "a"}\n[]\n{"prompt": "b"}\n'
    done = generate("--input", "jsonl", stdin=lines)
    assert done.out == "it is 42\n\nit is 42\n" and done.code == 5
    document = json.loads(generate("--input", "jsonl", "-f", "json", stdin=lines).out)
    assert [item["error"] is None for item in document] == [True, False, True]
    empty = generate("--input", "lines", "-f", "json", stdin="\n")
    assert (empty.code, empty.out) == (0, "[]\n")


def test_events_come_before_their_record():
    found = records(generate("hi", "-f", "jsonl", "--events"))
    assert [item.get("type") for item in found] == ["step"] * (len(found) - 1) + [None]
    written = [commit[0] for item in found[:-1] for commit in item["commits"]]
    assert set(range(9)) <= set(written) and len(found) - 1 == found[-1]["steps"]


def test_batch_size_and_order_change_nothing_in_a_seeded_batch():
    lines = [json.dumps({"prompt": text, "id": text}) + "\n" for text in ("a", "bb", "ccc")]
    options = ("--input", "jsonl", "-f", "jsonl", "--temperature", "0.7", "--seed", "3", "-s", "threshold")
    one = records(generate(*options, stdin="".join(lines)))
    other = records(generate(*options, "--batch-size", "3", stdin="".join(reversed(lines))))
    assert {item["id"]: item["token_ids"] for item in one} == {item["id"]: item["token_ids"] for item in other}


def test_the_summary_is_on_stderr():
    done = generate("hi", "--stats", "on", "-s", "topk")
    assert done.out == "it is 42\n"
    assert done.err.startswith("16 canvas / 8 effective tokens, ") and "TPF" in done.err and "seed 0" in done.err
    assert generate("hi").err == "" and "loaded" in generate("hi", "-v").err


def test_raw_and_system():
    plain = records(generate("hi", "-f", "jsonl"))[0]["prompt_ids"]
    raw = records(generate("hi", "-f", "jsonl", "--raw"))[0]["prompt_ids"]
    system = records(generate("hi", "-f", "jsonl", "--system", "be kind"))[0]["prompt_ids"]
    assert len(raw) < len(plain) < len(system)


def test_dry_run_loads_nothing(monkeypatch):
    monkeypatch.setattr(api, "load", None)
    given = ("hi", "--dry-run", "-m", "some/model")
    facts = json.loads(generate(*given, "-f", "json", "-s", "vanilla", "--steps", "8").out)
    assert facts["strategy"] == "vanilla" and facts["most_forwards"] == 8 and facts["prompt_tokens"] == [None]
    text = generate(*given, "-S", "seeds=2").out
    assert 'model = "some/model"\n' in text and "strategy_options.seeds = 2\n" in text
    assert "most_forwards = 16\n" in text


def test_dry_run_refuses_what_a_run_would():
    done = generate("hi", "--dry-run", "-n", "100000")
    assert (done.code, done.out) == (2, "") and "the canvas 100000, but tiny reads at most" in done.err
    facts = json.loads(generate("--input", "lines", "--dry-run", "-f", "json", stdin="hi\n" + "x " * 5000 + "\n").out)
    assert facts["prompts"] == 2 and facts["prompt_tokens"][0] > 0 and facts["prompt_tokens"][1] == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "sentence"),
    [
        ([""], "", "the prompt is empty"),
        ([], " \n", "the prompt is empty"),
        ([], b"ab\xff", "stdin is not UTF-8 text: byte 2 is 0xff"),
        (["x" * 5000], "", "the prompt has 5001 tokens and the canvas 16, but tiny reads at most 4096"),
        (["x", "--input", "lines"], "", "--input lines reads its prompts from stdin; leave the argument 'x' out"),
        (["x", "--events"], "", "--events writes a line for every step"),
        (["x", "--raw", "--system", "y"], "", "--system goes through the chat template"),
        (["x", "-s", "hierachy"], "", "there is no strategy 'hierachy'; did you mean hierarchy?"),
        (["x", "-p", "paper/lada"], "", "there is no preset 'paper/lada'; did you mean paper/llada?"),
        (["x", "-s", "dico", "-p", "hierarchy"], "", "uses the strategy hierarchy, not dico"),
        (["x", "--temperature", "hot"], "", "--temperature = 'hot'; must be a valid number"),
        (["x", "--block-length", "0"], "", "--block-length = 0; must be greater than or equal to 1"),
        (["x", "-S", "tau_low=2"], "", "--set tau_low = 2; must be less than or equal to 1"),
        (["x", "-S", "tau_low"], "", "--set tau_low: write KEY=VALUE"),
        (["x", "--steps", "3"], "", "dico chooses its own number of steps"),
        (["x", "--cache", "prefx"], "", "there is no cache 'prefx'"),
        (
            ["x", "-S", "high=0.9"],
            "",
            "--set high is not a setting of the strategy dico but of hierarchy: add -s hierarchy",
        ),
        (
            ["x", "-p", "paper/dinfer-smoothing", "--cache", "dual", "-S", "cache_options.look_ahead=4"],
            "",
            "--set cache_options.look_ahead is not a setting",
        ),
    ],
)
def test_bad_input_is_one_sentence(arguments, stdin, sentence):
    done = generate(*arguments, stdin=stdin)
    assert (done.code, done.out) == (2, "") and sentence in done.err


def test_on_a_terminal_without_a_prompt_there_is_short_help(monkeypatch):
    monkeypatch.setattr(prompts, "_kind", lambda: prompts.Stdin.TERMINAL)
    done = generate()
    assert done.code == 2 and "Usage:" in done.err and len(done.err.splitlines()) < 6


def test_a_library_that_prints_reaches_stderr(monkeypatch):
    def load(name="tiny", **where):
        print("hello from a library")
        return Toy(answer="it is 42")

    monkeypatch.setattr(api, "load", load)
    done = generate("hi")
    assert done.out == "it is 42\n" and "hello from a library" in done.err


def test_a_cache_whose_window_covers_the_canvas_is_told(monkeypatch):
    monkeypatch.setattr(api, "load", lambda *_, **__: Toy(answer="it is 42", keeps=True))
    around = generate("hi", "--cache", "vicinity", "--block-length", "8")
    assert around.out == "it is 42\n" and "as wide as the canvas of 16 in every forward" in around.err
    assert generate("hi", "--block-length", "8").err == ""


def test_more_steps_than_positions_are_told():
    told = "is more than the canvas of 16 has positions"
    assert told in generate("hi", "-s", "dream", "--steps", "20").err
    assert generate("hi", "-s", "dream", "--steps", "16").err == ""


def test_a_cache_with_a_model_that_keeps_nothing_is_refused():
    refused = generate("hi", "--cache", "dual")
    assert refused.code == 2 and "this model keeps nothing" in refused.err
