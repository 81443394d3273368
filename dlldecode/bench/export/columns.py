"""The columns of a table of settings, for a terminal, a document and a page alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...viz.spell import harmless
from ..report import Estimate, Pair, Report, Row

NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """A heading, what stands in a cell, what rows are ordered by, and a shorter cell for little room."""

    key: str
    head: str
    cell: Callable[[Row], str]
    value: Callable[[Row], Any]
    short: Callable[[Row], str] | None = None
    is_text: bool = False


def columns(report: Report, with_tasks: bool = False) -> tuple[Column, ...]:
    """Who, how good, how fast, how much; `with_tasks` adds the score on every task of several, and the pairs."""
    tasks, others = (tuple(scores(report)), tuple(pairs(report))) if with_tasks else ((), ())
    return (*names(report), *_quality(report), *tasks, *_speed(), *_cost(report), *others)


def names(report: Report) -> Iterator[Column]:
    """What tells settings apart: preset, axes, cache."""
    yield Column("preset", "preset", lambda row: said(row.preset), lambda row: row.preset, is_text=True)
    for axis in axes(report):
        value = partial(_axis, axis)
        yield Column(f"axis:{axis}", said(axis), lambda row, value=value: said(value(row)), value, is_text=True)  # type: ignore[misc]
    if "cache" not in axes(report):
        yield Column("cache", "cache", lambda row: said(row.cache), lambda row: row.cache, is_text=True)


def _axis(axis: str, row: Row) -> Any:
    return row.axes.get(axis)


def axes(report: Report) -> tuple[str, ...]:
    """Every axis that some setting has, in order."""
    return tuple(dict.fromkeys(axis for row in report.overall for axis in row.axes))


def _quality(report: Report) -> Iterator[Column]:
    metrics = {row.metric for row in report.overall}
    head = metrics.pop() if len(metrics) == 1 else "score"
    yield Column("score", f"{said(head)} %", lambda row: score(row.score), lambda row: row.score.value, _bare)
    reference = report.about.get("reference")
    shown = partial(_difference, reference, True)
    bare = partial(_difference, reference, False)
    yield Column("difference", "difference", shown, lambda row: row.difference and row.difference.value, bare)


def scores(report: Report) -> Iterator[Column]:
    """The score on every task, where there are several."""
    found = {(row.label, row.task): row.score for row in report.by_task}
    tasks = tuple(dict.fromkeys(task for _, task in found))
    for task in tasks if len(tasks) > 1 else ():
        lookup = partial(_score_of, found, task)
        yield Column(
            f"task:{task}",
            said(task),
            lambda row, lookup=lookup: score(lookup(row)),  # type: ignore[misc]
            lambda row, lookup=lookup: (each := lookup(row)) and each.value,  # type: ignore[misc]
        )


def _score_of(found: dict[tuple[str, str], Estimate], task: str, row: Row) -> Estimate | None:
    return found.get((row.label, task))


def pairs(report: Report) -> Iterator[Column]:
    """What `--against` asked for: the difference of the scores beside each of the others, and the quotient of TPF."""
    for name in dict.fromkeys(pair.name for row in report.overall for pair in row.beside):
        found = partial(_pair_of, name)
        yield Column(
            f"beside:{name}",
            f"beside {said(name)}",
            lambda row, found=found: _paired(found(row)),  # type: ignore[misc]
            lambda row, found=found: (pair := found(row)) and pair.difference and pair.difference.value,  # type: ignore[misc]
        )


def _pair_of(name: str, row: Row) -> Pair | None:
    return next((pair for pair in row.beside if pair.name == name), None)


def _paired(pair: Pair | None) -> str:
    return NOTHING if pair is None or pair.difference is None else f"{points(pair.difference)}, {pair.tpf.value:.2f}×"


def _speed() -> Iterator[Column]:
    yield Column("tpf", "TPF", lambda row: f"{row.tpf:.2f}", lambda row: row.tpf)
    yield Column("tps", "TPS", rate, lambda row: row.tps, lambda row: brief(row.tps))
    yield Column("speedup", "speed", _speedup, lambda row: row.speedup)


def _cost(report: Report) -> Iterator[Column]:
    yield Column("forwards", "forwards", _forwards, lambda row: row.forwards, lambda row: brief(row.forwards))
    yield Column("steps", "steps", lambda row: brief(row.steps), lambda row: row.steps)
    yield Column("remasked", "remasked", lambda row: brief(row.remasked), lambda row: row.remasked)
    if any(row.memory is not None for row in report.overall):
        yield Column("memory", "memory", lambda row: size(row.memory), lambda row: row.memory)
    if any(row.joules is not None for row in report.overall):
        yield Column("joules", "energy", _energy, lambda row: row.joules)


def said(value: Any) -> str:
    """A name or a value in one line that a terminal only shows."""
    return NOTHING if value is None else harmless(" ".join(str(value).split()))


def score(found: Estimate | None) -> str:
    """A score in percent, and half its interval's width."""
    return NOTHING if found is None else f"{100 * found.value:.1f} ±{50 * (found.high - found.low):.1f}"


def _bare(row: Row) -> str:
    return f"{100 * row.score.value:.1f}"


def _difference(reference: str | None, with_interval: bool, row: Row) -> str:
    if row.difference is None:
        return "reference" if row.label == reference else NOTHING
    return points(row.difference) if with_interval else f"{100 * row.difference.value:+.1f}"


def points(difference: Estimate) -> str:
    """A difference of scores in points, with its interval."""
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * figure for figure in difference))


def rate(row: Row) -> str:
    """Tokens a second, and their deviation over runs where there were several."""
    deviation = "" if row.tps_deviation is None else f" ±{brief(row.tps_deviation)}"
    return f"{brief(row.tps)}{deviation}"


def _speedup(row: Row) -> str:
    return NOTHING if row.speedup is None else f"{row.speedup:.2f}×"


def _forwards(row: Row) -> str:
    return f"{brief(row.forwards)} ({brief(row.full)}+{brief(row.window)})"


def _energy(row: Row) -> str:
    return NOTHING if row.joules is None else f"{brief(row.joules)} J"


def brief(value: float) -> str:
    """A figure with a decimal while it is small."""
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:.0f}"


def size(memory: int | None) -> str:
    """Bytes in a unit that suits them."""
    if memory is None:
        return NOTHING
    return f"{memory / 1e9:.1f} GB" if memory >= 1e8 else f"{memory / 1e6:.1f} MB"
