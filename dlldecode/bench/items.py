"""What a task asks: its lines as prompts, with examples before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..batch import Prompt
from ..errors import UsageError
from . import scorers
from .data import Doc, Line, lines
from .task import Task

ROOM = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)


@dataclass(frozen=True)
class Item:
    """One question of a task: its name there, its line of data, and the prompt."""

    id: str
    doc: Doc
    prompt: Prompt


def items(
    task: Task, folder: Path | None = None, limit: int | None = None, offline: bool = False, skip: int = 0
) -> list[Item]:
    """The first `limit` questions of a task, all with None, after `skip` of them; a question keeps its number.

    Raises UsageError for data or templates that do not fit, and where nothing is left.
    """
    asked = lines(task, "test", folder, offline)[task.skip :]
    found = [line for line in asked if _is_wanted(task, task.where, line.doc)]
    if not found:
        raise UsageError(f"task {task.task} has no items; look at its data, at where and at skip.")
    if skip >= len(found):
        raise UsageError(f"--skip {skip}: task {task.task} has {len(found)} items.")
    shots = _examples(task, folder, offline)
    end = len(found) if limit is None else skip + limit
    return [_checked(task, number, line, shots) for number, line in islice(enumerate(found), skip, end)]


def _examples(task: Task, folder: Path | None, offline: bool) -> list[Doc]:
    if not task.num_fewshot:
        return []
    own = task.fewshot_config.samples
    kept = own if own is not None else (line.doc for line in lines(task, "fewshot", folder, offline))
    found = [dict(doc) for doc in kept]
    chosen = [doc for doc in found if _is_wanted(task, task.fewshot_where, doc)][: task.num_fewshot]
    if len(chosen) < task.num_fewshot:
        raise UsageError(f"task {task.task} wants {task.num_fewshot} examples, and its data hold {len(chosen)}.")
    return chosen


def _is_wanted(task: Task, condition: str | None, doc: Doc) -> bool:
    return condition is None or _rendered(task, "{{ (" + condition + ") | int }}", doc) == "1"


def _rendered(task: Task, template: str, doc: Doc) -> str:
    try:
        return _compiled(template).render(**doc)
    except (TemplateError, TypeError, ValueError) as error:
        raise UsageError(f"task {task.task}: {template!r} does not fit its data ({error}).") from None


@lru_cache(maxsize=64)
def _compiled(template: str) -> Template:
    """A template, ready to be used on every line."""
    return ROOM.from_string(template)


def _checked(task: Task, number: int, line: Line, shots: list[Doc]) -> Item:
    """The item of a line that its task and scorer can use. Raises UsageError that names any other's place."""
    try:
        scorers.check(task.scorer, line.doc)
        return _item(task, number, line.doc, shots)
    except UsageError as error:
        raise UsageError(f"{line.place}: {error}" if line.place else str(error)) from None


def _item(task: Task, number: int, doc: Doc, shots: list[Doc]) -> Item:
    name = str(doc.get(task.id_field, number)) if task.id_field else str(number)
    pairs = [(_rendered(task, task.doc_to_text, shot), _rendered(task, task.doc_to_target, shot)) for shot in shots]
    question, begun = _rendered(task, task.doc_to_text, doc), _rendered(task, task.gen_prefix, doc)
    about: dict[str, Any] = {"id": f"{task.task}/{name}", "begun": begun, "raw": not task.chat}
    if task.fewshot_as_multiturn:
        turns = tuple((task.description + said if at == 0 else said, reply) for at, (said, reply) in enumerate(pairs))
        first = task.description if not turns else ""
        return Item(name, doc, Prompt(first + question, turns=turns, **about))
    before = "".join(said + task.target_delimiter + reply + task.fewshot_delimiter for said, reply in pairs)
    return Item(name, doc, Prompt(task.description + before + question, **about))


def cut(text: str, until: Sequence[str]) -> str:
    """An answer up to the first of the texts that end it."""
    ends = [at for stop in until if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text
