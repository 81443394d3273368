import random
from itertools import pairwise

import pytest

from dlldecode import strategies

from ..fakes import World
from .decodes import decoded, look_at
from .rounds import draws, looking, played
from .saber import decode


@pytest.mark.parametrize("seed", range(12))
def test_random_windows(seed):
    """1,200 windows: two blocks for each of 50 rows, decoded to their ends."""
    dice = random.Random(seed)
    options = {"least": dice.choice([1, 2, 2, 3, 5]), "mu": dice.choice([1, 2, 8, 8])}
    sizes, drawn = draws(seed, 50)
    found = played(strategies.load("saber", **options), sizes, drawn, blocks=2)
    for row, size in enumerate(sizes):
        assert found[row] == decode(looking(drawn[row], size, 2), 2 * size, size, **options), (options, size)


@pytest.mark.parametrize(("least", "mu", "block"), [(2, 8, 24), (2, 8, 10), (1, 8, 24), (4, 2, 24)])
def test_whole_decodes(least, mu, block):
    """The guard, which keeps commits minus revocations at least at the number of steps, never has to step in."""
    worlds = [World(seed, drift=0.6, pull=0.4, power=0.7) for seed in range(6)]
    found = decoded(worlds, "saber", {"least": least, "mu": mu}, 24, block)
    for row, world in enumerate(worlds):
        assert found[row] == decode(look_at(world), 24, block, least, mu)
    assert taken_back(found) > 0


def taken_back(found: list) -> int:
    steps = [pair for boards in found for pair in pairwise(boards)]
    return sum(a is not None and b is None for one, two in steps for a, b in zip(one, two, strict=True))
