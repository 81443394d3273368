"""Studies whose decoding is a formula: real settings, made-up items and figures."""

import random
from collections.abc import Callable

from dlldecode.batch import Prompt
from dlldecode.bench import task as tasks
from dlldecode.bench.items import Item
from dlldecode.bench.matrix import requested
from dlldecode.bench.measure import named
from dlldecode.bench.records import Records
from dlldecode.config.assemble import resolve
from dlldecode.config.layers import Layer
from dlldecode.tune.evaluate import Evaluator
from dlldecode.tune.goal import Goal
from dlldecode.tune.halves import halves
from dlldecode.tune.space import space
from dlldecode.tune.trial import Trials

from ..bench.records import record

Formula = Callable[[dict, str, random.Random], tuple[float, int, int]]  # axes, item -> score, tokens, forwards


def questions(count=24, families=("math", "gsm", "lists")):
    """So many items of some tasks, in halves."""
    found = [tasks.find(f"tiny_{name}")[0] for name in families]
    share = count // len(found)
    return halves(
        (task, [Item(str(n), {"prompt": f"{n}"}, Prompt(f"{n}", id=f"{task.task}/{n}")) for n in range(share)])
        for task in found
    )


def trials(preset="hierarchy", grid="high=0.7..0.95..0.05,low=0.3..0.6..0.1", count=24):
    """The points of a grid around a preset."""
    base = requested(preset, (), Layer())
    start = resolve(base, outside=False)
    return Trials(preset, base, space(start, [grid] if grid else [], {}, ()), questions(count))


class Made:
    """Decodes by a formula, and counts what it was asked for."""

    def __init__(self, formula: Formula, seed: int = 0) -> None:
        self.formula, self.seed, self.decoded = formula, seed, []

    def __call__(self, groups):
        for group in groups:
            for item in group.items:
                self.decoded.append((group.setting.label, group.task.task, item.id))
                yield self.record(group, item)

    def record(self, group, item):
        name = f"{group.task.task}/{item.id}"
        chance = random.Random(f"{self.seed} {group.setting.label} {name}")
        score, tokens, forwards = self.formula(dict(group.setting.axes), f"{self.seed} {name}", chance)
        counts = {"total": forwards, "full": 1, "window": forwards - 1, "idle": 0, "positions": forwards}
        made = {"metrics": {"accuracy": float(score)}, "forwards": counts, "steps": forwards}
        return {**record(), **named(group, item), **made, "tokens": {"prompt": 1, "effective": tokens, "canvas": 128}}


def evaluator(folder, made, found, goal=None, **more):
    """An evaluator over a fresh folder."""
    return Evaluator(Records(folder, go_on=True), made, goal or Goal(), found.reference, found.halves.search, **more)
