"""Short lists to turn round, sort, clean, change, shuffle or choose from; one or two results a reply."""

from __future__ import annotations

import random
import re
from collections import Counter

from dlldecode.tiny import words
from dlldecode.tiny.problem import Problem
from dlldecode.tiny.words import pick

NOUNS = words.ANIMALS + words.FRUITS + words.VEGETABLES + words.COLORS + words.TOOLS + words.FURNITURE
# Task: wordings of the request, labels that may open the result.
TASKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "reverse": (
        ("write it backwards", "reverse the order", "turn it round", "give it from last to first"),
        ("Reversed", "Backwards", "From last to first", "Turned round"),
    ),
    "ascend": (
        ("sort it from low to high", "put it in rising order", "sort it", "order it, smallest first"),
        ("Sorted", "In rising order", "From low to high", "Smallest first"),
    ),
    "descend": (
        ("sort it from high to low", "put it in falling order", "order it, largest first"),
        ("In falling order", "From high to low", "Largest first"),
    ),
    "unique": (
        ("remove what is there twice", "drop the repeats", "keep the first of each only"),
        ("Without repeats", "Each one once", "Cleaned"),
    ),
    "capitals": (
        ("write it in capitals", "use capital letters", "make all letters large"),
        ("In capitals", "Capital letters", "Written large"),
    ),
    "replace": (
        ("put {new} in place of {old}", "change {old} to {new}", "replace {old} by {new}"),
        ("Replaced", "With the change", "After the change"),
    ),
    "rotate": (
        ("move the first one to the end", "take the first one and put it last"),
        ("Moved", "With the first one last", "After the move"),
    ),
    "shuffle": (
        ("shuffle it", "write it in another order", "mix up the order", "put it in some new order"),
        ("Shuffled", "In another order", "Mixed", "A new order"),
    ),
    "choose": (
        ("choose {count} of these", "pick any {count}", "select {count} different ones"),
        ("My choice", "Chosen", "Selected", "The picks"),
    ),
}
OPENINGS = (
    "",
    "",
    "",
    "Here it is.",
    "Here you are:",
    "This is what I get.",
    "Sure, here is the result.",
    "The list has {n} items.",
    "Working through the {n} items:",
    "Of course.",
    "I went through all {n} of them.",
)
SEPARATORS = (", ", ", ", " ", "; ")
Facts = tuple[tuple[str, ...], tuple[tuple[str, str, str, int], ...]]  # the items; task, old, new, count each


def expected(task: str, items: tuple[str, ...], old: str, new: str) -> list[str]:
    """Do a task that has one right result."""
    if task in ("ascend", "descend"):
        key = int if items[0].isdigit() else str
        return sorted(items, key=key, reverse=task == "descend")
    if task == "unique":
        return list(dict.fromkeys(items))
    if task == "replace":
        return [new if item == old else item for item in items]
    if task == "capitals":
        return [item.upper() for item in items]
    return list(items[::-1]) if task == "reverse" else [*items[1:], items[0]]


def is_right(result: list[str], items: tuple[str, ...], task: tuple[str, str, str, int]) -> bool:
    """Judge one result; shuffles and choices have many right ones."""
    name, old, new, count = task
    if name == "shuffle":
        return result != list(items) and Counter(result) == Counter(items)
    if name == "choose":
        return len(result) == len(set(result)) == count and set(result) <= set(items)
    return result == expected(name, items, old, new)


def carry_out(rng: random.Random, items: tuple[str, ...], task: tuple[str, str, str, int]) -> list[str]:
    """Make one right result."""
    name, old, new, count = task
    if name == "choose":
        return rng.sample(sorted(set(items)), count)
    result = rng.sample(items, len(items)) if name == "shuffle" else expected(name, items, old, new)
    return result if is_right(result, items, task) else [*items[1:], items[0]]


def draw_items(rng: random.Random, names: list[str]) -> tuple[str, ...]:
    """Draw numbers, letters or nouns; repeats only where they are to be removed."""
    size = rng.randint(10, 14) if len(names) == 1 else rng.randint(6, 12)
    kind = rng.random()
    if kind < 0.4 and "capitals" not in names:
        items = [str(number) for number in rng.sample(range(1, 100), size)]
    elif kind < 0.6 and "capitals" not in names:
        items = rng.sample("abcdefghijklmnopqrstuvwxyz", size)
    else:
        items = rng.sample(NOUNS, size)
    if "unique" in names:
        for place in rng.sample(range(3, size), rng.randint(1, 3)):
            items[place] = items[rng.randrange(3)]
    return tuple(items)


def sample(rng: random.Random) -> Problem:
    """Draw a list and one or two tasks on it."""
    names = rng.sample(sorted(TASKS), 1 if rng.random() < 0.2 else 2)
    items = draw_items(rng, names)
    distinct = sorted(set(items))
    tasks, requests, labels = [], [], []
    spare = str(rng.randint(1, 99)) if items[0].isdigit() else rng.choice(NOUNS)
    for name in names:
        task = (name, rng.choice(distinct), spare, rng.randint(2, max(2, len(distinct) - 2)))
        tasks.append(task)
        requests.append(pick(rng, TASKS[name][0], old=task[1], new=task[2], count=words.COUNTS[task[3]]))
        labels.append(rng.choice(TASKS[name][1]))
    separator = rng.choice(SEPARATORS)
    given, request = separator.join(items), "; then, from the same list, ".join(requests)
    prompt = pick(
        rng,
        (
            "Take this list: {g}\nPlease {r}.",
            "{g}\nFor this list: {r}.",
            "The list is: {g}\nNow {r}.",
            "Look at {g}\nYour task: {r}.",
            "Here is a list: {g}\nI want you to {r}.",
        ),
        g=given,
        r=request,
    )
    results = [separator.join(carry_out(rng, items, task)) for task in tasks]
    opening = pick(rng, OPENINGS, n=words.COUNTS[len(items)])
    lines = [f"{label}: {result}" for label, result in zip(labels, results, strict=True)]
    facts: Facts = (items, tuple(tasks))
    return Problem("lists", prompt, "\n".join([opening, *lines] if opening else lines), facts)


def check(problem: Problem, text: str) -> bool:
    """Say whether the labelled lines hold right results in the order asked."""
    items, tasks = problem.facts
    lines = [line.split(": ", 1)[1] for line in text.strip().split("\n") if ": " in line]
    if len(lines) != len(tasks):
        return False
    return all(
        is_right([item for item in re.split(r"[,; ]+", line.strip()) if item], items, task)
        for line, task in zip(lines, tasks, strict=True)
    )
