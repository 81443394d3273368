import itertools
import random

import pytest

from dlldecode.tiny import families
from dlldecode.tiny.data import digest, forbidden, heldout, problems
from dlldecode.tiny.problem import Problem

FAMILIES = families.available()


def test_the_six_families_are_found_by_file_name():
    assert FAMILIES == ["code", "gsm", "ifeval", "lists", "math", "sudoku"]
    with pytest.raises(ValueError, match="gsm"):
        families.load("chess")


@pytest.mark.parametrize("name", FAMILIES)
def test_own_answers_pass(name):
    family = families.load(name)
    wrong = [problem for problem in problems(name, 1, 500) if not family.check(problem, problem.answer)]
    assert wrong == []


@pytest.mark.parametrize("name", FAMILIES)
def test_answers_to_other_problems_fail(name):
    family, drawn = families.load(name), problems(name, 2, 300)
    fooled = sum(family.check(one, other.answer) for one, other in itertools.pairwise(drawn))
    assert fooled <= 15  # short numbers may agree by chance


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    "text", ["", "I do not know.", "####", "\\boxed{}", "\\boxed{1/0}", "1 2 3 4\n" * 4, "a: b", "{}", "\0", ": "]
)
def test_no_reply_breaks_a_checker(name, text):
    family = families.load(name)
    assert not any(family.check(problem, text) for problem in problems(name, 3, 50))


@pytest.mark.parametrize("name", FAMILIES)
def test_cut_answers_fail(name):
    family, drawn = families.load(name), problems(name, 4, 200)
    fooled = sum(family.check(problem, problem.answer[: len(problem.answer) // 3]) for problem in drawn)
    assert fooled <= 4


def raised(text: str, last: int) -> str:
    return text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]


@pytest.mark.parametrize("name", ["gsm", "math"])
def test_another_last_digit_fails(name):
    family = families.load(name)
    for problem in problems(name, 5, 300):
        last = max(place for place, letter in enumerate(problem.answer) if letter.isdigit())
        assert not family.check(problem, raised(problem.answer, last))


def test_any_changed_cell_fails():
    family = families.load("sudoku")
    for problem in problems("sudoku", 6, 100):
        head, _, grid = problem.answer.partition("\n")
        place = random.Random(problem.answer).choice([at for at, letter in enumerate(grid[:31]) if letter.isdigit()])
        assert not family.check(problem, head + "\n" + grid[:place] + str(int(grid[place]) % 4 + 1) + grid[place + 1 :])


def test_a_valid_grid_that_ignores_a_given_fails():
    family = families.load("sudoku")
    swap = str.maketrans("1234", "2143")
    for problem in problems("sudoku", 7, 100):
        assert not family.check(problem, problem.answer.partition("\n")[2].translate(swap))


@pytest.mark.parametrize(
    ("box", "right"),
    [
        ("1/2", True),
        ("2/4", True),
        ("0.5", True),
        ("\\frac{3}{6}", True),
        (" 1/2 ", True),
        ("x = 1/2", True),
        ("1/3", False),
        ("half", False),
        ("1/0", False),
    ],
)
def test_equal_fractions_count(box, right):
    problem = Problem("math", "", "", "1/2")
    assert families.load("math").check(problem, f"So \\boxed{{{box}}}.") is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("#### 12", True),
        ("#### 13\n#### 12", True),
        ("12", False),
        ("#### 12.5", False),
        ("#### 120", False),
        ("####12 ", True),
        ("#### 12 or 13", False),
        ("#### -12", False),
    ],
)
def test_the_number_after_the_last_hashes_counts(text, right):
    assert families.load("gsm").check(Problem("gsm", "", "", 12), text) is right


def test_shuffles_accept_any_other_order_only():
    family = families.load("lists")
    problem = Problem("lists", "", "", (("a", "b", "c"), (("shuffle", "", "", 0),)))
    assert family.check(problem, "Mixed: c, a, b")
    assert not family.check(problem, "Mixed: a, b, c")
    assert not family.check(problem, "Mixed: a, c")
    assert not family.check(problem, "Mixed: a, c, c")


@pytest.mark.parametrize("name", ["lists", "ifeval"])
def test_a_lost_word_fails_mostly(name):
    family, drawn = families.load(name), problems(name, 8, 300)
    cut = [problem.answer.replace("- ", "", 1).rsplit(" ", 1)[0] for problem in drawn]
    passed = sum(family.check(problem, text) for problem, text in zip(drawn, cut, strict=True))
    assert passed < 30  # prose without a demanded length may lose a word


@pytest.mark.parametrize("name", FAMILIES)
def test_seeds_decide(name):
    assert problems(name, 9, 30) == problems(name, 9, 30)
    assert problems(name, 9, 30) != problems(name, 10, 30)


@pytest.mark.parametrize("name", FAMILIES)
def test_training_never_meets_heldout_prompts(name):
    barred = forbidden(name)
    assert len(heldout(name)) == len(barred) == 200
    assert not barred & {digest(problem) for problem in problems(name, 11, 4_000)}


@pytest.mark.parametrize("name", FAMILIES)
def test_problems_seldom_repeat(name):
    assert len({digest(problem) for problem in problems(name, 12, 2_000)}) > 1_900
