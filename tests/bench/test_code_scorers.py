"""HumanEval and MBPP: right answers pass however they are wrapped, wrong ones fail."""

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from dlldecode.bench import extract, scorers

HUMANEVAL, MBPP = scorers.load("humaneval"), scorers.load("mbpp")
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "benchmarks"
on_data = pytest.mark.skipif(not DATA.is_dir(), reason="the benchmarks' data files are not here")

HALVES = {
    "task_id": "made/0",
    "entry_point": "halves",
    "prompt": "from typing import List\n\n\ndef half(x: int) -> int:\n    return x // 2\n\n\n"
    'def halves(xs: List[int]) -> List[int]:\n    """Halve each."""\n',
    "canonical_solution": "    return [half(x) for x in xs]\n",
    "test": "def check(candidate):\n    assert candidate([4, 5]) == [half(4), 2]\n    assert candidate([]) == []\n",
}
WHOLE = HALVES["prompt"].partition("\n\n\n")[2] + HALVES["canonical_solution"]
DEFINITION = "def halves(xs):\n    return [half(x) for x in xs]\n"
DEPTH = {
    "code": "class Node:\n    def __init__(self, below=None):\n        self.below = below\n\n"
    "def depth(node):\n    return 1 + depth(node.below) if node else 0\n",
    "test_setup_code": "top = Node(Node())",
    "test_list": ["assert depth(top) == 2", "assert depth(Node()) == 1", "assert depth(None) == 0"],
}


def passes(scorer, doc, text: str) -> bool:
    """Whether an answer passes; the verdict's other parts are looked at, too."""
    verdict = scorer.score(doc, text)
    (value,) = verdict.metrics.values()
    assert [*verdict.metrics] == ["pass@1"] and value in (0, 1)
    assert verdict.answer is not None and bool(verdict.note) == (value == 0) and "\n" not in verdict.note
    return value == 1


# HumanEval

RIGHT = {
    "gold": HALVES["canonical_solution"],
    "goes on": "    return [half(x) for x in xs]\n\n\ndef another(x):\n    return x[",
    "goes on with tests": "    return [half(x) for x in xs]\n\nif True:\n    raise ValueError\nprint(undefined)",
    "whole": WHOLE,
    "fenced": f"Sure! Here it is:\n\n```python\n{DEFINITION}```\n\nIt halves each.\n\n```\nhalves([4])\n```\n",
    "fenced without a word": f"So:\n```\n{DEFINITION}```",
    "fenced, then cut off": f"So:\n```python\n{DEFINITION}",
    "fence opened by the prompt": f"{DEFINITION}```\nIt halves each.",
    "body opened by the prompt": "    return [half(x) for x in xs]\n```\nIt halves each.",
    "body in a fence": "```python\n    return [half(x) for x in xs]\n```",
    "second block": f"First:\n```bash\npip install it\n```\n```python\nimport math\n```\n```py\n{DEFINITION}```",
    "broken block first": f"```python\ndef halves(xs:\n```\nrather\n```python\n{DEFINITION}```",
    "own helper": "```python\ndef half(x):\n    return x >> 1\n\n" + DEFINITION + "```",
    "future": "```python\nfrom __future__ import annotations\n" + DEFINITION + "```",
    "not of the library": DEFINITION + "if __name__ == '__main__':\n    print(halves(eval(input())))\n",
    "value": "```python\nhalves = lambda xs: [x // 2 for x in xs]\n```",
    "windows": "```python\r\n" + DEFINITION.replace("\n", "\r\n") + "```\r\n",
}
WRONG = {
    "nothing": ("", "AssertionError: assert candidate([4, 5]) == [half(4), 2]"),
    "prose": ("I would halve each of them.", None),
    "prose in a fence": ("```\nI would halve them.\n```", "SyntaxError: invalid syntax (program.py, line 10)"),
    "None": ("    return None\n", "AssertionError: assert candidate([4, 5]) == [half(4), 2]"),
    "off by one": ("    return [half(x) + 1 for x in xs]", "AssertionError: assert candidate([4, 5]) == [half(4), 2]"),
    "late": ("    return [2, 2]", "AssertionError: assert candidate([]) == []"),
    "another name": ("```python\ndef Halves(xs):\n    return [x // 2 for x in xs]\n```", None),
    "raises": ("    return [hälf(x) for x in xs]", "NameError: name 'hälf' is not defined"),
    "leaves": ("    import os; os._exit(0)", "the program ended itself (exit code 0)"),
    "own half": (
        DEFINITION.replace("in xs", "in xs or [1]") + "def half(x): return 2\n",
        "AssertionError: assert candidate([]) == []",
    ),
    "nothing to encode": ("\ud800\0", None),
}


@pytest.mark.parametrize("name", RIGHT)
def test_humaneval_right(name):
    assert passes(HUMANEVAL, HALVES, RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
def test_humaneval_wrong(name):
    text, note = WRONG[name]
    assert not passes(HUMANEVAL, HALVES, text)
    assert note in (None, HUMANEVAL.score(HALVES, text).note)


# MBPP


WRAPS = [
    "{}",
    "{}[DONE]",
    "{}```\nDone.",
    "```\n{}",
    "[BEGIN]\n{}\n[DONE]\nYou are ...\n[BEGIN]\nx(",
    "[BEGIN]\n```python\n{}```\n[DONE]",
    "Sure:\n```python\n{}```\nThat is it.",
    "```python\n# usage\nx = 3\n```\n```python\n{}```",
]


@pytest.mark.parametrize("wrap", WRAPS)
def test_mbpp_right(wrap):
    assert passes(MBPP, DEPTH, wrap.format(MBPP.gold(DEPTH)))


def test_mbpp_wrong():
    code = MBPP.gold(DEPTH)
    assert MBPP.score(DEPTH, code.replace("else 0", "else 1")).note == "AssertionError: assert depth(top) == 2"
    assert MBPP.score(DEPTH, code.replace("depth", "deep")).note == "NameError: name 'depth' is not defined"
    for text in (
        "",
        "It is easy.",
        code.replace("Node", "Knot"),
        code[:-30],
        "def depth(x): return 2",
        "[DONE]" + code,
    ):
        assert not passes(MBPP, DEPTH, text)


def test_a_name_of_the_answer_hides_a_builtin_only_where_the_task_has_it():
    doc = {"code": "def sum(a, b): return a + b", "test_list": ["assert set([sum(1, 2)]) == {3}"]}
    assert passes(MBPP, doc, "def sum(a, b): return b + a\ndef set(x): return 0")
    assert not passes(MBPP, doc, "def sum(a, b): return 0\nset = lambda x: {3}")


@pytest.mark.parametrize("text", ["", "(" * 99999, "-" * 99999 + "1", "1" + "+1" * 99999, "\0", "\ud800", "```" * 999])
def test_any_text_is_read(text):
    assert text in extract.readings(text) and isinstance(extract.is_python(text), bool)


# The benchmarks themselves


@cache
def lines(name: str) -> list[dict]:
    path = DATA / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return [json.loads(line) for line in file]


FILES = [(HUMANEVAL, "humaneval/HumanEval.jsonl.gz", 164), (MBPP, "mbpp/mbpp.jsonl", 974)]
FILES += [(MBPP, "mbpp/mbpp_sanitized.jsonl", 427)]
# Spread over each file; what the assertions need besides plain values of the answer's function is in 92 and 595.
CHOSEN = {164: range(3, 164, 15), 974: (*range(0, 974, 97), 532, 595, 366, 125), 427: range(1, 427, 48)}


def spoil(code: str) -> str:
    """The same program, whose functions return nothing."""
    return re.sub(r"(?m)\breturn\b.*$", "return None", re.sub(r"\\\n", " ", code))


def judged(scorer, docs, make) -> list[bool]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda doc: passes(scorer, doc, make(scorer.gold(doc))), docs))


NOTHING = {"none": lambda code: "", "prose": lambda code: "I do not know.", "spoilt": spoil}


@on_data
@pytest.mark.parametrize(("scorer", "name", "count"), FILES, ids=[name for _, name, _ in FILES])
class TestFiles:
    def test_every_solution_is_read(self, scorer, name, count):
        docs = lines(name)
        assert len(docs) == count and all(scorer.gold(doc).strip() for doc in docs)

    @pytest.mark.parametrize("wrap", ["{}", "Of course!\n\n```python\n{}\n```\n\nThis works."])
    def test_solutions_pass(self, scorer, name, count, wrap):
        docs = [lines(name)[at] for at in CHOSEN[count]]
        assert all(judged(scorer, docs, lambda code: wrap.replace("{}", code)))

    @pytest.mark.parametrize(
        "change", [lambda code: "", lambda code: "I do not know.", spoil], ids=["none", "prose", "spoilt"]
    )
    def test_what_is_none_fails(self, scorer, name, count, change):
        docs = [lines(name)[at] for at in CHOSEN[count]][::3]
        assert not any(judged(scorer, docs, change))
