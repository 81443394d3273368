"""Our verdicts on IFEval beside those of lm-eval's own checker."""

import random
import sys
from collections import Counter
from functools import cache
from types import SimpleNamespace

import pytest

from dlldecode.bench.instructions import CHECKS
from dlldecode.bench.instructions.sentences import sentences, splitter
from dlldecode.bench.scorers import load

from .ifeval_cases import CASES, DEEP, ENGLISH, GERMAN, doc, staged

SCORER = load("ifeval")


@pytest.fixture(scope="module")
def reference():
    """lm-eval's `process_results`, splitting sentences as we do: its own splitter would have to be downloaded."""
    pytest.importorskip("lm_eval", reason="lm-eval is not installed")
    with pytest.MonkeyPatch.context() as patch:
        import langdetect
        import nltk

        patch.setitem(sys.modules, "immutabledict", SimpleNamespace(immutabledict=dict))
        patch.setattr(nltk, "download", lambda *_, **__: False)
        patch.setattr(nltk.data, "load", lambda *_, **__: splitter())
        patch.setattr("nltk.tokenize.sent_tokenize", lambda text, *_: list(sentences(text)))
        patch.setattr(langdetect.DetectorFactory, "seed", 0)
        patch.setattr(langdetect, "detect", cache(langdetect.detect))
        from lm_eval.tasks.ifeval import utils

        yield utils.process_results


PIECES = [
    "*",
    "**",
    "***",
    "******",
    "- a",
    "* b",
    "<<",
    ">>",
    "<<t>>",
    "[x]",
    "[",
    "]",
    "P.S.",
    "p. p. s",
    "```json",
    "```",
]
PIECES += [
    "{}",
    '"',
    "'",
    ",",
    ".",
    "!",
    "?",
    "#",
    "A",
    "USA",
    "it's",
    "é",
    "你好。",
    "Mr. B",
    "My answer is no.",
    "e.g. The",
]
PIECES += [
    "\n",
    "\n\n",
    "\n\n\n",
    " ",
    "\t",
    "The cat sat. ",
    "on the mat",
    "Section 1",
    "-",
    "\u2028",
    "\x0b",
    "JOHN'S",
]


def soup(chance: random.Random, own: list[str]) -> str:
    """Pieces at random, with the words that the prompt asks for."""
    joint = chance.choice(["", " ", "\n", "\n\n"])
    text = joint.join(chance.choices(PIECES + own * 5, k=chance.randint(1, 30)))
    return chance.choice([str, str.upper, str.lower, str.strip])(text)


def reply(chance: random.Random, arguments: dict) -> str:
    """An answer that is likely to follow, or to miss by one."""
    counts = [value for value in arguments.values() if isinstance(value, int)]
    number = max(0, (chance.choice(counts) if counts else 2) + chance.randint(-1, 1))
    own = [word for value in arguments.values() for word in ([value] if isinstance(value, str) else [])]
    own += [word for key in ("keywords", "forbidden_words") for word in arguments.get(key, [])]
    units = [
        "- a\n",
        "* b\n",
        "*c* ",
        "**d** ",
        "[e] ",
        "f ",
        "Go on. ",
        "HI ",
        "a***",
        "b\n\n",
        *(f"{word} " for word in own),
    ]
    if "first_word" in arguments:
        return f"{own[0]}, g\n\n" * (arguments["num_paragraphs"] - chance.randint(0, 1))
    unit = chance.choice(units)
    text = "".join(f"{own[0]} {at}\n" if own and unit == "f " else unit for at in range(number))
    wraps = [
        '"{}"',
        "```\n{}\n```",
        "{}\n******\nb",
        "<<t>>\n{}",
        "{}",
        "{}",
        "Sure, yes:\n{}\n*Bye, you*",
        "{}\nP.S. a\nP.P.S b",
    ]
    wraps += [ENGLISH.upper() + " {}", ENGLISH + " {}", GERMAN + " {}", '{{"a": "{}"}}', "My answer is yes.{}"]
    return chance.choice(wraps).format(text.strip() if chance.random() < 0.5 else text) + chance.choice(["", *own])


def replies(chance: random.Random, asked: dict, count: int) -> list[str]:
    """Answers to a prompt: half of them near its bounds, half pieces at random."""
    arguments = {key: value for given in asked["kwargs"] for key, value in given.items()}
    own = (
        [str(value) for value in arguments.values()]
        + arguments.get("keywords", [])
        + arguments.get("forbidden_words", [])
    )
    made = [soup(chance, own) if at % 2 else reply(chance, arguments) for at in range(count)]
    return [*made[1:], asked["prompt"] + made[0] if chance.random() < 0.2 else made[0]]


def drawn_by_lot(asked: dict) -> bool:
    """The reference counts a letter at random where the data ask for `#` or `!`."""
    return any(given.get("letter", "a") in "#!" for given in asked["kwargs"])


def agrees(reference, asked: dict, text: str):
    """Our verdict, once it is found to be the reference's."""
    ours, theirs = SCORER.score(asked, text).metrics, reference(asked, [text])
    for mine, other in (("strict", "strict_acc"), ("loose", "loose_acc")):
        assert ours[f"instruction_{mine}"] == theirs[f"inst_level_{other}"], (asked, text)
        assert ours[f"prompt_{mine}"] == theirs[f"prompt_level_{other}"], (asked, text)
    return ours


def test_agrees_with_lm_eval_on_the_cases(reference):
    for name, arguments, good, bad in CASES:
        for text in [] if drawn_by_lot(asked := doc((name, arguments))) else [*good, *bad, ""]:
            if text != DEEP:  # the reference breaks down over it
                agrees(reference, asked, text)


def test_agrees_with_lm_eval_on_every_prompt(reference):
    chance, seen = random.Random(1), Counter()
    for asked in staged():
        for text in [] if drawn_by_lot(asked) else replies(chance, asked, 2):
            found = agrees(reference, asked, text)["instruction_strict"]
            seen.update(zip(asked["instruction_id_list"], found, strict=True))
    assert {name for name, kept in seen if kept} == {name for name, kept in seen if not kept} == set(CHECKS)
