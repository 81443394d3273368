"""The batched DiCo against a row-by-row simulation of the paper's pseudo-code."""

import random

import pytest

from dlldecode import strategies
from dlldecode.core.fields import fields

from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of
from .dico_reference import DicoReference

DEFAULTS = {field.name: field.default for field in fields(strategies.kind("dico"))}
BLOCKS = [(1, 5), (2, 7), (5, 12), (8, 8), (8, 24), (16, 40), (32, 32), (33, 40), (64, 64)]


def draw_options(dice: random.Random) -> dict:
    """A random corner of the parameter space, away from exact equality with any confidence."""
    return {
        "seeds": dice.choice([1, 2, 4, 8, 20]),
        "tolerance": dice.choice([0, 1, 2, 5]),
        "growth": dice.choice([0.0, 0.1, 0.5]),
        "patience": dice.choice([1, 2, 3]),
        "rule": dice.choice(["factor", "factor", "fixed"]),
        "threshold": dice.choice([0.6, 0.95]),
        "sure_scope": dice.choice(["block", "clusters", "off"]),
        "progress_scope": dice.choice(["canvas", "block"]),
        "max_divide_steps": dice.choice([1, 2, 5, 10]),
        "tau_seed": dice.choice([0.0, 0.1, 0.3, 0.6]),
        "tau_low": dice.choice([0.3, 0.6, 0.85]),
        "tau_sure": dice.choice([0.9, 0.98]),
        "tau_margin": dice.choice([0.5, 3.0, 6.0]),
        "factor": dice.choice([0.3, 1.0, 2.5]),
        "gate": dice.choice([0.0, 0.5, 0.8, 1.0]),
        "guidance": dice.choice(["exponential", "linear", "off"]),
        "alpha": dice.choice([0.0, 0.5, 1.5]),
        "beta": dice.choice([0.05, 0.5, 1.0]),
        "sigma": dice.choice([None, 0.7, 3.0]),
        "seed_picker": dice.choice(["soft_nms", "segments"]),
        "right_edge": dice.choice(["inclusive", "released"]),
    }


def draw_world(dice: random.Random, options: dict) -> World:
    # Guidance and repulsion round: tied confidences stay tied only without them.
    plain = options["guidance"] == "off" and (options["seed_picker"] == "segments" or options["seeds"] == 1)
    ties = plain and dice.random() < 0.7
    drift, pull, power = dice.choice([0.0, 0.1, 0.5, 1.0]), dice.choice([0.0, 0.5, 1.0]), dice.choice([0.3, 1.0, 2.5])
    return World(dice.randrange(10**9), drift, pull, power, ties)


def compare(worlds: list[World], options: dict, block: int, canvas: int) -> list[str]:
    """Decode both ways; the phases that wrote something."""
    settings = {"max_tokens": canvas, "block_length": block, "stop": "none"}
    events = play(model_of(worlds, canvas), recipe("dico", options, **settings), [(1, 2)] * len(worlds))
    seen = []
    for row, world in enumerate(worlds):
        reference = DicoReference(world.look, [MASK] * canvas, MASK, {**DEFAULTS, **options})
        reference.decode(block)
        expected = [(phase, written) for phase, written in reference.passes if written]
        found = [(step.phase, {c.position: c.token for c in step.commits}) for step in steps_of(events, row)]
        assert found == expected, (world, options, block, canvas)
        assert list(end_of(events, row).token_ids) == reference.canvas
        assert sorted(at for _, written in found for at in written) == list(range(canvas))
        seen += [phase for phase, _ in expected]
    return seen


@pytest.mark.parametrize("seed", range(27))
def test_random_parameters_write_the_same_sets_in_the_same_order(seed):
    dice = random.Random(seed)
    options = draw_options(dice)
    block, canvas = BLOCKS[seed % len(BLOCKS)]
    compare([draw_world(dice, options) for _ in range(5)], options, block, canvas)


@pytest.mark.parametrize("name", ["guidance", "seed_picker", "right_edge", "rule", "sure_scope", "progress_scope"])
def test_every_option_from_the_defaults(name):
    dice = random.Random(name)
    choices = {
        "guidance": ["exponential", "linear", "off"],
        "seed_picker": ["soft_nms", "segments"],
        "right_edge": ["inclusive", "released"],
        "rule": ["factor", "fixed"],
        "sure_scope": ["block", "clusters", "off"],
        "progress_scope": ["canvas", "block"],
    }[name]
    for choice in choices:
        worlds = [World(dice.randrange(10**9), drift) for drift in (0.1, 0.5)]
        seen = compare(worlds, {name: choice}, 24, 36)
        assert {"divide", "conquer", "finalize"} <= set(seen)
