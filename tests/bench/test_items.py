"""From data to prompts: tasks of the test's own."""

import gzip
import json
import sys
from pathlib import Path

import pytest
import yaml

from dlldecode.bench import task as tasks
from dlldecode.bench.items import cut, items
from dlldecode.errors import UsageError

LINES = [{"q": f"what is {n}?", "a": str(n), "name": f"n{n}"} for n in range(6)]
ASKED = {
    "data_files": {"test": "t.jsonl", "fewshot": "t.jsonl"},
    "doc_to_text": "Q: {{q}}\nA:",
    "doc_to_target": "{{a}}",
    "id_field": "name",
    "scorer": "family",
    "metric": "accuracy",
}


@pytest.fixture
def made(tmp_path):
    def make(**keys):
        (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
        (tmp_path / "own.yaml").write_text(yaml.safe_dump({**ASKED, **keys}))
        (task,) = tasks.find(str(tmp_path / "own.yaml"))
        return task

    return make


def test_a_line_becomes_a_prompt(made):
    found = items(made(), limit=2)
    assert [item.id for item in found] == ["n0", "n1"]
    assert found[1].prompt.text == "Q: what is 1?\nA:" and found[1].prompt.id == "own/n1"


def test_questions_that_are_skipped_leave_the_others_their_numbers(made):
    ids = [item.id for item in items(made())]
    assert [item.id for item in items(made(), limit=2, skip=3)] == ids[3:5]
    assert [item.id for item in items(made(), skip=4)] == ids[4:]
    with pytest.raises(UsageError, match=f"--skip 9: task own has {len(ids)} items"):
        items(made(), skip=9)


def test_examples_stand_before_the_question(made):
    first = items(made(num_fewshot=2, skip=2, description="Answer.\n"))[0].prompt
    assert first.text == "Answer.\nQ: what is 0?\nA: 0\n\nQ: what is 1?\nA: 1\n\nQ: what is 2?\nA:"
    assert first.turns == ()


def test_or_as_turns_of_their_own(made):
    first = items(made(num_fewshot=2, skip=2, description="Answer.\n", fewshot_as_multiturn=True))[0].prompt
    assert first.turns == (("Answer.\nQ: what is 0?\nA:", "0"), ("Q: what is 1?\nA:", "1"))
    assert first.text == "Q: what is 2?\nA:"


def test_examples_may_be_written_down_or_chosen(made):
    own = [{"q": "why?", "a": "so"}]
    assert "why?\nA: so" in items(made(num_fewshot=1, fewshot_config={"samples": own}))[0].prompt.text
    assert "is 3?\nA: 3" in items(made(num_fewshot=1, fewshot_where="a == '3'"))[0].prompt.text
    with pytest.raises(UsageError, match="wants 9 examples, and its data hold 6"):
        items(made(num_fewshot=9))


def test_lines_are_chosen_by_their_fields(made):
    assert [item.id for item in items(made(where="a | int > 1 and a != '4'"))] == ["n2", "n3", "n5"]
    with pytest.raises(UsageError, match="has no items"):
        items(made(skip=6))


def test_an_answer_is_begun_and_cut(made):
    task = made(gen_prefix="It is {{a}} and", chat=False, generation_kwargs={"until": ["\nQ", "stop"]})
    prompt = items(task)[4].prompt
    assert prompt.begun == "It is 4 and" and prompt.raw
    until = task.generation_kwargs.until
    assert cut("one stop two\nQ: three", until) == "one " and cut("one", until) == "one"


def test_a_template_that_does_not_fit_is_told(made):
    with pytest.raises(UsageError, match="does not fit its data"):
        items(made(doc_to_text="{{nothing}}"))


def test_files_lie_below_the_data_folder(made, tmp_path):
    task = made(data_files={"test": "sub/t.jsonl.gz"})
    folder = tmp_path / "elsewhere"
    with pytest.raises(UsageError, match=r"own needs .*elsewhere/sub/t.jsonl.gz, which is not there"):
        items(task, folder)
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "t.jsonl.gz").write_bytes(gzip.compress(json.dumps(LINES[3]).encode()))
    assert [item.id for item in items(task, folder)] == ["n3"]


@pytest.mark.parametrize(("content", "sentence"), [('{"q": 1', "line 2 is not JSON"), ("[1]", "line 2 is not a JSON")])
def test_a_broken_line_is_told(made, tmp_path, content, sentence):
    task = made()
    (tmp_path / "t.jsonl").write_text(f"{json.dumps(LINES[0])}\n{content}\n")
    with pytest.raises(UsageError, match=sentence):
        items(task)


def test_missing_data_name_the_file_and_where_to_get_it(monkeypatch):
    (task,) = tasks.find("gsm8k")
    with pytest.raises(
        UsageError, match=r"--offline is set; give the folder that holds gsm8k/test\.jsonl with --data-dir"
    ):
        items(task, offline=True)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UsageError, match=r"openai/gsm8k.* pip install 'dlldecode\[bench\]'"):
        items(task)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"scorers": "x"}, "did you mean scorer"),
        ({**ASKED, "scorer": "gsm9k"}, "no scorer 'gsm9k'"),
        ({**ASKED, "decode": {"block_lenght": 8}}, "did you mean block_length"),
        ({**ASKED, "generator": "nobody"}, "no generator 'nobody'"),
        ({"scorer": "family"}, "metric field required"),
        ({"group": "x"}, "a group holds"),
        ([1], "is a table of keys"),
    ],
)
def test_a_task_file_with_a_fault_is_told(tmp_path, content, sentence):
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UsageError, match=sentence):
        tasks.find(str(tmp_path / "bad.yaml"))


def test_unknown_tasks_name_the_nearest():
    with pytest.raises(UsageError, match="did you mean tiny_gsm"):
        tasks.find("tiny_gms")
    with pytest.raises(UsageError, match="cannot read"):
        tasks.find("nowhere.yaml")


def test_a_users_own_lines(tmp_path):
    (tmp_path / "mine.jsonl").write_text('{"prompt": "p", "answer": "a", "id": 7}\n')
    (task,) = tasks.find(str(tmp_path / "mine.jsonl"))
    assert [(item.id, item.prompt.text) for item in items(task)] == [("7", "p")]


def test_a_task_over_another_keeps_what_it_does_not_say(tmp_path):
    parent = {**ASKED, "generation_kwargs": {"until": ["x"], "max_gen_toks": 64}, "about": "parent"}
    parent["published"] = [{"source": "s", "model": "m", "strategy": "v", "score": 1}]
    (tmp_path / "_base.yaml").write_text(yaml.safe_dump(parent))
    (tmp_path / "child.yaml").write_text("include: _base.yaml\ngeneration_kwargs: {max_gen_toks: 32}\n")
    (task,) = tasks.find(str(tmp_path / "child.yaml"))
    assert task.task == "child" and task.about == "" and task.published == ()
    assert task.generation_kwargs.until == ("x",) and task.settings == {"max_tokens": 32}
    assert task.digest != tasks.find(str(tmp_path / "_base.yaml"))[0].digest


def test_the_example_of_the_documentation(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text()
    (tmp_path / "capitals.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    (tmp_path / "capitals.jsonl").write_text('{"country": "Peru", "answer": "Lima"}\n')
    (task,) = tasks.find(str(tmp_path / "capitals.yaml"))
    assert items(task)[0].prompt.text == "What is the capital of Peru?" and task.settings == {"max_tokens": 32}
