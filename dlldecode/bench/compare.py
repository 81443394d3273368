"""From records of single items to a report: scores with intervals, rates, differences from the first setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import Any, NamedTuple

from .pairs import Record, opponents, tpf_quotient
from .report import ALL, Area, Estimate, Pair, Report, Row
from .statistics import ALPHA, DROP, LEVEL, RESAMPLES, SEED, area, averaged, bootstrap, interval

DEFINITIONS = {
    "score": "the task's main metric, a mean over items; an item that failed counts as 0; over several tasks, "
    "the mean of the tasks, every task alike",
    "difference": "score minus the reference's, over the items that both have",
    "tpf": "tokens up to the first stop token per forward (call of the model)",
    "tps": "tokens up to the first stop token per second of decoding, without loading, tokenising and preparing",
    "canvas": "canvas_tpf and canvas_tps count all generated positions instead",
    "full": "forwards that computed every position; window: forwards that computed only some",
    "remasked": "positions per item that were written and then masked again",
    "cut_off": "share of the answers that filled the canvas without a stop token",
    "speedup": "TPS over the reference's",
    "beside": "score minus another setting's, and TPF over its, over the items that both have; what --against named",
    "memory": "the device's peak in bytes",
    "joules": "energy per item",
    "aup": "d3LLM's accuracy under parallelism over the points that the axes gave a preset, accuracy in percent",
}


class Sample(NamedTuple):
    """A setting's records of one task, and every item's score (the mean over its runs)."""

    records: tuple[Record, ...]
    scores: Mapping[str, float]


def report(
    records: Iterable[Record],
    settings: Sequence[str],
    tasks: Sequence[str],
    about: Mapping[str, Any],
    is_pooled: bool = False,
) -> Report:
    """Compare settings, given by their labels, the reference first. What has no records gets no row.

    A record that comes twice (same setting, task, item and run) counts as its last. The row `all` is for settings
    that have records of every task. With `is_pooled` its difference resamples the items of all tasks together: two or
    three items of a task tell nothing of how much they vary.
    """
    samples = _samples(records)
    rows = []
    for label in settings:
        found = {task: samples[label, task] for task in tasks if (label, task) in samples}
        against = {} if label == settings[0] else {task: samples.get((settings[0], task)) for task in found}
        parts = [(task, [sample], [against[task]] if against else []) for task, sample in found.items()]
        if len(found) == len(tasks) > 1:
            parts.append((ALL, [*found.values()], [*against.values()]))
        rows += [_row(task, own, others, is_pooled) for task, own, others in parts]
    best = {task: 100 * max(row.score.value for row in rows if row.task == task) for task in _named(rows)}
    return Report({**about, **_method(settings, best)}, tuple(rows), tuple(_areas(rows, best)))


def beside(found: Report, records: Iterable[Record], against: Sequence[str]) -> Report:
    """The report with its rows beside the settings of the presets in `against`, like with like (`pairs.opponents`)."""
    samples = _samples(records)
    others = opponents({label: sample.records[0] for (label, _), sample in samples.items()}, against)
    rows = []
    for row in found.rows:
        tasks = _named(found.rows) if row.task == ALL else [row.task]
        own = [samples[row.label, task] for task in tasks]
        pairs = [
            _pair(other, name, own, [samples.get((other, task)) for task in tasks])
            for other, name in others[row.label].items()
        ]
        rows.append(replace(row, beside=tuple(pairs)))
    return replace(found, rows=tuple(rows))


def _pair(other: str, name: str, own: Sequence[Sample], others: Sequence[Sample | None]) -> Pair:
    both = [[record for sample in samples if sample for record in sample.records] for samples in (own, others)]
    return Pair(other, name, _difference(own, others, is_pooled=False), tpf_quotient(*both))


def _method(settings: Sequence[str], best: Mapping[str, float]) -> dict[str, Any]:
    """How the figures were made."""
    return {
        "reference": settings[0] if settings else None,
        "interval": {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED, "paired": True},
        "aup": {"alpha": ALPHA, "drop": DROP, "y_max": dict(best)},
        "definitions": DEFINITIONS,
    }


def _named(rows: Sequence[Row]) -> list[str]:
    """The tasks that have rows, in order."""
    return [*dict.fromkeys(row.task for row in rows if row.task != ALL)]


def _samples(records: Iterable[Record]) -> dict[tuple[str, str], Sample]:
    """Records by setting and task."""
    unique = {(each["setting"], each["task"], each["item"], each["run"]): each for each in records}
    groups = defaultdict(list)
    for (setting, task, _, _), record in unique.items():
        groups[setting, task].append(record)
    return {key: Sample(tuple(group), _scores(group)) for key, group in groups.items()}


def _scores(records: Iterable[Record]) -> dict[str, float]:
    """Every item's score."""
    runs = defaultdict(list)
    for record in records:
        runs[record["item"]].append(fmean(_numbers(record, record["metric"])))
    return {item: fmean(scores) for item, scores in runs.items()}


def _numbers(record: Record, metric: str) -> list[float]:
    """A metric's numbers in a record; a single 0 for an item that failed."""
    value = 0.0 if record["error"] is not None else record["metrics"].get(metric, [])
    return [float(number) for number in value] if isinstance(value, (list, tuple)) else [float(value)]


def _row(task: str, samples: Sequence[Sample], against: Sequence[Sample | None], is_pooled: bool) -> Row:
    """A setting on one task, or on several taken together; against nothing for the reference."""
    records = [record for sample in samples for record in sample.records]
    done = [record for record in records if record["error"] is None]
    first = records[0]
    named = {record["metric"] for record in records}
    metric = named.pop() if len(named) == 1 else "score"
    score = averaged([interval([*sample.scores.values()]) for sample in samples])
    speed = tps(done)
    return Row(
        label=first["setting"],
        preset=first["preset"],
        strategy=first["strategy"],
        cache=first["cache"],
        axes=dict(first["axes"]),
        task=task,
        metric=metric,
        metrics={metric: score.value} if task == ALL else _metrics(records),
        items=sum(len(sample.scores) for sample in samples),
        failed=len({(record["task"], record["item"]) for record in records if record["error"] is not None}),
        runs=len({record["run"] for record in records}),
        score=score,
        difference=_difference(samples, against, is_pooled) if against else None,
        speedup=_speedup(speed, against) if against else None,
        tps=speed,
        tps_deviation=_deviation(done),
        canvas_tps=tps(done, "canvas"),
        **_counts(done),
    )


def _counts(done: Sequence[Record]) -> dict[str, Any]:
    """Forwards and their like; means per item."""
    forwards = sum(record["forwards"]["total"] for record in done)
    kinds = ("full", "window", "positions")
    return {
        "tpf": _ratio(_tokens(done), forwards),
        "canvas_tpf": _ratio(_tokens(done, "canvas"), forwards),
        "forwards": _ratio(forwards, len(done)),
        **{kind: _mean(record["forwards"][kind] for record in done) for kind in kinds},
        **{name: _mean(record[name] for record in done) for name in ("steps", "remasked")},
        "seconds": _mean(_seconds(record) for record in done),
        "cut_off": _mean(record["finish_reason"] == "length" for record in done),
        "memory": max((record["memory"] for record in done if record["memory"] is not None), default=None),
        "joules": fmean(measured) if (measured := _measured(done, "joules")) else None,
    }


def _metrics(records: Sequence[Record]) -> dict[str, float]:
    """Every metric's mean over all its numbers."""
    names = dict.fromkeys(name for record in records for name in record["metrics"])
    return {name: fmean([number for record in records for number in _numbers(record, name)]) for name in names}


def _measured(records: Sequence[Record], name: str) -> list[float]:
    """The values of those that have one."""
    return [record[name] for record in records if record[name] is not None]


def _mean(values: Iterable[float]) -> float:
    """A mean; 0 of nothing."""
    found = list(values)
    return _ratio(sum(found), len(found))


def _ratio(above: float, below: float) -> float:
    """A quotient; 0 where there is nothing to divide by."""
    return above / below if below else 0.0


def _tokens(records: Iterable[Record], kind: str = "effective") -> int:
    """Tokens of all records."""
    return sum(record["tokens"][kind] for record in records)


def _seconds(record: Record) -> float:
    """Seconds of decoding alone; the rows of a batch share the clock."""
    seconds = record["seconds"]
    clock = seconds["decode" if record["batch_size"] == 1 else "elapsed"]
    return float(clock - seconds["prepare"])


def tps(records: Sequence[Record], kind: str = "effective") -> float:
    """Tokens a second of decoding; 0 where no time was taken."""
    return _ratio(_tokens(records, kind), sum(map(_seconds, records)))


def _deviation(done: Sequence[Record]) -> float | None:
    """The standard deviation of TPS over runs."""
    runs = defaultdict(list)
    for record in done:
        runs[record["run"]].append(record)
    return stdev(map(tps, runs.values())) if len(runs) > 1 else None


def _difference(samples: Sequence[Sample], against: Sequence[Sample | None], is_pooled: bool) -> Estimate | None:
    """The score beside the reference's, item by item; None where a task has no item in common."""
    strata = []
    for sample, other in zip(samples, against, strict=True):
        scores = other.scores if other else {}
        strata.append([score - scores[item] for item, score in sorted(sample.scores.items()) if item in scores])
    if not all(strata):
        return None
    return bootstrap([_pooled(strata)] if is_pooled else strata)


def _pooled(strata: Sequence[Sequence[float]]) -> list[float]:
    """The values of all strata, weighted so that their mean stays the mean of the strata's means."""
    count = sum(map(len, strata))
    return [value * count / (len(strata) * len(values)) for values in strata for value in values]


def _speedup(speed: float, against: Sequence[Sample | None]) -> float | None:
    """TPS over the reference's."""
    records = [record for sample in against if sample for record in sample.records if record["error"] is None]
    return speed / reference if (reference := tps(records)) else None


def _areas(rows: Sequence[Row], best: Mapping[str, float]) -> Iterable[Area]:
    """AUP of every preset that axes gave points, task by task, and its mean over the tasks where it has all."""
    presets = dict.fromkeys(row.preset for row in rows if row.axes)
    for preset in presets:
        found = []
        for task, top in best.items():
            chosen = [row for row in rows if row.axes and (row.preset, row.task) == (preset, task)]
            if chosen:
                value, points = area([(row.tpf, 100 * row.score.value) for row in chosen], top)
                found.append(Area(preset, task, value, points, top))
        yield from found
        if len(found) == len(best) > 1:
            means = fmean(each.value for each in found), fmean(each.best for each in found)
            yield Area(preset, ALL, means[0], min(each.points for each in found), means[1])
