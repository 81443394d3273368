"""IFEval's instructions: followed or not, strict and loose, whatever the answer."""

import random
import sys
import time

import pytest

from dlldecode.bench.instructions import CHECKS, follows
from dlldecode.bench.instructions.language import detected, profiles
from dlldecode.bench.instructions.sentences import sentences
from dlldecode.bench.scorers import load
from dlldecode.errors import UsageError

from .ifeval_cases import CASES, doc, staged

SCORER = load("ifeval")


@pytest.mark.parametrize("name,arguments,good,bad", CASES, ids=lambda part: part if isinstance(part, str) else "")
def test_instructions(name, arguments, good, bad):
    filled = {**dict.fromkeys(["num_words", "keyword", "language", "num_bullets"]), **arguments}  # as in the copies
    assert [follows(name, filled, text) for text in good] == [True] * len(good)
    assert not any(follows(name, arguments, text) for text in [*bad, "", " \n\t"])


def test_every_instruction_has_cases():
    assert {case[0] for case in CASES} == set(CHECKS) and len(CHECKS) == 25


def test_sentences_end_where_punkt_ends_them():
    text = "Mr. Smith paid 3.50 in Washington, D.C. He left. 'Why?' Nobody knows... But so what"
    assert sentences(text) == (
        "Mr. Smith paid 3.50 in Washington, D.C.",
        "He left.",
        "'Why?'",
        "Nobody knows...",
        "But so what",
    )


# Verdicts


def test_loose_forgives_a_first_line_a_last_line_and_asterisks():
    asked = doc(("startend:quotation", {}), ("punctuation:no_comma", {}), ("detectable_format:title", {}))
    verdicts = [
        SCORER.score(asked, text)
        for text in (
            '"<<a>>"',
            'Sure, here:\n"<<a>>"',
            '**"<<a>>"**',
            'Sure:\n*"<<a>>"*\nBye, you!',
            '"a"',
            "",
            "x\n\ny",
        )
    ]
    found = [(*verdict.metrics["instruction_strict"], *verdict.metrics["instruction_loose"]) for verdict in verdicts]
    assert found == [
        (1, 1, 1, 1, 1, 1),
        (0, 0, 1, 1, 1, 1),
        (0, 1, 1, 1, 1, 1),
        (0, 0, 1, 1, 1, 1),
        (1, 1, 0, 1, 1, 0),
        (0, 0, 0, 0, 0, 0),
        (0, 1, 0, 0, 1, 0),
    ]
    assert [verdict.metrics["prompt_strict"] for verdict in verdicts] == [1, 0, 0, 0, 0, 0, 0]
    assert [verdict.metrics["prompt_loose"] for verdict in verdicts] == [1, 1, 1, 1, 0, 0, 0]
    assert verdicts[0].note == "" and verdicts[1].note == "does not follow startend:quotation, punctuation:no_comma"


def test_a_variant_that_is_left_empty_follows_nothing():
    verdict = SCORER.score(doc(("punctuation:no_comma", {})), "a, b")
    assert verdict.metrics["instruction_loose"] == [0] and SCORER.gold(doc()) is None and not SCORER.RUNS_CODE


@pytest.mark.parametrize(
    "asked,said",
    [
        (doc(("keywords:existance", {})), "no instruction 'keywords:existance'; did you mean keywords:existence?"),
        (doc(("keywords:existence", {"keywords": None})), "existence needs keywords; mend the data, which say {} ("),
        (doc(("keywords:frequency", {"keyword": "a", "frequency": 2})), "(relation: missing"),
        (doc(("length_constraints:number_words", {"relation": "around", "num_words": 2})), "'around'"),
        (doc(("length_constraints:number_words", {"relation": "at least", "num_words": "few"})), "(num_words: "),
        (doc(("keywords:existence", {"keywords": ["("]})), "no regular expression"),
        (doc() | {"kwargs": [{}]}, "item 7 needs instruction_id_list and kwargs, lists of one length"),
        ({"prompt": "Hello"}, "which say None and None"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", "x"])
def test_faults_of_the_data_are_named(asked, said, text):
    with pytest.raises(UsageError) as caught:
        SCORER.score(asked, text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["length_constraints:number_sentences", "language:response_language"])
def test_missing_libraries_are_asked_for(name, monkeypatch):
    for cached in (profiles, detected, sentences):
        cached.cache_clear()
    for library in ("langdetect", "nltk", "nltk.tokenize", "nltk.tokenize.punkt"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        UsageError, match=r"needs nltk and langdetect; install them with: pip install 'dlldecode\[bench\]'"
    ):
        follows(name, {"relation": "at least", "num_sentences": 1, "language": "en"}, "Hello.")


# Answers that nobody expects


NOISE = random.Random(0).randbytes(400)
HOSTILE = {
    "bytes": NOISE.decode("utf-8", "replace"),
    "latin": NOISE.decode("latin-1"),
    "surrogates": "a \ud800 B.\udfff *\ud800*",
    "controls": "".join(map(chr, range(32))) + "\u2028\u0085\ufeff\u202e",
    "deep": '[{"a":' * 1000,
    "signs": "(.*)+$^[[[\\1{2}?<<<<]*\n- \n* \n***\n" * 9,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_answer_raises(text):
    for asked in staged():
        metrics = SCORER.score(asked, text).metrics
        loose, strict = metrics["instruction_loose"], metrics["instruction_strict"]
        assert len(loose) == len(strict) == len(asked["kwargs"]) and all(
            a >= b for a, b in zip(loose, strict, strict=True)
        )
        assert metrics["prompt_strict"] == min(strict) and metrics["prompt_loose"] == min(loose)


@pytest.mark.parametrize("unit", ["[", "<", "\n", " *", ". "])
def test_a_megabyte_takes_seconds(unit):
    """Anything quadratic in the answer would take hours."""
    begun = time.monotonic()
    every = {name: arguments for name, arguments, _, _ in CASES}
    SCORER.score(doc(*every.items()), unit * (1_000_000 // len(unit)))
    assert time.monotonic() - begun < 60
