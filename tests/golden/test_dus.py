import random

import pytest

from dlldecode import strategies

from ..fakes import World
from .decodes import decoded, look_at
from .dus import decode, levels
from .rounds import draws, looking, played


@pytest.mark.parametrize("seed", range(20))
def test_random_windows(seed):
    """1,000 windows, decoded to their ends."""
    dice = random.Random(seed)
    options = {
        "threshold": dice.choice([0.0, 0.25, 0.5, 0.5, 1.0]),
        "base": dice.choice([2, 2, 3, 5]),
        "base_skip": dice.choice([1, 1, 2, 9]),
    }
    sizes, drawn = draws(seed, 50)
    found = played(strategies.load("dus", **options), sizes, drawn)
    for row, size in enumerate(sizes):
        assert found[row] == decode(looking(drawn[row], size), size, size, **options), (options, size)


@pytest.mark.parametrize(("threshold", "block"), [(0.0, 32), (0.3, 32), (0.3, 10), (0.6, 24)])
def test_whole_decodes(threshold, block):
    worlds = [World(seed, drift=0.5, pull=0.3) for seed in range(6)]
    found = decoded(worlds, "dus", {"threshold": threshold}, 32, block)
    for row, world in enumerate(worlds):
        assert found[row] == decode(look_at(world), 32, block, threshold)
        if threshold == 0:
            assert len(found[row]) == len(levels(32, 2, 1)) == 5
