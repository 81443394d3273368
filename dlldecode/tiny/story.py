"""Worked arithmetic told in freely chosen words: the reply side of the word problems."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from dlldecode.tiny.words import capital, pick

# {e} is the expression, {c} its value, {l} what it counts.
PLAIN = (
    "{l} is {e} = {c}.",
    "{l}: {e} = {c}.",
    "{l} comes to {e} = {c}.",
    "{l} works out as {e} = {c}.",
    "to find {l}, compute {e} = {c}.",
    "for {l} we have {e} = {c}.",
    "we get {e} = {c} for {l}.",
    "{e} = {c}, which is {l}.",
    "{l} must be {e}, so {c}.",
)
BY_SIGN = {
    "+": (
        "add {a} and {b} to get {c}, {l}.",
        "adding {b} to {a} gives {c} for {l}.",
        "{a} plus {b} makes {c}: {l}.",
        "together {a} and {b} are {c}, {l}.",
    ),
    "-": (
        "take {b} away from {a} to get {c}, {l}.",
        "{a} minus {b} leaves {c}: {l}.",
        "subtracting {b} from {a} gives {c} for {l}.",
        "without {b}, the {a} become {c}, {l}.",
    ),
    "*": (
        "multiply {a} by {b} to get {c}, {l}.",
        "{a} times {b} makes {c}: {l}.",
        "with {a} times {b}, {l} is {c}.",
        "{a} groups of {b} give {c}, {l}.",
    ),
    "/": (
        "divide {a} by {b} to get {c}, {l}.",
        "splitting {a} into {b} parts gives {c} for {l}.",
        "{a} shared by {b} makes {c}: {l}.",
        "with {a} over {b}, {l} is {c}.",
    ),
}
STEP_WORDINGS = {sign: PLAIN + more for sign, more in BY_SIGN.items()}
# How the first, a middle and the last step are opened; a reply keeps to one row.
OPENERS = (
    ("", "", ""),
    ("", "", "finally, "),
    ("first, ", "next, ", "finally, "),
    ("to begin, ", "then ", "at last, "),
    ("we start here: ", "after that, ", "so in the end "),
    ("first, ", "then ", "so in the end "),
    ("", "now ", "now "),
    ("to begin, ", "also, ", "finally, "),
)
CLOSING = ("", "", "", "The answer is {c}.", "So the answer is {c}.", "That gives {c}.", "Result: {c}.")
LONGEST_REPLY = 270  # characters; keeps a reply inside the canvas


@dataclass(frozen=True)
class Step:
    """One line of work: `first sign second = value`, which counts `label`."""

    first: int
    sign: str
    second: int
    label: str

    @property
    def value(self) -> int:
        """The step's result; a division is exact by construction."""
        if self.sign == "+":
            return self.first + self.second
        if self.sign == "-":
            return self.first - self.second
        return self.first * self.second if self.sign == "*" else self.first // self.second


@dataclass
class Story:
    """A word problem: `facts` in telling order, the question, and groups of steps free in order within a group."""

    facts: list[str]
    ask: str
    groups: list[list[Step]] = field(default_factory=list)
    shuffled: bool = False

    @property
    def answer(self) -> int:
        """The value of the last step."""
        return self.groups[-1][-1].value

    @property
    def steps(self) -> list[Step]:
        """All steps in the order they were set down."""
        return [step for group in self.groups for step in group]


@dataclass(frozen=True)
class Manner:
    """How a reply is told throughout: one wording for its steps, one row of openers, one layout."""

    wording: int
    openers: tuple[str, str, str]
    swapped: bool
    joint: str

    def open(self, place: int, last: int) -> str:
        """Open the step at a place."""
        return self.openers[0 if place == 0 else 2 if place == last else 1]


def draw_manner(rng: random.Random) -> Manner:
    """Draw a manner of telling."""
    joint = " " if rng.random() < 0.3 else "\n"
    return Manner(rng.randrange(len(STEP_WORDINGS["+"])), rng.choice(OPENERS), rng.random() < 0.3, joint)


def tell_step(step: Step, manner: Manner) -> str:
    """Word one step."""
    first, second = step.first, step.second
    if step.sign in "+*" and manner.swapped:
        first, second = second, first
    expression = f"{first} {step.sign} {second}"
    return STEP_WORDINGS[step.sign][manner.wording].format(a=first, b=second, c=step.value, e=expression, l=step.label)


def solution(rng: random.Random, story: Story) -> str:
    """Word the whole reply, ending in `#### answer`."""
    order: list[Step] = []
    for group in story.groups:
        order += rng.sample(group, len(group))
    manner, last = draw_manner(rng), len(order) - 1
    lines = [capital(manner.open(place, last) + tell_step(step, manner)) for place, step in enumerate(order)]
    closing = pick(rng, CLOSING, c=story.answer)
    text = manner.joint.join(lines)
    if closing and len(text) < LONGEST_REPLY - 30:
        text += "\n" + closing
    return f"{text}\n#### {story.answer}"


def question(rng: random.Random, story: Story) -> str:
    """Word the question."""
    facts = rng.sample(story.facts, len(story.facts)) if story.shuffled else story.facts
    return " ".join([*facts, story.ask])
