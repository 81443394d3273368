"""DiCo's reference preset against its released loop: phases, tokens and every forward, those for nothing included."""

from collections import Counter

import pytest

from dlldecode.core.fields import fields
from dlldecode.strategies.dico import Dico

from ..fakes import Outlook, World
from .dico_reference import DicoReference
from .dinfer import scored
from .released import Written, agree_on_a_network, agree_on_worlds, network, reference, sized

DEFAULTS = {field.name: field.default for field in fields(Dico)}
SCRIPT = {
    "tolerance": 2, "growth": 0.1, "patience": 2, "rule": "factor", "sure_scope": "block", "progress_scope": "canvas",
    "max_divide_steps": 10, "tau_sure": 0.98, "tau_margin": 3.0, "gate": 0.8, "alpha": 0.5, "beta": 0.05,
    "seed_picker": "soft_nms", "right_edge": "released", "conventions": "released",
}  # fmt: skip
WORLDS = [
    World(seed, drift, pull, power)
    for seed, (drift, pull, power) in enumerate(
        [(0.05, 1.0, 0.1), (0.1, 1.0, 0.3), (0.3, 0.5, 0.3), (0.1, 0.5, 0.5), (0.0, 1.0, 0.2), (0.0, 1.0, 0.1)]
    )
]


def outlook(row: list[float], mask: int) -> Outlook:
    token, chance = scored([row], mask)[0]
    first, second = sorted((value for at, value in enumerate(row) if at != mask), reverse=True)[:2]
    return Outlook(token, chance, first - second)


def released(made, block: int, idle: Counter):
    """The released loop with its script's settings and the recipe's; what it pays for nothing is counted by phase."""
    options = DEFAULTS | vars(made.strategy) | SCRIPT

    def generate(look, mask, canvas):
        opened = set()

        def see(board):
            first = next(at for at in range(0, canvas, block) if simulation.lo == at)
            rows = [None] * first + look(board, first, first + block, first not in opened)
            opened.add(first)
            return [outlook(row, mask) if row else Outlook(0, 0.0, 0.0) for row in rows]

        simulation = DicoReference(see, [mask] * canvas, mask, options)
        simulation.decode(block)
        idle.update(phase for phase, wrote in simulation.passes if not wrote)
        writes = [wrote for _, wrote in simulation.passes]
        return Written(simulation.canvas, writes, [set() for _ in writes])

    return generate


def test_complete_decodes_of_worlds():
    idle = Counter()
    for cache, block, changes in (
        ("none", 24, ()),
        ("dual", 12, ("seeds=8", "tau_seed=0.15")),
        ("prefix", 12, ("seeds=2", "tau_low=0.5")),
        ("prefix", 8, ("guidance=off", "tau_low=0.85", "factor=0.5")),
    ):
        made = reference("dico", *sized(24, block, cache), *changes)
        agree_on_worlds(made, released(made, block, idle), WORLDS)
    assert idle["divide"] > 5


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
def test_complete_decodes_of_a_network(cache, tmp_path_factory):
    made = reference("dico", *sized(12, 6, cache), "seeds=2", "tau_low=0.3", "tau_seed=0.15")
    model = network("llada", tmp_path_factory.getbasetemp())
    agree_on_a_network(model, made, released(made, 6, Counter()))
