"""Instructions that can be verified exactly and that many replies follow."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from dlldecode.tiny import sentences
from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import CATEGORIES, COUNTS, capital, pick

Demand = tuple[Any, ...]  # the demand's name and its values
SEPARATORS = {
    "; ": ("separated by semicolons", "with semicolons between them"),
    ", ": ("separated by commas", "with commas between them"),
    " / ": ("separated by slashes", "with slashes between them"),
    " - ": ("joined by hyphens", "with hyphens between them"),
    "\n": ("one on each line", "each on its own line"),
    "\n- ": ("as a bulleted list", "as a list with dashes"),
    "\n1. ": ("as a numbered list", "numbered from 1"),
}
CASES: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "capitals": (str.upper, ("in capital letters", "all in upper case", "in capitals only")),
    "lower": (str.lower, ("in lower case", "in small letters", "without capital letters")),
    "title": (str.title, ("each with a capital first letter", "each starting with a capital")),
}
FAREWELLS = ("That is all.", "Done.", "The end.", "I hope this helps.", "Nothing more.")
GREETINGS = ("Sure!", "Of course.", "Here you are.", "Gladly.", "All right.")
SENTENCE = re.compile(r"[^.]+\.")


def joined(items: list[str], separator: str) -> str:
    """Write items with a separator; a bulleted or numbered list marks the first one, too."""
    if separator == "\n1. ":
        return "\n".join(f"{place}. {item}" for place, item in enumerate(items, 1))
    return ("- " if separator == "\n- " else "") + separator.join(items)


def parted(text: str, separator: str) -> list[str]:
    """Undo `joined`; a list that is not so written gives no items."""
    if separator == "\n1. ":
        items = [line.partition(". ")[2] for line in text.split("\n")]
    else:
        items = text.removeprefix("- ").split(separator) if separator == "\n- " else text.split(separator)
    return items if joined(items, separator) == text else []


def members(rng: random.Random) -> tuple[str, str, list[Demand]]:
    """Several members of a category, written in a given way."""
    category = rng.choice(sorted(CATEGORIES))
    plural, names = CATEGORIES[category]
    size = rng.randint(4, min(10, len(names)))
    items = rng.sample(names, size)
    separator, case = rng.choice(sorted(SEPARATORS)), rng.choice(sorted(CASES))
    wishes = [rng.choice(SEPARATORS[separator]), rng.choice(CASES[case][1])]
    demands: list[Demand] = [("members", category, size, separator, case)]
    extra = rng.random()
    if extra < 0.25:
        items.sort()
        wishes.append(rng.choice(("in alphabetical order", "from A to Z", "sorted by the alphabet")))
        demands.append(("sorted",))
    elif extra < 0.45:
        wishes.append(f"{rng.choice(items)} among them")
        demands.append(("has", wishes[-1].removesuffix(" among them").lower()))
    elif extra < 0.6:
        avoided = rng.choice([name for name in names if name not in items] or [None])
        if avoided:
            wishes.append(f"but not {avoided}")
            demands.append(("lacks", avoided.lower()))
    shown = joined([CASES[case][0](item) for item in items], separator)
    ask = pick(
        rng,
        (
            "Name {n} {c}, {w}.",
            "Write {n} {c}, {w}.",
            "Give me {n} different {c}, {w}.",
            "List {n} {c}, {w}.",
            "I want {n} {c}, {w}.",
            "Please think of {n} {c}, {w}.",
        ),
        n=COUNTS[size],
        c=plural,
        w=", ".join(wishes),
    )
    return ask, shown, demands


def prose(rng: random.Random) -> tuple[str, str, list[Demand]]:
    """Sentences with demands on their number, length, words and letters."""
    number = rng.choice((1, 2, 2, 3, 3, 4))
    size = rng.randint(5, 14 if number == 1 else 11)
    equal = number == 1 or rng.random() < 0.5
    text = " ".join(sentences.sentence(rng, size if equal else rng.randint(6, 12)) for _ in range(number))
    lowered = text.lower().replace(".", "")
    used, wishes = lowered.split(), list[str]()
    demands: list[Demand] = []
    if equal:
        demands.append(("words", size))
        wishes.append(
            pick(
                rng,
                (
                    "with exactly {n} words" + (" each" if number > 1 else ""),
                    "of {n} words" + (" each" if number > 1 else ""),
                ),
                n=COUNTS[size] if rng.random() < 0.5 else size,
            )
        )
    options = ["has", "lacks", "start", "end", "case", ""]
    for name in rng.sample(options, 2 if equal else 3):
        if name == "has":
            word = rng.choice([word for word in used if word in sentences.WORDS])
            wishes.append(pick(rng, ('with the word "{w}"', 'using "{w}"', 'in which "{w}" appears'), w=word))
        elif name == "lacks":
            word = rng.choice(sorted(sentences.WORDS - set(used))) if rng.random() < 0.5 or "the" in used else "the"
            wishes.append(pick(rng, ('without the word "{w}"', 'never using "{w}"', 'that avoid "{w}"'), w=word))
        elif name == "start":
            word = used[0]
            wishes.append(
                pick(rng, ('starting with "{w}"', 'whose first word is "{w}"', 'that begin with "{w}"'), w=word)
            )
        elif name == "end":
            word = used[-1]
            wishes.append(pick(rng, ('ending in "{w}"', 'with "{w}" as the last word', 'that end with "{w}"'), w=word))
        elif name == "case":
            word = rng.choice(("capitals", "lower"))
            wishes.append(rng.choice(CASES[word][1]))
            text = CASES[word][0](text)
        if name:
            demands.append((name, word))
    rng.shuffle(wishes)
    noun = "sentence" if number == 1 else "sentences"
    ask = pick(
        rng,
        (
            "Write {n} {s} {w}.",
            "Give me {n} {s} {w}.",
            "Please write {n} {s} {w}.",
            "I need {n} {s} {w}.",
            "Make up {n} {s} {w}.",
        ),
        n=COUNTS[number],
        s=noun,
        w=", ".join(wishes),
    )
    return ask, text, [("sentences", number), *demands]


def record(rng: random.Random) -> tuple[str, str, list[Demand]]:
    """Keys with values of the right kind, as lines or in braces."""
    keys = rng.sample(
        ("animal", "fruit", "vegetable", "color", "tool", "city", "sport", "job", "metal", "month"), rng.randint(4, 6)
    )
    values = [rng.choice(CATEGORIES[key][1]) for key in keys]
    braces = rng.random() < 0.5
    if braces:
        shown = "{" + ", ".join(f'"{key}": "{value}"' for key, value in zip(keys, values, strict=True)) + "}"
        way = rng.choice(("as JSON", "as a JSON object", "in JSON form"))
    else:
        shown = "\n".join(f"{key}: {value}" for key, value in zip(keys, values, strict=True))
        way = rng.choice(
            ("as lines of key: value", "one key: value pair a line", "with one line like key: value for each")
        )
    ask = pick(
        rng,
        (
            "Choose a value for each of {k}, {w}.",
            "Make up {k}, {w}.",
            "Give me {k}, {w}.",
            "Write {k}, {w}.",
            "Invent {k}, {w}.",
        ),
        k=", ".join(keys[:-1]) + " and " + keys[-1],
        w=way,
    )
    return ask, shown, [("record", tuple(keys), braces)]


def echo(rng: random.Random) -> tuple[str, str, list[Demand]]:
    """Two words repeated in turn, or one followed by free sentences about it."""
    first, second = rng.sample(sorted(sentences.WORDS), 2)
    times, size = rng.randint(3, 7), rng.randint(5, 9)
    pattern = " ".join([first] * times) if rng.random() < 0.5 else " ".join([first, second] * times)
    what = f'the word "{first}"' if second not in pattern else f'the words "{first} {second}"'
    ask = pick(
        rng,
        (
            "Repeat {w} {n} times on the first line, then write a sentence of {k} words.",
            "First {w} {n} times, then on a new line a sentence of {k} words.",
            "Write {w} {n} times. Below, write one sentence with exactly {k} words.",
        ),
        w=what,
        n=COUNTS[times],
        k=COUNTS[size],
    )
    return ask, pattern + "\n" + sentences.sentence(rng, size), [("echo", pattern, size)]


KINDS = (members, members, prose, prose, prose, record, echo)


def framed(rng: random.Random, ask: str, text: str) -> tuple[str, str, tuple[str, str]]:
    """Add a demand for a fixed first or last line, at times."""
    extra = rng.random()
    if extra < 0.25:
        line = rng.choice(FAREWELLS)
        ask += pick(
            rng,
            (' End with the line "{l}"', ' The last line must be "{l}"', ' Close with "{l}" on its own line.'),
            l=line,
        )
        return ask, f"{text}\n{line}", ("last", line)
    if extra < 0.5:
        line = rng.choice(GREETINGS)
        ask += pick(
            rng,
            (' Begin with the line "{l}"', ' The first line must be "{l}"', ' Open with "{l}" on its own line.'),
            l=line,
        )
        return ask, f"{line}\n{text}", ("first", line)
    return ask, text, ("free", "")


def sample(rng: random.Random) -> Problem:
    """Draw one or two instructions; the replies to two stand apart by an empty line."""
    ask, text, demands = rng.choice(KINDS)(rng)
    parts = [tuple(demands)]
    if len(text) < 140 and rng.random() < 0.85:
        more, below, others = rng.choice(KINDS)(rng)
        first, then = rng.choice(
            (("", "Then, after an empty line: "), ("1) ", "2) "), ("First part: ", "Second part: "))
        )
        ask, text = f"{first}{ask} {then}{more}", f"{text}\n\n{below}"
        parts.append(tuple(others))
    ask, text, frame = framed(rng, capital(ask), text)
    return Problem("ifeval", ask, text, (frame, tuple(parts)))


def words_of(text: str) -> list[str]:
    """Take the words in lower case, without punctuation."""
    return re.findall(r"[a-z0-9]+", text.lower())


def holds(demand: Demand, text: str) -> bool:
    """Verify one demand."""
    name, values = demand[0], demand[1:]
    if name in ("has", "lacks"):
        return (values[0] in words_of(text)) is (name == "has")
    if name == "sorted":
        items = re.sub(r"(?m)^\d+\. ", "", text).lower()
        found = re.findall(r"[a-z]+", items)
        return found == sorted(found)
    if name == "words":
        return all(len(part.split()) == values[0] for part in SENTENCE.findall(text))
    if name == "sentences":
        return len(SENTENCE.findall(text)) == values[0] and SENTENCE.sub("", text).strip() == ""
    if name == "case":
        return CASES[values[0]][0](text) == text
    if name in ("start", "end"):
        return (words_of(text) or [""])[0 if name == "start" else -1] == str(values[0])
    verify: dict[str, Callable[..., bool]] = {"members": are_members, "record": is_record, "echo": is_echo}
    return verify[name](text, *values)


def are_members(text: str, category: str, size: int, separator: str, case: str) -> bool:
    """Verify `size` distinct members of a category in the demanded writing."""
    known = {CASES[case][0](name) for name in CATEGORIES[category][1]}
    items = parted(text, separator)
    return len(items) == len(set(items)) == size and set(items) <= known


def is_record(text: str, keys: tuple[str, ...], braces: bool) -> bool:
    """Verify keys in order, each with a value of its kind."""
    pattern = r'"(\w+)": "(\w+)"' if braces else r"(\w+): (\w+)"
    pairs = re.findall(pattern, text)
    if braces:
        shown = "{" + ", ".join(f'"{key}": "{value}"' for key, value in pairs) + "}"
    else:
        shown = "\n".join(f"{key}: {value}" for key, value in pairs)
    right = all(value in CATEGORIES[key][1] for key, value in pairs if key in CATEGORIES)
    return shown == text and tuple(key for key, _ in pairs) == keys and right


def is_echo(text: str, pattern: str, size: int) -> bool:
    """Verify a repeated line and one sentence of `size` words below it."""
    first, _, rest = text.partition("\n")
    return (
        first == pattern
        and "\n" not in rest
        and rest.count(".") == 1
        and rest.endswith(".")
        and len(rest.split()) == size
    )


def unframed(text: str, frame: tuple[str, str]) -> str | None:
    """Take off a demanded first or last line; None if it is not there."""
    place, line = frame
    if place == "free":
        return text
    cut = text.removeprefix(line + "\n") if place == "first" else text.removesuffix("\n" + line)
    return None if cut == text else cut


def check(problem: Problem, text: str) -> bool:
    """Say whether every demand on every part holds."""
    frame, demands = problem.facts
    inner = unframed(text.strip(), frame)
    parts = (inner or "").split("\n\n")
    if len(parts) != len(demands):
        return False
    return all(holds(demand, part) for part, wanted in zip(parts, demands, strict=True) for demand in wanted)
