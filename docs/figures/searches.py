"""What a search found for every strategy: benchmarks/tiny-tuning.json."""

from __future__ import annotations

import json
from statistics import fmean
from typing import Any

from dlldecode.bench.statistics import area

from .markdown import DOCS, points, table

FILE = DOCS / "benchmarks/tiny-tuning.json"


def tuned_table() -> str:
    """What a search found for every strategy."""
    studies = json.loads(FILE.read_text(encoding="utf-8"))["studies"]
    best = max(100 * score for study in studies for _, score in study["points"])
    head = ["strategy", "default: accuracy %, TPF", "AUP", "fastest that lost nothing", "held out", "knee, held out"]
    return table([head, *(tuned_row(study, best) for study in studies)])


def tuned_row(study: dict[str, Any], best: float) -> list[str]:
    """A study's line; the default on the items of both halves."""
    searched, held = study["careful"]["reference"], study["careful"]["heldout"][0]
    accuracy, tpf = fmean(each["score"]["value"] for each in (searched, held)), fmean((searched["tpf"], held["tpf"]))
    value, _ = area([(tpf, 100 * score) for tpf, score in study["points"]], best)
    is_faster = study["careful"]["pick"]["tpf"] > searched["tpf"]
    picks = [study["careful"] if is_faster else None, study["knee"]]
    (axes, careful), (_, knee) = map(outcome, picks)
    return [f"`{study['strategy']}`", f"{100 * accuracy:.1f}, {tpf:.2f}", f"{value:.0f}", axes, careful, knee]


def outcome(picked: dict[str, Any] | None) -> tuple[str, str]:
    """What a pick changes, and what held-out items say of it."""
    if picked is None or len(picked["heldout"]) < 2:
        return "the default", "–"
    before, after = picked["heldout"]
    values = picked["pick"]["axes"]
    reference = dict(part.split("=") for part in before["label"].split()[1:])
    changed = ", ".join(f"{key} {value}" for key, value in values.items() if str(value) != reference.get(key))
    return changed, f"{points(after['difference'])}, {picked['tpf']['value']:.2f}x, {picked['outcome']}"
