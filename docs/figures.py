"""Tables of figures for the documentation: measured ones, read from docs/benchmarks/, and reckoned ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from dlldecode.bench.statistics import area
from dlldecode.engine import memory
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.models import dummy
from dlldecode.models.home import Home, outline
from dlldecode.models.memory import weights
from dlldecode.models.network import Network
from dlldecode.tune.front import front

MEASURED = Path(__file__).parent / "benchmarks/tiny-table.json"
TUNED = Path(__file__).parent / "benchmarks/tiny-tuning.json"
STEPS = [Path(__file__).parent / f"benchmarks/h200-llada-{name}.json" for name in ("strategies", "wino")]
PARTS_OF_A_STEP = (("total", 2), ("forward", 2), ("scoring", 3), ("strategy", 3))
ENDS = ("value", "low", "high")
META = torch.device("meta")
HOMES = {
    "float32": Home(META, torch.float32),
    "bfloat16": Home(META, torch.bfloat16),
    "fp8": Home(META, torch.bfloat16, is_eight_bit=True),
}
SIZES = [memory.Size(rows, prompt, canvas) for rows, prompt, canvas in ((1, 128, 256), (1, 1024, 1024), (8, 256, 512))]


def table(rows: list[list[str]]) -> str:
    """Rows as a Markdown table, the first one its head."""
    cells = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    rule = " | ".join("---" for _ in rows[0])
    return "\n".join(f"| {line} |" for line in [cells[0], rule, *cells[1:]])


def overall(file: Path) -> list[dict[str, Any]]:
    """The rows of a comparison over all tasks, from what `bench --export` wrote."""
    return [row for row in json.loads(file.read_text(encoding="utf-8"))["rows"] if row["task"] == "all"]


def brief(row: dict[str, Any] | None) -> str:
    """Score and tokens per forward of a setting."""
    return "" if row is None else f"{100 * row['score']['value']:.0f}, {row['tpf']:.2f}"


CACHES = ("none", "prefix", "dual", "vicinity", "lean")
BASELINES = ("threshold", "factor", "factor-careful", "frechet")


def measured_table() -> str:
    """Every strategy without a cache on `tiny`, by itself and beside the baselines."""
    head = ["preset", "accuracy %", "TPF", "TPS", "forwards", *(f"beside `{name}`" for name in BASELINES)]
    return table([head, *(measured_row(row) for row in overall(MEASURED) if row["cache"] == "none")])


def measured_row(row: dict[str, Any]) -> list[str]:
    """A setting's line."""
    pairs = {pair["name"]: pair for pair in row["beside"]}
    speed = f"{row['tps']:.1f}" if row["tps"] else "–"
    figures = [f"{row['tpf']:.2f}", speed, f"{row['forwards']:.1f}"]
    return [f"`{row['preset']}`", percent(row["score"]), *figures, *(paired(pairs.get(name)) for name in BASELINES)]


def percent(score: dict[str, float]) -> str:
    """A score with half of its interval's width."""
    return f"{100 * score['value']:.1f} ±{50 * (score['high'] - score['low']):.1f}"


def paired(pair: dict[str, Any] | None) -> str:
    """The difference of the scores with its interval, and the quotient of TPF."""
    return "–" if pair is None else f"{points(pair['difference'])}, {pair['tpf']['value']:.2f}x"


def points(difference: dict[str, float]) -> str:
    """A difference in points with its interval."""
    return "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * difference[key] for key in ENDS))


def caches_table() -> str:
    """Accuracy, TPF and TPS of every strategy with every cache."""
    found: dict[str, dict[str, str]] = {}
    for row in overall(MEASURED):
        speed = f"{row['tps']:.0f}" if row["tps"] else "–"
        cell = f"{100 * row['score']['value']:.0f}, {row['tpf']:.2f}, {speed}"
        found.setdefault(row["preset"], {})[row["cache"]] = cell
    return table([["preset", *CACHES], *([f"`{name}`", *map(cells.get, CACHES)] for name, cells in found.items())])


def front_table() -> str:
    """What no other setting beats in accuracy and speed: by TPF without a cache, by TPS with any."""
    rows = [["accuracy and", "from the most right to the fastest"]]
    for figure, caches in (("tpf", CACHES[:1]), ("tps", CACHES)):
        found = [row for row in overall(MEASURED) if row["cache"] in caches]
        chosen = [found[place] for place in front([(row["score"]["value"], row[figure]) for row in found])]
        chosen.sort(key=lambda row: row[figure])
        said = ", ".join(f"{called(row)} ({100 * row['score']['value']:.0f}, {row[figure]:.3g})" for row in chosen)
        rows.append([figure.upper() + (", no cache" if len(caches) == 1 else ", any cache"), said])
    return table(rows)


def called(row: dict[str, Any]) -> str:
    """A setting in few words."""
    return f"`{row['preset']}`" + (f" {row['cache']}" if row["cache"] != "none" else "")


def families_table() -> str:
    """For each family what `vanilla` solves, and the fastest that solves as many problems less one, without a cache."""
    rows = [["family", "`vanilla`", "`threshold`", "fastest within one problem of `vanilla`"]]
    found = [row for row in json.loads(MEASURED.read_text(encoding="utf-8"))["rows"] if row["cache"] == "none"]
    for task in dict.fromkeys(row["task"] for row in found if row["task"] != "all"):
        own = {row["preset"]: row for row in found if row["task"] == task}
        least = own["vanilla"]["score"]["value"] - 1.01 / own["vanilla"]["items"]
        good = [row for row in own.values() if row["score"]["value"] >= least]
        best = sorted(good, key=lambda row: -row["tpf"])[:3]
        said = ", ".join(f"`{row['preset']}` ({100 * row['score']['value']:.0f} %, {row['tpf']:.2f})" for row in best)
        plain = [
            f"{100 * own[name]['score']['value']:.0f} %, {own[name]['tpf']:.2f}" for name in ("vanilla", "threshold")
        ]
        rows.append([task.removeprefix("tiny_"), *plain, said])
    return table(rows)


def tuned_table() -> str:
    """What a search found for every strategy."""
    studies = json.loads(TUNED.read_text(encoding="utf-8"))["studies"]
    best = max(100 * score for study in studies for _, score in study["points"])
    head = ["strategy", "default: accuracy %, TPF", "AUP", "fastest that lost nothing", "held out", "knee, held out"]
    return table([head, *(tuned_row(study, best) for study in studies)])


def tuned_row(study: dict[str, Any], best: float) -> list[str]:
    """A study's line; the default on the items of both halves."""
    searched, held = study["careful"]["reference"], study["careful"]["heldout"][0]
    halves = [(each["score"]["value"], each["tpf"]) for each in (searched, held)]
    default = ", ".join(
        f"{scale * sum(pair) / 2:.{digits}f}" for pair, scale, digits in zip(zip(*halves), (100, 1), (1, 2))
    )
    value, _ = area([(tpf, 100 * score) for tpf, score in study["points"]], best)
    is_faster = study["careful"]["pick"]["tpf"] > searched["tpf"]
    picks = [study["careful"] if is_faster else None, study["knee"]]
    (axes, careful), (_, knee) = map(outcome, picks)
    return [f"`{study['strategy']}`", default, f"{value:.0f}", axes, careful, knee]


def outcome(picked: dict[str, Any] | None) -> tuple[str, str]:
    """What a pick changes, and what held-out items say of it."""
    if picked is None or len(picked["heldout"]) < 2:
        return "the default", "–"
    before, after = picked["heldout"]
    values = picked["pick"]["axes"]
    reference = dict(part.split("=") for part in before["label"].split()[1:])
    changed = ", ".join(f"{key} {value}" for key, value in values.items() if str(value) != reference.get(key))
    return changed, f"{points(after['difference'])}, {picked['tpf']['value']:.2f}x, {picked['outcome']}"


def beside_table() -> str:
    """What every strategy costs beside the forward."""
    head = ["strategy", "window step", "model", "scoring", "strategy, guard, write", "beside %", "full step"]
    found = [case for file in STEPS for case in json.loads(file.read_text(encoding="utf-8"))["cases"]]
    return table([head, *(beside_row(case) for case in sorted(found, key=lambda case: case["name"]))])


def beside_row(case: dict[str, Any]) -> list[str]:
    """A strategy's milliseconds."""
    full, window = ({each["kind"]: each for each in case["steps"]}[kind] for kind in ("full", "window"))
    parts = [f"{window[key]:.{digits}f}" for key, digits in PARTS_OF_A_STEP]
    return [f"`{case['name']}`", *parts, f"{100 * window['beside']:.1f}", f"{full['total']:.2f}"]


def answer(question: str, *columns: str) -> str:
    """What a question of docs/science.md found, from the file that `make science` wrote; some columns, or all."""
    found = _science(question)
    head = columns or tuple(found["rows"][0])
    rows = [[_short(row[name]) for name in head] for row in found["rows"]]
    return f"{_origin(found)}\n\n{table([list(head), *rows])}"


def crossed(question: str, down: str, across: str, *figures: str) -> str:
    """The same with a column for every value of `across`; a cell holds some figures."""
    found = _science(question)
    cells = {(row[down], row[across]): ", ".join(_short(row[name]) for name in figures) for row in found["rows"]}
    heads = list(dict.fromkeys(row[across] for row in found["rows"]))
    downs = dict.fromkeys(row[down] for row in found["rows"])
    rows = [[str(each), *(cells.get((each, head), "–") for head in heads)] for each in downs]
    return f"{_origin(found)}\n\n{table([[down, *(f'{across} {head}' if isinstance(head, int) else f'`{head}`' for head in heads)], *rows])}"


def trajectory_table() -> str:
    """By distance and by how much is written: mean confidence, masks above 0.9 and right ones in per cent."""
    found = _science("trajectory")
    rows = [row for row in found["rows"] if row["setting"].endswith("block_length=32")]
    parts = list(dict.fromkeys(row["written"] for row in rows))
    cells = {
        (
            row["distance"],
            row["written"],
        ): f"{row['confidence']:.2f}, {row['above 0.9 %']:.0f}, {row['right in the end %']:.0f}"
        for row in rows
    }
    reach = list(dict.fromkeys(row["distance"] for row in rows))
    names = [f"{low} to {high - 1}" if high - low > 1 else str(low) for low, high in zip(reach, reach[1:])]
    lines = [
        [name, *(cells[low, part] for part in parts)] for low, name in zip(reach, [*names, f"{reach[-1]} and more"])
    ]
    return f"{_origin(found)}\n\n{table([['distance', *(f'{part} written' for part in parts)], *lines])}"


def _short(value: Any) -> str:
    """A figure with two decimals."""
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _science(question: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / f"science/{question}.json").read_text(encoding="utf-8"))
    return found


def _origin(found: dict[str, Any]) -> str:
    """What the figures are of."""
    where = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found["about"].items() if key != "command")
    return f"{found['title']}; {where}."


def memory_table() -> str:
    """Gigabytes of the weights by dtype, and of a batch beside them with and without a cache."""
    batches = [
        f"{size.rows} of {size.prompt} + {size.canvas}, `{cache}`" for size in SIZES for cache in ("none", "dual")
    ]
    return table([["model", *(f"weights, {name}" for name in HOMES), *batches], *map(memory_row, ("llada", "dream"))])


def memory_row(alias: str) -> list[str]:
    """What a model takes."""
    spec = dummy.spec_of(alias)
    trunks = [outline(spec, home) for home in HOMES.values()]
    network = Network(trunks[1], dummy.DummyTokenizer(), alias, None, dummy.DIGEST)
    recipes = [
        (size, build(Settings(max_tokens=size.canvas, cache=cache), "threshold"))
        for size in SIZES
        for cache in ("none", "dual")
    ]
    batches = [memory.needed(network, recipe, size) for size, recipe in recipes]
    return [f"`{alias}`", *(f"{each / 1e9:.1f}" for each in [*map(weights, trunks), *batches])]
