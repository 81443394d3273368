"""Measure a model on the held-out problems: `python -m dlldecode.tiny.evaluate [--model DIR] [--device cuda]`.

Prints a Markdown table of accuracy per family, tokens per forward and forwards for every rule, and writes the same as
JSON with `--json FILE`. A rule is a strategy with options: `threshold`, `topk:k=4`, `hierarchy:high=0.9,low=0.4`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

from ..engine.loop import decode
from ..engine.recipe import Recipe, build
from ..engine.settings import Settings
from ..models.load import load
from ..models.network import Network
from ..trace.events import Finished
from .data import heldout
from .families import available
from .families import load as family
from .problem import Problem

RULES = (
    "vanilla",
    "topk:k=2",
    "topk:k=4",
    "topk:k=8",
    "threshold",
    "factor",
    "factor:factor=0.75",
    "hierarchy",
    "hierarchy:remask=0.3",
    "dico",
)


@dataclass(frozen=True)
class Score:
    """One rule on all families: per family the share of right answers, effective tokens and forwards per answer."""

    rule: str
    block_length: int
    accuracy: dict[str, float]
    tokens: dict[str, float]
    forwards: dict[str, float]
    cache: str = "none"

    @property
    def average(self) -> float:
        """Mean accuracy of the families."""
        return sum(self.accuracy.values()) / len(self.accuracy)

    @property
    def tpf(self) -> float:
        """Effective tokens per forward."""
        return sum(self.tokens.values()) / sum(self.forwards.values())


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("rules", nargs="*", default=list(RULES), help="strategies with options")
    add("--model", default="tiny")
    add("--device", default="auto")
    add("--dtype", default="float32")
    add("--block-length", type=int, nargs="+", default=[32])
    add("--max-tokens", type=int, default=128)
    add("--limit", type=int, default=200, help="problems of each family")
    add("--batch-size", type=int, default=200)
    add("--cache", nargs="+", default=["none"], help="policies with options")
    add("--stop", default="first", choices=("first", "none"))
    add("--show", type=int, default=0, help="print this many wrong answers of each family")
    add("--json", type=Path, help="also write the figures to this file")
    return parser.parse_args(arguments)


def recipe(rule: str, settings: Settings) -> Recipe:
    """The recipe of a rule such as `topk:k=4`; the settings' cache is written likewise."""
    (name, options), (cache, cache_options) = parted(rule), parted(settings.cache)
    return build(replace(settings, cache=cache), name, options, cache_options)


def parted(text: str) -> tuple[str, dict[str, object]]:
    """A name and its options: `topk:k=4`, `vicinity:look_ahead=0,refresh=8`."""
    name, _, rest = text.partition(":")
    pairs = (item.split("=", 1) for item in rest.split(",") if item)
    return name, {key: literal(value) for key, value in pairs}


def literal(text: str) -> object:
    """A number where the text is one, else the text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def answers(model: Network, problems: list[Problem], how: Recipe, size: int) -> Iterator[tuple[Problem, str, Finished]]:
    """Decode problems in batches; the problem, the text, and how its row ended."""
    for start in range(0, len(problems), size):
        batch = problems[start : start + size]
        prompts = [model.tokenizer.chat(problem.prompt) for problem in batch]
        for event in decode(model, prompts, how):
            if isinstance(event, Finished):
                yield batch[event.index], model.tokenizer.decode(list(event.token_ids[: event.effective])), event


def score(model: Network, canvas: Settings, rule: str, settings: argparse.Namespace) -> Score:
    """Measure one rule on the held-out problems of every family, decoded together."""
    how, cache = recipe(rule, canvas), canvas.cache
    problems = [problem for name in available() for problem in heldout(name)[: settings.limit]]
    right, ends = {name: 0 for name in available()}, {name: list[Finished]() for name in available()}
    for problem, text, end in answers(model, problems, how, settings.batch_size):
        name = problem.family
        good = family(name).check(problem, text)
        right[name] += good
        ends[name].append(end)
        if not good and len(ends[name]) - right[name] <= settings.show:
            print(f"--- {rule} {name}\n{problem.prompt}\n->\n{text}\nfor\n{problem.answer}", file=sys.stderr)
    accuracy = {name: right[name] / len(found) for name, found in ends.items()}
    tokens = {name: sum(end.effective for end in found) / len(found) for name, found in ends.items()}
    forwards = {name: sum(end.forwards.total for end in found) / len(found) for name, found in ends.items()}
    return Score(rule, how.settings.block_length, accuracy, tokens, forwards, cache)


def table(scores: Sequence[Score]) -> str:
    """The scores as a Markdown table; caches are named where there are any."""
    names, with_caches = available(), any(each.cache != "none" for each in scores)
    head = ["rule", *(["cache"] if with_caches else []), "block", *names, "average", "tokens", "forwards", "TPF"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for each in scores:
        cache = [f"`{each.cache}`"] if with_caches else []
        cells = [f"`{each.rule}`", *cache, str(each.block_length), *(f"{each.accuracy[name]:.3f}" for name in names)]
        count = len(names)
        cells += [f"{each.average:.3f}", f"{sum(each.tokens.values()) / count:.1f}"]
        cells += [f"{sum(each.forwards.values()) / count:.1f}", f"{each.tpf:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every rule at every block length."""
    settings = options(arguments)
    model = load(settings.model, device=settings.device, dtype=settings.dtype)
    scores = []
    for block, cache, rule in product(settings.block_length, settings.cache, settings.rules):
        began = time.perf_counter()
        canvas = Settings(max_tokens=settings.max_tokens, block_length=block, cache=cache, stop=settings.stop)
        scores.append(score(model, canvas, rule, settings))
        print(f"{rule}, cache {cache}, block {block}: {time.perf_counter() - began:.1f} s", file=sys.stderr)
        if settings.json:
            settings.json.write_text(json.dumps([asdict(each) for each in scores], indent=1) + "\n")
    print(table(scores))


if __name__ == "__main__":
    main()
