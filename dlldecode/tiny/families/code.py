"""Small Python functions from a one-line specification, checked by our own interpreter on hidden inputs."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from dlldecode.tiny.expressions import Refused
from dlldecode.tiny.interpreter import call, parse
from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import capital, pick

# Condition on a number: how it is said, how it is written (several ways), what it means.
Rule = tuple[tuple[str, ...], tuple[str, ...], Callable[[Any, int], Any]]
FILTERS: dict[str, Rule] = {
    "even": (("even",), ("{v} % 2 == 0", "not {v} % 2"), lambda v, k: v % 2 == 0),
    "odd": (("odd",), ("{v} % 2 == 1", "{v} % 2 != 0", "{v} % 2"), lambda v, k: v % 2 == 1),
    "above": (("greater than {k}", "above {k}", "larger than {k}"), ("{v} > {k}", "{k} < {v}"), lambda v, k: v > k),
    "below": (("less than {k}", "below {k}", "smaller than {k}"), ("{v} < {k}", "{k} > {v}"), lambda v, k: v < k),
    "multiple": (
        ("divisible by {k}", "multiples of {k}"),
        ("{v} % {k} == 0", "not {v} % {k}"),
        lambda v, k: v % k == 0,
    ),
    "other": (("different from {k}", "not equal to {k}"), ("{v} != {k}", "not {v} == {k}"), lambda v, k: v != k),
    "positive": (("positive",), ("{v} > 0", "0 < {v}"), lambda v, k: v > 0),
    "negative": (("negative",), ("{v} < 0", "0 > {v}"), lambda v, k: v < 0),
}
MAPS: dict[str, Rule] = {
    "plain": (("",), ("{v}",), lambda v, k: v),
    "square": ((", squared",), ("{v} * {v}", "{v} ** 2"), lambda v, k: v * v),
    "double": ((", doubled",), ("{v} * 2", "2 * {v}", "{v} + {v}"), lambda v, k: 2 * v),
    "add": ((", each plus {k}", ", each increased by {k}"), ("{v} + {k}", "{k} + {v}"), lambda v, k: v + k),
    "less": ((", each minus {k}", ", each reduced by {k}"), ("{v} - {k}",), lambda v, k: v - k),
    "times": ((", each times {k}", ", each multiplied by {k}"), ("{v} * {k}", "{k} * {v}"), lambda v, k: v * k),
}
# Result of a pass over a list: how it is asked for, the start, the line in a loop, the expression over a list.
REDUCERS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...], str, Callable[[list[int]], Any]]] = {
    "sum": (("the sum of the", "the total of the"), "0", ("{t} += {e}", "{t} = {t} + {e}"), "sum({s})", sum),
    "list": (("a list of the", "all the"), "[]", ("{t}.append({e})", "{t} += [{e}]", "{t} = {t} + [{e}]"), "{s}", list),
    "count": (("how many there are of the", "the count of the"), "0", ("{t} += 1", "{t} = {t} + 1"), "len({s})", len),
}
WORDS: dict[str, Rule] = {
    "long": (
        ("longer than {k} letters", "with more than {k} letters"),
        ("len({v}) > {k}", "{k} < len({v})"),
        lambda v, k: len(v) > k,
    ),
    "short": (
        ("shorter than {k} letters", "with fewer than {k} letters"),
        ("len({v}) < {k}", "{k} > len({v})"),
        lambda v, k: len(v) < k,
    ),
    "starts": (
        ('starting with "a"', 'that begin with "a"'),
        ('{v}.startswith("a")', '{v}[0] == "a"'),
        lambda v, k: v[0] == "a",
    ),
    "ends": (
        ('ending in "e"', 'that end with "e"'),
        ('{v}.endswith("e")', '{v}[-1] == "e"'),
        lambda v, k: v[-1] == "e",
    ),
    "has": (('containing "o"', 'with an "o" in them'), ('"o" in {v}', '{v}.count("o") > 0'), lambda v, k: "o" in v),
}
WORD_MAPS: dict[str, Rule] = {
    "plain": (("",), ("{v}",), lambda v, k: v),
    "upper": ((", in capitals", ", in upper case"), ("{v}.upper()",), lambda v, k: v.upper()),
    "reversed": ((", reversed", ", each written backwards"), ("{v}[::-1]",), lambda v, k: v[::-1]),
    "twice": ((", each written twice",), ("{v} + {v}", "{v} * 2"), lambda v, k: v + v),
}
LIST_NAMES, ITEM_NAMES = ("numbers", "values", "items", "data", "xs"), ("n", "x", "v", "item", "number", "value", "one")
WORD_LISTS, WORD_NAMES = ("words", "names", "texts"), ("w", "word", "s", "text", "name", "one")
TOTALS = ("result", "total", "found", "out", "answer", "kept", "acc")
NUMBER_CASES: tuple[list[int], ...] = (
    [3, -4, 10, 7, 0, 6],
    [],
    [12, 5, 5, -9, 8, 2, 15],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    [-1, -6, 20, 30],
)
WORD_CASES: tuple[list[str], ...] = (
    ["apple", "tree", "a", "stone"],
    [],
    ["ocean", "also", "bee", "dog", "giraffe"],
    ["anode", "zoo", "kite", "of"],
)
PAIRS = ((0, 0), (1, 2), (7, 3), (-4, 5), (10, 10), (3, -8), (12, 1), (6, 20))


def docstring(rng: random.Random, purpose: str) -> str:
    """Open the body with a freely worded docstring, or not."""
    if rng.random() < 0.2:
        return ""
    wording = pick(
        rng, ("return {p}.", "give back {p}.", "compute {p}.", "find {p}.", "{p}.", "work out {p}."), p=purpose
    )
    return f'    """{capital(wording)}"""\n'


def body_over_list(rng: random.Random, names: tuple[str, str, str], test: str, made: str, reducer: str) -> str:
    """Write a pass over a list as a loop, as one expression, or in two lines."""
    group, item, total = names
    _, start, additions, whole, _ = REDUCERS[reducer]
    chosen = f"[{made} for {item} in {group} if {test}]"
    form = rng.random()
    if form < 0.45:
        line = pick(rng, additions, t=total, e=made)
        if rng.random() < 0.75:
            inner = f"        if {test}:\n            {line}\n"
        else:
            inner = f"        if not ({test}):\n            continue\n        {line}\n"
        return f"    {total} = {start}\n    for {item} in {group}:\n{inner}    return {total}"
    if form < 0.75:
        return f"    {total} = {chosen}\n    return {whole.format(s=total)}"
    return f"    return {whole.format(s=chosen)}"


def over_list(rng: random.Random) -> Problem:
    """Filter a list, change what is left, and sum, collect or count it."""
    wordy = rng.random() < 0.35
    filters, maps = (WORDS, WORD_MAPS) if wordy else (FILTERS, MAPS)
    test, change = rng.choice(sorted(filters)), rng.choice(sorted(maps))
    reducer = rng.choice(("list", "count") if wordy else ("sum", "list", "count"))
    change = "plain" if reducer == "count" else change
    low, high = rng.randint(2, 9), rng.randint(2, 9)
    group = rng.choice(WORD_LISTS if wordy else LIST_NAMES)
    item, total = rng.choice(WORD_NAMES if wordy else ITEM_NAMES), rng.choice(TOTALS)
    kind = pick(rng, filters[test][0], k=low)
    noun = "words" if wordy else "numbers"
    phrase = f"{noun} {kind}" if kind.split()[0] not in ("even", "odd", "positive", "negative") else f"{kind} {noun}"
    if kind.startswith(
        ("different", "not", "greater", "above", "larger", "less", "below", "smaller", "divisible", "longer", "shorter")
    ):
        phrase = f"{noun} that are {kind}"
    if kind.startswith("multiples"):
        phrase = f"{noun} that are {kind}"
    purpose = f"{pick(rng, REDUCERS[reducer][0])} {phrase}{pick(rng, maps[change][0], k=high)}"
    name = pick(
        rng,
        ("pick_{n}", "{r}_{t}", "{t}_{n}", "f", "solve", "{r}_of_{n}", "do_{r}", "get_{t}"),
        n=noun,
        r=reducer,
        t=test,
    )
    written = (pick(rng, filters[test][1], v=item, k=low), pick(rng, maps[change][1], v=item, k=high))
    body = docstring(rng, purpose) + body_over_list(rng, (group, item, total), *written, reducer)
    facts = ("words" if wordy else "numbers", name, (group,), (test, low, change, high, reducer))
    return Problem(
        "code", request(rng, name, (group,), f"returns {purpose} in {group}"), f"def {name}({group}):\n{body}", facts
    )


def request(rng: random.Random, name: str, parameters: tuple[str, ...], purpose: str) -> str:
    """Ask for a function with a given signature."""
    return pick(
        rng,
        (
            "Write a Python function {s} that {p}.",
            "Define {s} in Python: it {p}.",
            "I need a function {s}. It {p}.",
            "Complete this in Python: {s} {p}.",
            "In Python, write {s} which {p}.",
        ),
        s=f"{name}({', '.join(parameters)})",
        p=purpose,
    )


def branching(rng: random.Random) -> Problem:
    """Two numbers, a comparison, and one formula on each side of it."""
    first, second = rng.choice((("x", "y"), ("a", "b"), ("m", "n"), ("left", "right"), ("p", "q")))
    test, low = rng.choice(sorted(FILTERS)), rng.randint(2, 9)
    facts_one, facts_two = ((rng.choice("+-*"), rng.randint(2, 9)) for _ in range(2))
    total = rng.choice(TOTALS)
    formulas = [f"{side} {sign} {number}" for side, (sign, number) in ((first, facts_one), (second, facts_two))]
    condition = pick(rng, FILTERS[test][1], v=first, k=low)
    kind = pick(rng, FILTERS[test][0], k=low).replace("multiples of", "a multiple of")
    purpose = f"{formulas[0]} if {first} is {kind}, and {formulas[1]} otherwise"
    name = pick(rng, ("choose", "branch", "f", "decide", "check_{t}", "by_{t}", "if_{t}", "switch"), t=test)
    body = pick(
        rng,
        (
            "    if {c}:\n        return {a}\n    return {b}",
            "    if {c}:\n        return {a}\n    else:\n        return {b}",
            "    return {a} if {c} else {b}",
            "    {t} = {b}\n    if {c}:\n        {t} = {a}\n    return {t}",
            "    if {c}:\n        {t} = {a}\n    else:\n        {t} = {b}\n    return {t}",
        ),
        c=condition,
        a=formulas[0],
        b=formulas[1],
        t=total,
    )
    facts = ("branch", name, (first, second), (test, low, facts_one, facts_two))
    return Problem(
        "code",
        request(rng, name, (first, second), "returns " + purpose),
        f"def {name}({first}, {second}):\n{docstring(rng, purpose)}{body}",
        facts,
    )


def expected(facts: tuple[Any, ...], arguments: tuple[Any, ...]) -> Any:
    """Work out the right result for hidden inputs."""
    kind, _, _, choice = facts
    if kind == "branch":
        test, low, one, two = choice
        value, (sign, number) = (arguments[0], one) if FILTERS[test][2](arguments[0], low) else (arguments[1], two)
        return {"+": value + number, "-": value - number, "*": value * number}[sign]
    test, low, change, high, reducer = choice
    filters, maps = (WORDS, WORD_MAPS) if kind == "words" else (FILTERS, MAPS)
    return REDUCERS[reducer][4]([maps[change][2](item, high) for item in arguments[0] if filters[test][2](item, low)])


def cases(kind: str) -> list[tuple[Any, ...]]:
    """List the hidden inputs of a kind."""
    if kind == "branch":
        return list(PAIRS)
    return [(case,) for case in (WORD_CASES if kind == "words" else NUMBER_CASES)]


def sample(rng: random.Random) -> Problem:
    """Draw a function to write."""
    return over_list(rng) if rng.random() < 0.65 else branching(rng)


def check(problem: Problem, text: str) -> bool:
    """Say whether the function gives the right result on every hidden input."""
    facts: tuple[Any, ...] = problem.facts
    try:
        function = parse(text, facts[1], facts[2])
        for arguments in cases(facts[0]):
            result, right = call(function, copy.deepcopy(arguments)), expected(facts, arguments)
            if type(result) is not type(right) or result != right:
                return False
    except Refused:
        return False
    return True
