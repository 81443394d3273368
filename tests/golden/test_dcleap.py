import random
from itertools import pairwise

import pytest

from dlldecode import strategies

from ..fakes import World
from .dcleap import decode
from .decodes import decoded, look_at
from .rounds import draws, looking, played


@pytest.mark.parametrize("seed", range(20))
def test_random_windows(seed):
    """1,000 windows, decoded to their ends; drafts come, change and go."""
    dice = random.Random(seed)
    options = {
        "threshold": dice.choice([0.0, 0.25, 0.5, 0.75]),
        "draft": dice.choice([0.0, 0.5, 0.75, 1.0]),
        "window": dice.choice([1, 2, 4, 8, 40]),
    }
    sizes, drawn = draws(seed, 50)
    found = played(strategies.load("dcleap", **options), sizes, drawn)
    for row, size in enumerate(sizes):
        assert found[row] == decode(looking(drawn[row], size), size, size, **options), (options, size)


@pytest.mark.parametrize(("window", "block"), [(None, 32), (4, 32), (None, 12)])
def test_whole_decodes(window, block):
    worlds = [World(seed, drift=0.5, pull=0.4, power=0.5) for seed in range(6)]
    options = {"threshold": 0.6, "draft": 0.8, "window": window}
    found = decoded(worlds, "dcleap", options, 32, block)
    for row, world in enumerate(worlds):
        assert found[row] == decode(look_at(world), 32, block, **options)
    steps = [pair for boards in found for pair in pairwise(boards)]
    assert any(a is not None and b is None for one, two in steps for a, b in zip(one, two, strict=True))
