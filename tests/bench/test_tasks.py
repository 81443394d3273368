"""The task files: each loads, asks what it says of the real data, and calls the data's own answers right."""

import json
import re
from pathlib import Path

import pytest

from dlldecode.bench import scorers
from dlldecode.bench.items import cut, items
from dlldecode.bench.task import FOLDER, available, find
from dlldecode.config.assemble import Request, resolve

BENCHMARKS = Path(__file__).resolve().parents[2].parent / "shared" / "benchmarks"
needs_data = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmark files are not here")
TASKS = {task.task: task for name in available() for task in find(name)}
STAGED = sorted(name for name, task in TASKS.items() if task.generator is None and not name.startswith("math500"))
BASES = {
    "gsm8k": 1319,
    "gsm8k_0shot": 1319,
    "gsm8k_4shot_multiturn": 1319,
    "humaneval": 164,
    "humaneval_instruct": 164,
    "mbpp": 500,
    "mbpp_instruct": 500,
    "mbpp_sanitized": 257,
    "ifeval": 541,
    "sudoku": 500,
    "countdown": 256,
    **{f"countdown_cd{numbers}": 992 for numbers in (3, 4, 5)},
    **{f"sudoku_dream_{givens}": 100 for givens in range(4, 13)},
}
SOURCES = re.compile(r"arXiv \d{4}\.\d{5}|openreview \w+|^LLaDA 1\.5, its authors")
PROBLEM = {"problem": "What is $1/2 + 1/3$?", "solution": r"So $\boxed{\frac{5}{6}}$.", "answer": r"\frac{5}{6}"}


def read(name, count=None):
    """Every question of a small task, the first ones of a large."""
    return items(TASKS[name], BENCHMARKS, count)


def verdict(task, item, answer):
    """Judge an answer as a measured one: what the prompt began, and the answer up to the stop texts."""
    return (
        scorers.load(task.scorer)
        .score(item.doc, item.prompt.begun + cut(answer, task.generation_kwargs.until))
        .metrics[task.metric]
    )


def test_every_file_is_read():
    hidden = {path.stem for path in FOLDER.glob("_*.yaml")}
    assert hidden == {"_countdown_dream", "_sudoku_dream"}
    assert {path.stem for path in FOLDER.glob("*.yaml")} - hidden == set(available())
    assert set(BASES) | {"math500", "math500_4shot"} <= set(TASKS)
    assert all(task.about and task.metadata.get("version") == 1 for task in TASKS.values() if task.generator is None)


def said(prompt):
    """Everything that a prompt says, earlier turns first."""
    return "".join(part for turn in prompt.turns for part in turn) + prompt.text


def wording(task):
    """The longest part of a question that is the task's own."""
    return max(re.split(r"(?s)\{\{.*?\}\}", task.doc_to_text), key=len)


@needs_data
@pytest.mark.parametrize(("name", "count"), BASES.items(), ids=BASES)
def test_a_task_has_as_many_questions_as_its_benchmark(name, count):
    asked = read(name)
    assert len(asked) == count and len({item.id for item in asked}) == count


@needs_data
@pytest.mark.parametrize("name", STAGED)
def test_prompts_hold_the_question_after_the_examples(name):
    task = TASKS[name]
    for item in read(name, 2):
        text = said(item.prompt)
        question = next(item.doc[key] for key in ("question", "input", "text", "prompt", "Puzzle") if key in item.doc)
        grid = name.startswith(("sudoku", "countdown"))  # written anew, so only its beginning is looked for
        assert (re.split("[,\n]", question)[0][:4] if grid else question) in text
        assert len(item.prompt.turns) == (task.num_fewshot if task.fewshot_as_multiturn else 0)
        assert not wording(task) or text.count(wording(task)) == task.num_fewshot + 1
        assert item.prompt.raw == (not task.chat) and "{{" not in text + item.prompt.begun


@needs_data
@pytest.mark.parametrize("name", STAGED)
def test_the_data_answer_themselves_right(name):
    """All of them where that is cheap; of programs and of variants, which share their base's questions, some."""
    task, scorer = TASKS[name], scorers.load(TASKS[name].scorer)
    asked = read(name, None if name in BASES and not scorer.RUNS_CODE else 3)
    for item in asked:
        answer = scorer.gold(item.doc)
        assert (answer is None) == (task.scorer == "ifeval")
        if answer is not None:
            assert verdict(task, item, answer) == 1, item.id
            assert verdict(task, item, "") == 0, item.id


@pytest.mark.parametrize("name", ["math500", "math500_4shot"])
def test_formulas_come_from_a_file_of_the_user(name, tmp_path):
    (tmp_path / "math500").mkdir()
    (tmp_path / "math500" / "test.jsonl").write_text(json.dumps({**PROBLEM, "unique_id": "own/1.json"}) + "\n")
    (item,) = items(TASKS[name], tmp_path)
    assert item.id == "own/1.json" and item.prompt.text.count(PROBLEM["problem"]) == 1
    assert verdict(TASKS[name], item, PROBLEM["solution"]) == 1
    assert verdict(TASKS[name], item, scorers.load("boxed").gold(item.doc)) == 1
    assert verdict(TASKS[name], item, r"\boxed{\frac{6}{5}}") == 0
    for shot in TASKS[name].fewshot_config.samples or ():
        assert shot["solution"] in item.prompt.text and scorers.load("boxed").read(shot["solution"])


# What papers publish


@pytest.mark.parametrize("name", sorted(name for name, task in TASKS.items() if task.published))
def test_published_scores_say_where_they_come_from(name):
    for found in TASKS[name].published:
        assert 0 < found.score <= 100 and SOURCES.search(found.source), found.source
        assert found.model and found.strategy and all(value is None or value > 0 for value in (found.tpf, found.tps))
    assert len({found.model_dump_json(exclude={"note"}) for found in TASKS[name].published}) == len(
        TASKS[name].published
    )


def test_settings_of_papers_have_their_scores():
    kinds = re.compile(r"_(llada|llada15|fastdllm|hierarchy|dico)(_512|_semi)?$")
    variants = {name for name in TASKS if kinds.search(name)}
    assert {name for name in TASKS if TASKS[name].published} == variants - {"ifeval_llada"}
    for name in variants | {name for name in TASKS if name.endswith("_dream")}:
        assert {"max_tokens", "block_length"} <= set(TASKS[name].settings) or name == "mbpp_llada"


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("gsm8k_llada", "paper/llada-gsm8k"),
        ("gsm8k_llada_512", "paper/llada-gsm8k-diffusion"),
        ("humaneval_llada", "paper/llada-humaneval"),
        *((f"{bench}_fastdllm", "paper/fast-dllm") for bench in ("gsm8k", "math500", "humaneval", "mbpp")),
        *((f"{bench}_hierarchy", "paper/hierarchy-32-512") for bench in ("gsm8k", "math500", "ifeval")),
        *((f"{bench}_dico", "paper/dico-non-ar") for bench in ("gsm8k", "math500", "humaneval", "mbpp")),
        *((f"{bench}_dico_semi", "paper/dico-semi-ar") for bench in ("gsm8k", "math500", "humaneval", "mbpp")),
    ],
)
def test_a_paper_means_the_same_as_task_and_as_preset(name, preset):
    settings = resolve(Request(preset=preset), outside=False).settings
    keys = ("max_tokens", "block_length", "suppress_stop")
    assert {key: TASKS[name].settings.get(key, "off") for key in keys} == {key: getattr(settings, key) for key in keys}
