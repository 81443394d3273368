"""Tables of figures for the documentation: measured ones, read from docs/benchmarks/, and reckoned ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from dlldecode.engine import memory
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.models import dummy
from dlldecode.models.home import Home, outline
from dlldecode.models.memory import weights
from dlldecode.models.network import Network

MEASURED = Path(__file__).parent / "benchmarks/tiny-strategies.json"
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


def measured_table() -> str:
    """Every strategy with and without a cache on `tiny`, by what it costs and gains beside the reference."""
    head = ["strategy", "cache", "accuracy %", "difference", "TPF", "TPS", "forwards", "steps", "remasked"]
    return table([head, *(measured_row(row) for row in overall(MEASURED))])


def measured_row(row: dict[str, Any]) -> list[str]:
    """A setting's line."""
    score, gap = row["score"], row["difference"]
    interval = f"{100 * score['value']:.1f} ±{50 * (score['high'] - score['low']):.1f}"
    beside = "reference" if gap is None else "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * gap[key] for key in ENDS))
    forwards = f"{row['forwards']:.1f} ({row['full']:.1f}+{row['window']:.1f})"
    rest = [f"{row['tpf']:.2f}", f"{row['tps']:.1f}", forwards, f"{row['steps']:.1f}", f"{row['remasked']:.1f}"]
    return [f"`{row['preset']}`", row["cache"], interval, beside, *rest]


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


def answer(question: str) -> str:
    """What a question of docs/science.md found, from the file that `make science` wrote."""
    found = json.loads((Path(__file__).parent / f"science/{question}.json").read_text(encoding="utf-8"))
    head = list(found["rows"][0])
    rows = [["–" if row[name] is None else str(row[name]) for name in head] for row in found["rows"]]
    where = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in found["about"].items())
    return f"{found['title']}; {where}.\n\n{table([head, *rows])}"


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
