"""What the commands do: everything that can be wrong is found before anything is decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..bench.export.files import put
from ..bench.session import Plan, Tally
from ..cli import compare, engine, loading, progress, stderr
from ..cli.output import results
from . import bars, questions
from .source import Decoding, Source
from .table import Lines, Table, check, text, written

ABOUT = ("model", "dtype", "device", "date")


def ask(asked: Mapping[str, Any]) -> None:
    """Ask a question and write the answer."""
    files = asked["export"] or []
    with results() as output:
        question = questions.load(asked["question"])
        check(files, question.LINES is not None)
        usual = {"presets": list(question.PRESETS), "axis": list(question.AXES)}
        # A user who names presets means those as they are.
        plan = compare.chosen({**asked, **(usual if not asked["presets"] and not asked["axis"] else {})})
        if asked["dry_run"]:
            output.write(compare.described(plan))
            return
        found = replace(answered(question, plan), lines=question.LINES)
        output.write(kept(replace(found, about={"items_a_task": asked["limit"], **found.about}), files))


def answered(question: questions.Question, plan: Plan) -> Table:
    """The answer to a question, and on what it was found."""
    with stderr.spinner("loading the model"):
        network, _ = loading.model(plan.groups[0].resolved.run)
    tally = Tally(sum(len(group.items) for group in plan.groups))
    with progress.shown(tally, words=progress.Words(lambda decoding: decoding.setting.label)) as tell:

        def told(decoding: Decoding) -> None:
            tally.done += 1
            tell(decoding)

        found = question.answer(Source(network, plan.groups, told))
    environment = engine.environment(network)
    return replace(found, about={key: environment[key] for key in ABOUT})


def draw(file: Path, task: str | None, lines: Lines, files: Sequence[Path]) -> None:
    """Show columns of a comparison that `bench` exported."""
    with results() as output:
        check(files, has_picture=True)
        found = replace(bars.table(file, task), lines=lines)
        for name in (lines.across, lines.up, lines.by):
            found.column(name)
        output.write(kept(found, files))


def kept(table: Table, files: Sequence[Path]) -> str:
    """The table as text, after it was written to every file."""
    for file in files:
        put(file.resolve(), written(table, file.suffix.lower()))
    return text(table)
