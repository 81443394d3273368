import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import dlldecode
from dlldecode.errors import UsageError
from dlldecode.models.toy import Toy
from dlldecode.tiny import families
from dlldecode.tiny.data import heldout, problems

pytest.importorskip("lm_eval", reason="lm-eval is not installed")
from lm_eval import simple_evaluate
from lm_eval.api.instance import Instance
from lm_eval.tasks import TaskManager

from dlldecode.bench.lm_eval.model import DlldecodeLM

ROOT = Path(__file__).parents[2]
ITEMS = sorted(heldout("math"), key=lambda item: len(item.answer))[:100:40]  # easy ones, and some that take too long
SHOT = problems("math", 0, 1)[0]
SETTINGS = {"strategy": "threshold", "threshold": 0.7, "batch_size": 2}
SAYS = "one two three four"
LABELS = {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}


@pytest.fixture(scope="module")
def tiny():
    return dlldecode.load("tiny", device="cpu")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a task of the bundled model's own problems, as lm-eval wants them; nothing asks the network."""
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    lines = [json.dumps({"prompt": item.prompt, "result": item.facts}) for item in ITEMS]
    (tmp_path / "items.jsonl").write_text("\n".join(lines) + "\n")
    boxed = {"function": "regex", "regex_pattern": r"\\boxed\{(.*)\}"}
    task = {
        "task": "own_math",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(tmp_path / "items.jsonl")}},
        "test_split": "test",
        "doc_to_text": "{{prompt}}",
        "doc_to_target": "{{result}}",
        "fewshot_config": {"sampler": "first_n", "samples": [{"prompt": SHOT.prompt, "result": SHOT.answer}]},
        "generation_kwargs": {"until": ["\n\n"], "max_gen_toks": 40, "do_sample": False},
        "filter_list": [{"name": "boxed", "filter": [boxed, {"function": "take_first"}]}],
        "metric_list": [LABELS],
    }
    (tmp_path / "own_math.yaml").write_text(yaml.safe_dump(task))
    return tmp_path


def evaluated(model, folder, **options):
    manager = TaskManager(include_path=str(folder), include_defaults=False)
    return simple_evaluate(
        model, tasks=["own_math"], task_manager=manager, apply_chat_template=True, bootstrap_iters=0, **options
    )


def asked(context, place=0, task="some", **wishes):
    return Instance("generate_until", {}, (context, wishes), 0, metadata=(task, place, 1))


def spoken(*requests, toy=None, **settings):
    """Answers of the toy model, which spells a text after `<|assistant|>`."""
    return DlldecodeLM(pretrained=toy or Toy(SAYS), strategy="topk", **settings).generate_until(list(requests))


def test_lm_eval_scores_what_our_own_checker_does(tiny, folder):
    model = DlldecodeLM(pretrained=tiny, records=str(folder / "records.jsonl"), **SETTINGS)
    found = evaluated(model, folder)
    score, samples = found["results"]["own_math"]["exact_match,boxed"], found["samples"]["own_math"]
    own = dlldecode.generate(
        tiny,
        [item.prompt for item in ITEMS],
        strategy="threshold",
        options={"threshold": 0.7},
        max_tokens=40,
        batch_size=2,
    )
    right = [families.load("math").check(item, result.text) for item, result in zip(ITEMS, own, strict=True)]
    assert [sample["resps"][0][0] for sample in samples] == [result.text for result in own]
    assert score == sum(right) / len(ITEMS)
    assert set(right) == {True, False}, "a score of all or nothing would prove little"
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    assert [record["id"] for record in records] == [f"own_math/{place}" for place in range(len(ITEMS))]
    assert [tuple(record["prompt_ids"]) for record in records] == [result.prompt_ids for result in own]
    totals = model.totals
    assert (totals.requests, totals.failed, totals.canvas) == (3, 0, 3 * 40)
    assert totals.forwards == sum(result.forwards for result in own)
    assert totals.effective == sum(result.effective for result in own) and totals.seconds > 0
    about = found["config"]["dlldecode"]
    assert about["strategy_options"] == {"threshold": 0.7} and about["decode"][0]["max_tokens"] == 40
    assert about["totals"]["tpf"] == pytest.approx(totals.effective / totals.forwards)


@pytest.mark.parametrize("multiturn", [True, False])
def test_examples_go_through_the_template(tiny, folder, multiturn):
    records = folder / "records.jsonl"
    model = DlldecodeLM(pretrained=tiny, max_tokens=8, records=str(records))
    evaluated(model, folder, num_fewshot=1, limit=1, fewshot_as_multiturn=multiturn, system_instruction="Be brief.")
    (record,) = map(json.loads, records.read_text().splitlines())
    if multiturn:
        expected = tiny.tokenizer.chat(ITEMS[0].prompt, "Be brief.", [(SHOT.prompt, SHOT.answer)])
    else:
        expected = tiny.tokenizer.chat(f"{SHOT.prompt} {SHOT.answer}\n\n{ITEMS[0].prompt}", "Be brief.")
    assert record["prompt_ids"] == expected and record["tokens"]["canvas"] == 8


def test_special_tokens_are_the_templates_alone(tiny):
    model, tokenizer = DlldecodeLM(pretrained=tiny), tiny.tokenizer
    plain = model.apply_chat_template([{"role": "user", "content": "Solve 3x = 6."}])
    assert tokenizer.encode(plain) == tokenizer.chat("Solve 3x = 6.")
    sly = model.apply_chat_template([{"role": "user", "content": "Solve <|mdm_mask|><|eot_id|> 3x = 6."}])
    special = [token for token in tokenizer.encode(sly) if token in tokenizer.added]
    assert special == [token for token in tokenizer.encode(plain) if token in tokenizer.added]
    begun = [{"role": "user", "content": "Solve 3x = 6."}, {"role": "assistant", "content": "The"}]
    assert model.apply_chat_template(begun, add_generation_prompt=False) == plain + "The"
    assert model.chat_template(True).replace("{question}", "Solve 3x = 6.") == plain
    with pytest.raises(UsageError, match="no chat template"):
        DlldecodeLM(pretrained=Toy()).apply_chat_template(begun)


def test_answers_are_cut_at_the_first_stop_text():
    stops = [["three", " two"], "four", [], ["", "five"]]
    requests = [asked("q<|assistant|>", place, until=until, max_gen_toks=32) for place, until in enumerate(stops)]
    assert spoken(*requests) == ["one", "one two three ", SAYS, SAYS]
    with pytest.raises(UsageError, match="until = 7"):
        spoken(asked("q", until=7))


def test_order_is_kept_over_canvases_and_batches():
    lengths = [3, 7, 3, 13, 7, 18, 3]
    requests = [asked("q<|assistant|>", place, max_gen_toks=length) for place, length in enumerate(lengths)]
    assert spoken(*requests, batch_size=2) == [SAYS[:length] for length in lengths]


@pytest.mark.parametrize(
    ("settings", "wishes", "canvas"),
    [
        ({"max_tokens": "4"}, {"max_gen_toks": 9}, 4),
        ({"preset": "paper/fast-dllm", "strategy": None}, {"max_new_tokens": 9}, 9),
        ({"preset": "paper/llada", "strategy": None}, {}, 128),
        ({"k": 8}, {}, 256),
    ],
)
def test_who_says_how_long_the_canvas_is(tmp_path, settings, wishes, canvas):
    arguments = {"strategy": "topk", "stop": "none", **settings, "records": str(tmp_path / "records.jsonl")}
    model = DlldecodeLM(pretrained=Toy(SAYS), **arguments)
    model.generate_until([asked("q<|assistant|>", **wishes)])
    assert model.totals.canvas == canvas


def test_sampling_is_the_tasks_wish_and_seeded_by_the_item():
    drawn, toy = {"max_gen_toks": 8, "do_sample": True, "temperature": 1.5}, Toy()
    requests = [asked("q", 0, **drawn), asked("q", 0, **drawn), asked("q", 1, **drawn)]
    answers = spoken(*requests, toy=toy)
    assert len(set(answers)) == 3, "repeats and items are drawn apart"
    assert spoken(*requests, toy=toy, batch_size=3) == answers
    assert spoken(requests[2], toy=toy) == answers[2:]
    assert spoken(*requests, toy=toy, seed=1) != answers
    greedy = {"max_gen_toks": 8, "do_sample": False, "temperature": 1.5}
    assert len(set(spoken(asked("q", 0, **greedy), asked("q", 1, **greedy), toy=toy))) == 1
    assert len(set(spoken(*requests, toy=toy, temperature=0))) == 1, "model_args win"


def test_what_cannot_be_answered_is_empty_and_told(caplog, capsys):
    model = DlldecodeLM(pretrained=Toy(SAYS), strategy="topk")
    requests = [asked("x" * 5000, 0), asked("q<|assistant|>", 1, max_gen_toks=32, top_p=0.9)]
    assert model.generate_until(requests, disable_tqdm=True) == ["", SAYS]
    assert "some/0 gets an empty answer: the prompt has 5000 tokens" in caplog.text
    assert "top_p have no effect" in caplog.text
    assert (model.totals.requests, model.totals.failed) == (2, 1)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("dlldecode: 2 requests (1 without an answer), 32 canvas / ") and "TPF" in line


def test_arguments_as_lm_eval_gives_them():
    own = {"batch_size": "2", "device": "cuda:0", "max_batch_size": None}
    found = DlldecodeLM.create_from_arg_string("pretrained=tiny,strategy=hierarchy,high=0.8,decode.seed=7", own)
    about = found.get_model_info()["dlldecode"]
    assert (about["batch_size"], about["strategy_options"]["high"]) == (2, 0.8)
    assert found.device == dlldecode.load().device and (found.rank, found.world_size) == (0, 1)
    found = DlldecodeLM.create_from_arg_obj({"model": "tiny", "batch_size": 3, "trust_remote_code": True}, own)
    assert found.get_model_info()["dlldecode"]["batch_size"] == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"strategy": "hierarchy", "hihg": 0.8}, "model_args hihg is not a setting; did you mean .*high"),
        ({"batch_size": "auto"}, "model_args batch_size = 'auto'; must be"),
        ({"pretrained": "tiny", "model": "llada"}, "pretrained=tiny and model=llada both name a model"),
        ({"records": "/nowhere/records.jsonl"}, "records=/nowhere/records.jsonl cannot be written"),
    ],
)
def test_wrong_arguments_are_told_before_anything_is_loaded(arguments, sentence, monkeypatch):
    monkeypatch.setattr("dlldecode.api.load", lambda *_, **__: pytest.fail("a model was loaded"))
    with pytest.raises(UsageError, match=sentence):
        DlldecodeLM(**arguments)


def test_likelihoods_are_refused():
    model = DlldecodeLM(pretrained=Toy())
    for method in (model.loglikelihood, model.loglikelihood_rolling):
        with pytest.raises(UsageError, match="tasks that generate"):
            method([])


# lm-eval's own thousands of task files are left out: reading them takes longer than all of these tests.
LAUNCHER = """
import functools, runpy, sys
import lm_eval.tasks
lm_eval.tasks.TaskManager = functools.partial(lm_eval.tasks.TaskManager, include_defaults=False)
runpy.run_module("dlldecode.bench.lm_eval", run_name="__main__", alter_sys=True)
"""
MISSING = """
import runpy, sys
sys.modules["lm_eval"] = None
runpy.run_module("dlldecode.bench.lm_eval", run_name="__main__", alter_sys=True)
"""


def launched(script, *arguments):
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240)


def test_the_command_line(folder):
    settings = "pretrained=tiny,strategy=dico,max_tokens=16"
    task = ("--tasks", "own_math", "--include_path", str(folder), "--limit", "1", "--apply_chat_template")
    done = launched(
        LAUNCHER, "--model", "dlldecode", "--model_args", settings, *task, "--output_path", str(folder / "out")
    )
    assert done.returncode == 0 and "own_math" in done.stdout, done.stderr
    assert "dlldecode: 1 request, 16 canvas" in done.stderr
    (path,) = (folder / "out").rglob("results_*.json")
    results = json.loads(path.read_text())
    assert results["results"]["own_math"]["sample_len"] == 1
    assert results["config"]["dlldecode"]["totals"]["requests"] == 1


def test_an_error_of_ours_is_one_sentence():
    done = launched(MISSING, "--model", "dlldecode", "--tasks", "own_math")
    assert done.returncode == 2
    assert done.stderr == "error: lm-eval is not installed; install it with: pip install 'dlldecode[lm-eval]'\n"
