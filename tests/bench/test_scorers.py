"""Scorers: what the data call right scores 1, what is changed scores 0, and no text raises or hangs."""

import csv
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of
from lm_eval.filters.extraction import RegexFilter

from dlldecode.bench import equivalence
from dlldecode.bench.answers import boxed as box_of
from dlldecode.bench.answers import tagged
from dlldecode.bench.arithmetic import evaluate, number
from dlldecode.bench.equivalence import Judge
from dlldecode.bench.scorers import available, boxed, countdown, gsm8k, load, match, sudoku
from dlldecode.errors import UsageError
from dlldecode.tiny.data import heldout

BENCHMARKS = Path(__file__).resolve().parents[2].parent / "shared" / "benchmarks"
needs_data = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmark files are not here")
SUDOKU = ["4x4_test_sudoku.csv", *(f"sudoku_4x4_{givens}.jsonl" for givens in range(4, 13))]
COUNTDOWN = ["countdown_cd3_test.jsonl", "cd3_test.jsonl", "cd4_test.jsonl", "cd5_test.jsonl"]


def records(name):
    text = (BENCHMARKS / name).read_text()
    if name.endswith(".csv"):
        return list(csv.DictReader(text.splitlines()))
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def value(scorer, doc, text, metric="accuracy"):
    return scorer.score(doc, text).metrics[metric]


# Numbers and sums


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("18", 18),
        ("$1,234.50.", Fraction(2469, 2)),
        ("-.5", Fraction(-1, 2)),
        ("18.", 18),
        ("0.1", Fraction(1, 10)),
        ("", None),
        ("$", None),
        ("1.2.3", None),
        ("1e5", None),
        ("1/2", None),
        ("nan", None),
        ("١٨", None),
        ("9" * 5000, None),
    ],
)
def test_numbers(text, exact):
    assert number(text) == exact


@pytest.mark.parametrize(
    ("text", "exact", "used"),
    [
        ("(30+100)-93", 37, (30, 100, 93)),
        ("7/2*2", 7, (7, 2, 2)),
        ("-3+5", 2, (-3, 5)),
        ("-(3-5)", 2, (3, 5)),
        ("1/3+1/3+1/3", 1, (1, 3) * 3),
    ],
)
def test_sums(text, exact, used):
    assert evaluate(text) == (exact, used)


NO_SUMS = [
    "2**9",
    "9**9**9**9",
    "7//2",
    "1/0",
    "1/(2-2)",
    "007",
    "1.5+1",
    "a+1",
    "f(1)",
    "1(2)",
    "(1,2)",
    "1 2",
    "",
    "()",
]
NO_SUMS += ["(" * 150 + "1" + ")" * 40, "-" * 150, "1+" * 150 + "1", "(1).real", "+1", "1<2"]


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_is_no_sum(text):
    assert evaluate(text) is None


# Where an answer stands


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (r"so \boxed{\frac{1}{2}} it is", r"\frac{1}{2}"),
        (r"\boxed{1} then \boxed{2}", "2"),
        (r"\boxed{1} then \boxed{2", "1"),
        (r"\fbox{ 3 }", "3"),
        (r"\boxed 5.", "5."),
        (r"$\boxed 5$", "5"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\left\{ 1 \right.}", r"\left\{ 1 \right."),
        (r"\boxed{\boxed{7}}", "7"),
        (r"\boxed{a \\ b}", r"a \\ b"),
        (r"} \boxed{4}", "4"),
        ("boxed{4}", None),
        ("", None),
    ],
)
def test_boxes(text, inside):
    assert box_of(text) == inside


def test_tags():
    assert tagged("<answer>1</answer> no: <answer> 2\n</answer> done") == "2"
    assert tagged("<answer>1</answer> <answer>2") == "2" and tagged("2</answer>") is None


# GSM8K


@needs_data
@pytest.mark.parametrize("split", ["test", "train"])
def test_gsm8k_knows_its_own_answers(split):
    for doc in records(f"gsm8k/{split}.jsonl"):
        right = Fraction(doc["answer"].rpartition("#### ")[2].replace(",", ""))
        assert gsm8k.score(doc, gsm8k.gold(doc)).metrics == {"strict": 1, "flexible": 1}
        assert gsm8k.score(doc, f"It is {right}.").metrics == {"strict": 0, "flexible": 1}
        assert gsm8k.score(doc, f"#### {right + 1}").metrics == {"strict": 0, "flexible": 0}


@pytest.mark.parametrize(
    ("text", "strict", "flexible"),
    [
        ("#### 1200", 1, 1),
        ("#### 1,200.00", 1, 1),
        ("#### 1200. #### 7", 1, 0),
        ("#### $1200", 0, 1),
        ("####1200", 0, 1),
        ("She earns $1,200.", 0, 1),
        (r"so \boxed{\$1,200} after 3 days", 0, 1),
        (r"\boxed{7} and not 1200", 0, 0),
        (r"\boxed{\text{all}} of 1200", 0, 1),
        ("-1200", 0, 0),
        ("1200.5", 0, 0),
        ("12 00", 0, 0),
        ("She earns a lot.", 0, 0),
        ("", 0, 0),
    ],
)
def test_gsm8k_reads(text, strict, flexible):
    assert gsm8k.score({"answer": "600*2\n#### 1,200"}, text).metrics == {"strict": strict, "flexible": flexible}


PIECES = ["#### ", "12", "7", "-", "$", ",", ".", " ", "\n", "apples", "0"]


@settings(max_examples=300, deadline=None)
@given(any_of.lists(any_of.sampled_from(PIECES), max_size=12))
def test_gsm8k_extracts_what_lm_eval_extracts(pieces):
    text, doc = "".join(pieces), {"answer": "#### 12"}
    patterns = {"strict": (r"#### (\-?[0-9\.\,]+)", 0), "flexible": (r"(-?[$0-9.,]{2,})|(-?[0-9]+)", -1)}
    for metric, (pattern, group) in patterns.items():
        (found,) = RegexFilter(pattern, group).apply([[text]], [doc])
        expected = number(found[0]) == 12
        assert value(gsm8k, doc, text, metric) == expected


# Sudoku


@needs_data
@pytest.mark.parametrize("name", SUDOKU)
def test_sudoku_knows_its_own_answers(name):
    for doc in records(f"sudoku/{name}"):
        puzzle = "".join((doc.get("Puzzle") or doc["input"]).split())
        right = sudoku.gold(doc)
        assert sudoku.score(doc, right).metrics == {"solved": 1, "cells": 1}
        blanks = puzzle.count("0")
        for place, given_cell in enumerate(puzzle):
            other = str(int(right[place]) % 4 + 1)
            found = sudoku.score(doc, right[:place] + other + right[place + 1 :]).metrics
            assert found == {"solved": 0, "cells": 1 if given_cell != "0" else (blanks - 1) / blanks}


FOUR = {"Puzzle": "1234341200000000", "Solution": "1234341221434321"}
NINE = "".join(str((3 * row + row // 3 + column) % 9 + 1) for row in range(9) for column in range(9))


@pytest.mark.parametrize(
    "text",
    [
        "1234341221434321",
        "1234\n3412\n2143\n4321",
        "I fill in 8 cells:\n1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1\nAll 4 rows are right.",
        "|1 2|3 4|\n|3 4|1 2|\n|---|---|\n|2 1|4 3|\n|4 3|2 1|",
        "+-+-+\n12|34\n34|12\n-----\n21|43\n43|21",
        "Row 1: 1, 2, 3, 4\nRow 2: 3, 4, 1, 2\nRow 3: 2, 1, 4, 3\nRow 4: 4, 3, 2, 1",
        "[[1, 2, 3, 4], [3, 4, 1, 2], [2, 1, 4, 3], [4, 3, 2, 1]]",
        "not 1111222233334444 but <answer>1234 3412 2143 4321</answer> of 4444333322221111",
        "first 1111222233334444, then 1234341221434321",
        "<answer>\n1234\n3412\n2143\n4321",
    ],
)
def test_sudoku_reads_grids(text):
    assert sudoku.score(FOUR, text).metrics == {"solved": 1, "cells": 1}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1234341243212143", 0),  # the other solution of the same puzzle
        ("1234341221434312", 0.75),
        ("2143123434124321", 0.5),
    ],
)
def test_sudoku_counts_cells_beside_the_solution(text, cells):
    solved = text == "1234341243212143"
    assert sudoku.score(FOUR, text).metrics == {"solved": solved, "cells": cells}


@pytest.mark.parametrize("text", ["", "no", "123434122143432", "12343412214343215", "1234\n3412\n2143", "0" * 16])
def test_sudoku_without_a_grid(text):
    assert sudoku.score(FOUR, text).metrics == {"solved": 0, "cells": 0}


def test_sudoku_of_nine():
    doc = {"input": "0" * 40 + NINE[40:], "output": NINE}
    lines = "\n".join(" ".join(NINE[9 * row : 9 * row + 9]) for row in range(9))
    assert sudoku.score(doc, lines).metrics == {"solved": 1, "cells": 1}
    assert sudoku.score(doc, lines.replace("1", "2", 1)).metrics == {"solved": 0, "cells": 1 - 1 / 40}


# Countdown


@needs_data
@pytest.mark.parametrize("name", COUNTDOWN)
def test_countdown_knows_its_own_answers(name):
    for place, doc in enumerate(records(f"countdown/{name}")):
        right = countdown.gold(doc)
        assert value(countdown, doc, right) == 1
        for changed in spoiled(doc, right) if place % 10 == 0 else ():
            assert value(countdown, doc, changed) == 0, (doc, changed)


def spoiled(doc, right):
    """A number used twice, a wrong result, something more, no sum."""
    first = doc["input"].partition(",")[0]
    equation = right if "=" in right else f"{right}={doc['output']}"
    twice = f"{right},{first}-{first}=0" if "=" in right else f"{right}+{first}-{first}"
    wrong = re.sub(r"[0-9]+$", lambda last: str(int(last[0]) + 1), equation)
    return twice, wrong, f"{right}+1", doc["output"].rpartition("=")[2], doc["input"]


ONE = {"input": "30,100,93", "output": "37"}
STEPS = {"input": "86,28,13,31,96", "output": "86+28=114,31-13=18,114-18=96"}


@pytest.mark.parametrize(
    "text",
    [
        "30+100-93",
        "(100 + 30) - 93 = 37",
        "37 = 100 - (93 - 30)",
        "30 + 100 - 93 = 130 - 93 = 37",
        "<answer>30+100-93</answer>, or 30+100",
        "We try 30*100 = 3000, too much.\nSo: 30 + 100 - 93 = 37.",
        r"\boxed{30 + 100 - 93}",
        r"<answer>\boxed{30+100-93}</answer>",
        r"$100 \times 30 \div 30$ is no way; $\left(30 + 100\right) - 93 = 37$",
        "30 + 100 = 130, 130 - 93 = 37",
        "1. 30 + 100 = 130\n2. 130 − 93 = 37",
        "- 30 - 93 = -63\n- -63 + 100 = 37",
    ],
)
def test_countdown_reads_sums_and_steps(text):
    assert value(countdown, ONE, text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "37",
        "It cannot be done.",
        "30+100",
        "30+100-93-0",
        "30+100-93=38",
        "100-93+30+30-30",
        "30+7",
        "30+100=130",
        "30+100=130, 130-93=38, 38-1=37",
        "30 - 93 = -63, 63 - 26 = 37",
        "30+100-93 = 37\nCheck: 2+2=5",
        "30+100-93 = 37, or 30+100-92 = 38",
        "<answer>37</answer> 30+100-93",
        "30+100-93**1",
        "(30+100-93",
        "9**9**9**9",
    ],
)
def test_countdown_rejects(text):
    assert value(countdown, ONE, text) == 0


def test_countdown_in_dream_may_leave_numbers():
    spared = "86+28=114,31-13=18,114-18=96"
    assert value(countdown, {**STEPS, "input": "86,28,13,31,5,96"}, spared) == 1
    assert value(countdown, {"input": "86,28,13,31,5", "output": "96"}, spared) == 0
    assert countdown.gold({"input": "2,2", "output": "7"}) is None


# Formulas

EQUAL = [
    (r"\frac{1}{2}", "0.5"),
    (r"\frac{3}{4}", r"\dfrac{3}{4}"),
    (r"\frac{7}{3}", r"\frac73"),
    (r"\frac{7}{3}", "7/3"),
    (r"\frac{7}{3}", r"2\frac{1}{3}"),
    (r"-\frac{2}{5}", r"\frac{-2}{5}"),
    ("12,345", "12345"),
    ("1000", "1{,}000"),
    (r"12,\!345", "12,345"),
    ("10^4", "10000"),
    (r"\left[ 2, 5 \right)", "[2,5)"),
    (r"(-\infty, 3) \cup (3, \infty)", r"(3,\infty)\cup(-\infty,3)"),
    (r"x \in [-1,1]", "[-1,1]"),
    (r"\{1, 2, 3\}", r"\{3, 1, 2\}"),
    ("1, 2, 3", "3, 2, 1"),
    ("1,-2", r"-2 \text{ and } 1"),
    (r"\left( 3, \frac{\pi}{2} \right)", r"(3, \pi/2)"),
    (r"7 \text{ meters}", "7"),
    ("7", r"7\text{ cm}^2"),
    (r"\$3.50", "3.5"),
    (r"90^\circ", "90"),
    ("45", "45°"),
    (r"25\%", "25"),
    (r"\sqrt{8}", r"2\sqrt{2}"),
    (r"\frac{\sqrt{2}}{2}", r"\frac{1}{\sqrt{2}}"),
    (r"\sqrt3", r"\sqrt{3}"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}"),
    (r"\begin{pmatrix} -2 \\ 1/2 \end{pmatrix}", r"\begin{pmatrix} -2 \\ \frac{1}{2} \end{pmatrix}"),
    ("x^2+2x+1", "1+2x+x^2"),
    ("x^2-y^2", "(x-y)(x+y)"),
    ("5", "x=5"),
    ("x=5", "5"),
    ("y = 2x + 3", "y=3+2x"),
    (r"\text{Evelyn}", "Evelyn"),
    (r"\text{(C)}", "C"),
    (r"\text{June 20}", "June 20"),
    (r"\text{Ella}", r"\text{Ella}."),
    ("3+4i", "4i+3"),
    ("1011_2", "1011_{2}"),
    (r"\pm 3", "3, -3"),
    (r"\binom{5}{2}", "10"),
    ("10:30", "10:30"),
]
UNEQUAL = [
    (r"\frac{1}{2}", "2"),
    (r"\frac{1}{3}", "0.3"),
    ("7", "-7"),
    ("[2,5)", "(2,5)"),
    ("[2,5)", "[2,5]"),
    ("(1,2)", "(2,1)"),
    ("(1,2)", "1"),
    (r"\{1,2,3\}", r"\{1,2\}"),
    ("1,2,3", "1,2"),
    ("12", "1,2"),
    (r"\sqrt{2}", "1.4"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}"),
    ("x^2+2x+1", "x^2+x+1"),
    ("5", "x=6"),
    (r"\text{Evelyn}", "Eve"),
    (r"\text{(C)}", "D"),
    (r"90^\circ", "80"),
    ("25", "2.5"),
    (r"2\pi", "2"),
    ("3+4i", "3-4i"),
    ("4210_5", "4210_6"),
    ("10^4", "10^5"),
    (r"5.4 \text{ cents}", "5.5"),
    ("x", "y"),
    (r"(-\infty,3)", r"(-\infty,3]"),
    (r"\text{June 20}", "June 21"),
    ("5", ""),
    ("5", "none"),
    ("x>2", "x<2"),
    (r"\pi", "3.14"),
]


def test_formulas():
    assert [pair for pair in EQUAL if not boxed.equivalent(*pair)] == []
    assert [pair for pair in UNEQUAL if boxed.equivalent(*pair)] == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (r"Thus \boxed{\dfrac{1}{2}}.", 1),
        (r"Thus \boxed{0.5}, not \frac{1}{3}.", 1),
        ("The answer is $\\frac12$.", 1),
        (r"So \(x = \frac{1}{2}\)", 1),
        ("So it is 1/2.", 1),
        (r"\boxed{\frac{1}{3}} though $\frac{1}{2}$", 0),
        ("nothing", 0),
        ("", 0),
        (rf"\boxed{{{'5' * 10**6}}}", 0),
    ],
)
def test_boxed_reads(text, right):
    doc = {"answer": r"\frac{1}{2}"}
    assert value(boxed, doc, text) == right and value(boxed, doc, boxed.gold(doc)) == 1


def test_a_formula_without_end_is_stopped():
    judge = Judge(seconds=0.5)
    begin = time.perf_counter()
    assert judge.same("5", "9^{9^{9^9}}") is None
    assert time.perf_counter() - begin < 15  # the process's imports come on top of its time
    assert judge.same(r"\frac{1}{2}", "0.5") is True and judge.same("5", "6") is False
    judge.close()


def test_formulas_are_compared_in_threads():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: equivalence.same(f"{each}+x", f"x+{each}"), range(20)))
    assert found == [True] * 20


def test_math_verify_is_asked_for(monkeypatch):
    monkeypatch.setattr(equivalence, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install 'dlldecode\\[bench\\]'"):
        boxed.score({"answer": "5"}, r"\boxed{6}")


# Matches


@pytest.mark.parametrize(
    ("answer", "text", "right"),
    [
        ("Paris", " paris.\n", 1),
        ("Paris", "I think of cities.\nParis!", 1),
        ("Paris", "reason #### PARIS", 1),
        ("Paris", r"It is \boxed{Paris} in France", 1),
        (["Rome", "Roma"], "Roma", 1),
        ([4, 5], "5", 1),
        ("New York", "new   york", 1),
        ("?", "?", 1),
        ("?", "", 0),
        ("Paris", "Paris or Rome", 0),
        (["Rome", "Roma"], "Rom", 0),
        ("Paris", "", 0),
    ],
)
def test_matches(answer, text, right):
    doc = {"answer": answer}
    assert value(match, doc, text) == right and value(match, doc, match.gold(doc)) == 1
    assert match.score(doc, text).note.startswith("expected ") != right


@pytest.mark.parametrize("doc", [{}, {"answer": None}, {"answer": []}])
def test_a_match_needs_an_answer(doc):
    with pytest.raises(UsageError, match="give a text or a list of texts"):
        match.score(doc, "Paris")


# Hostile texts

CODELESS = [name for name in available() if not load(name).RUNS_CODE]
LETTERS = {"key": 1, "prompt": "", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
DOCS = {
    "boxed": [{"answer": r"\frac{1}{2}"}],
    "countdown": [ONE, STEPS],
    "family": [asdict(heldout(family)[0]) for family in ("gsm", "sudoku", "code")],
    "gsm8k": [{"answer": "#### 5"}],
    "ifeval": [LETTERS],
    "match": [{"answer": "5"}],
    "sudoku": [FOUR, {"input": "0" * 81, "output": NINE}],
}
SHARDS = [
    "<answer>",
    "</answer>",
    r"\boxed{",
    "}",
    r"\boxed ",
    "#### ",
    "$",
    r"\(",
    r"\frac{1}{2}",
    "1+",
    "=",
    "(",
    ")",
]
SHARDS += [" ", "\n", "5", "1/0", "**", ",", "-", "−", "x", "|", "\0", "\ud800", "١", "9" * 5000, "1234", "\\"]


@pytest.mark.parametrize("name", CODELESS)
@settings(max_examples=25, deadline=None)
@given(text=any_of.text() | any_of.lists(any_of.sampled_from(SHARDS), max_size=12).map("".join))
def test_no_text_raises(name, text):
    for doc in DOCS[name]:
        found = load(name).score(doc, text).metrics
        assert all(0 <= each <= 1 for part in found.values() for each in (part if isinstance(part, list) else [part]))


LONG = [
    r"\boxed{",
    r"\boxed ",
    "<answer>",
    "(",
    "1+",
    "1+1=",
    "1=",
    "- ",
    "#### ",
    r"\frac{",
    r"\(",
    "$",
    r"\text{",
    "1,",
]


@pytest.mark.parametrize("name", ["boxed", "countdown", "gsm8k", "match", "sudoku"])
def test_long_texts_take_no_longer_than_their_length(name):
    begin = time.perf_counter()
    for piece in LONG:
        load(name).score(DOCS[name][0], piece * 50_000)
    assert time.perf_counter() - begin < 5
