"""The comparison of all strategies on `tiny`: benchmarks/tiny-table.json."""

from __future__ import annotations

import json
from typing import Any

from dlldecode.tune.front import front

from .markdown import DOCS, percent, points, table

FILE = DOCS / "benchmarks/tiny-table.json"
CACHES = ("none", "prefix", "dual", "vicinity", "lean")
BASELINES = ("threshold", "factor", "factor-careful", "frechet")


def rows_of(cache: str | None = None) -> list[dict[str, Any]]:
    """The rows of the comparison, those of single tasks too; with one cache, or all."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"]
    return [row for row in rows if cache in (None, row["cache"])]


def overall(cache: str | None = None) -> list[dict[str, Any]]:
    """The rows over all tasks."""
    return [row for row in rows_of(cache) if row["task"] == "all"]


def share(row: dict[str, Any]) -> str:
    """The score in whole per cent."""
    return f"{100 * row['score']['value']:.0f}"


def brief(row: dict[str, Any] | None) -> str:
    """Score and tokens per forward of a setting."""
    return "" if row is None else f"{share(row)}, {row['tpf']:.2f}"


def measured_table() -> str:
    """Every strategy without a cache on `tiny`, by itself and beside the baselines."""
    head = ["preset", "accuracy %", "TPF", "TPS", "forwards", *(f"beside `{name}`" for name in BASELINES)]
    return table([head, *(measured_row(row) for row in overall("none"))])


def measured_row(row: dict[str, Any]) -> list[str]:
    """A setting's line."""
    pairs = {pair["name"]: pair for pair in row["beside"]}
    figures = [f"{row['tpf']:.2f}", speed(row, 1), f"{row['forwards']:.1f}"]
    return [f"`{row['preset']}`", percent(row["score"]), *figures, *(paired(pairs.get(name)) for name in BASELINES)]


def speed(row: dict[str, Any], digits: int) -> str:
    """Tokens a second, where they are of the table's own machine."""
    return f"{row['tps']:.{digits}f}" if row["tps"] else "–"


def paired(pair: dict[str, Any] | None) -> str:
    """The difference of the scores with its interval, and the quotient of TPF."""
    return "–" if pair is None else f"{points(pair['difference'])}, {pair['tpf']['value']:.2f}x"


def caches_table() -> str:
    """Accuracy, TPF and TPS of every strategy with every cache."""
    found: dict[str, dict[str, str]] = {}
    for row in overall():
        found.setdefault(row["preset"], {})[row["cache"]] = f"{brief(row)}, {speed(row, 0)}"
    return table([["preset", *CACHES], *([f"`{name}`", *map(cells.get, CACHES)] for name, cells in found.items())])


def front_table() -> str:
    """What no other setting beats in accuracy and speed: by TPF without a cache, by TPS with any."""
    rows = [["accuracy and", "from the most right to the fastest"]]
    for figure, caches in (("tpf", CACHES[:1]), ("tps", CACHES)):
        found = [row for row in overall() if row["cache"] in caches]
        chosen = [found[place] for place in front([(row["score"]["value"], row[figure]) for row in found])]
        chosen.sort(key=lambda row: row[figure])
        said = ", ".join(f"{called(row)} ({share(row)}, {row[figure]:.3g})" for row in chosen)
        rows.append([figure.upper() + (", no cache" if len(caches) == 1 else ", any cache"), said])
    return table(rows)


def called(row: dict[str, Any]) -> str:
    """A setting in few words."""
    return f"`{row['preset']}`" + (f" {row['cache']}" if row["cache"] != "none" else "")


def families_table() -> str:
    """For each family what `vanilla` solves, and the fastest that solves as many problems less one, without a cache."""
    rows = [["family", "`vanilla`", "`threshold`", "fastest within one problem of `vanilla`"]]
    found = rows_of("none")
    for task in dict.fromkeys(row["task"] for row in found if row["task"] != "all"):
        own = {row["preset"]: row for row in found if row["task"] == task}
        least = own["vanilla"]["score"]["value"] - 1.01 / own["vanilla"]["items"]
        good = [row for row in own.values() if row["score"]["value"] >= least]
        best = sorted(good, key=lambda row: -row["tpf"])[:3]
        said = ", ".join(f"`{row['preset']}` ({share(row)} %, {row['tpf']:.2f})" for row in best)
        plain = [f"{share(own[name])} %, {own[name]['tpf']:.2f}" for name in ("vanilla", "threshold")]
        rows.append([task.removeprefix("tiny_"), *plain, said])
    return table(rows)
