"""What is said around the figures: what was measured, what the figures mean, what to beware of."""

from __future__ import annotations

from collections.abc import Iterator

from ..report import ALL, Report, Row
from .columns import said

ABOUT = ("model", "weights", "dtype", "device", "batch_size", "seed")
RULE_OF_THREE = 3  # where none of n items differs, up to 3/n of all items may (95 %)


def caption(report: Report) -> str:
    """What was measured, in one line."""
    settings = len({row.label for row in report.rows})
    items: dict[str, int] = {}
    for row in report.by_task:
        items[row.task] = max(row.items, items.get(row.task, 0))
    tasks = ", ".join(f"{said(task)} ({count} items)" for task, count in items.items())
    runs = max((row.runs for row in report.rows), default=0)
    known = [(key, _short(key, report.about.get(key))) for key in ABOUT]
    where = [f"{key.replace('_', ' ')} {said(value)}" for key, value in known if isinstance(value, (str, int))]
    counted = [f"{settings} setting{'s' * (settings != 1)} on {tasks or 'nothing'}", f"{runs} run{'s' * (runs != 1)}"]
    return "; ".join([*counted, ", ".join(where)] if where else counted)


def _short(key: str, value: object) -> object:
    """A digest of weights by its beginning."""
    return value[:12] if key == "weights" and isinstance(value, str) else value


def notes(report: Report) -> list[str]:
    """Sentences for below a table: failures and advice first, then AUP, then what the figures mean."""
    return [*_failures(report), *_advice(report), *_areas(report), *_meanings(report)]


def _failures(report: Report) -> Iterator[str]:
    for row in report.overall:
        if row.failed:
            yield f"{row.failed} of {row.items} items failed with {said(row.label)}; they count as score 0."


def _advice(report: Report) -> Iterator[str]:
    """Whether anything is right, and how large a difference must be to mean something, from the widest interval."""
    lost = [said(row.label) for row in report.overall if row.cut_off == 1 and not row.score.value]
    if lost:
        whose = "" if len(lost) == len(report.overall) else f" of {', '.join(lost)}"
        yield f"All answers{whose} were cut off by the canvas; give a longer one with -n."
    if len(lost) < len(report.overall) and not any(row.score.value for row in report.overall):
        yield "No setting got anything right; look at the canvas, the prompts and the task before anything else."
    if not (compared := [row for row in report.overall if row.difference]):
        return
    row = max(compared, key=_reach)
    tasks = {each.task for each in report.by_task}
    count = f"{min(each.items for each in report.by_task)} items" + (" a task" if len(tasks) > 1 else "")
    yield f"With {count}, differences under {100 * _reach(row):.1f} points mean nothing."


def _reach(row: Row) -> float:
    """How far from the truth a difference may be."""
    assert row.difference
    value, low, high = row.difference
    return min(1.0, max(value - low, high - value, RULE_OF_THREE / row.items))


def _areas(report: Report) -> Iterator[str]:
    several = len({area.task for area in report.areas}) > 1
    shown = [area for area in report.areas if area.task == ALL or not several]
    if shown:
        found = ", ".join(f"{said(area.preset)} {area.value:.1f}" for area in shown)
        mean = " (mean of the tasks)" if several else ""
        yield f"AUP{mean}: {found}."


def _meanings(report: Report) -> Iterator[str]:
    reference = report.about.get("reference")
    yield f"Reference: {said(reference)}. Intervals are 95 %; ± is half of one; differences are paired by item."
    yield (
        "TPF: tokens up to the first stop token per forward; TPS: the same per second of decoding; "
        "forwards (full + window), steps and remasked positions are means per item."
    )
    if report.areas:
        yield (
            "AUP: d3LLM's accuracy under parallelism (alpha 3, points within 5 of the first), against the best "
            "accuracy of this comparison; compare it within one report only."
        )
