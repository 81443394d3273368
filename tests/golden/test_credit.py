import random

import pytest
import torch

from dlldecode import strategies

from ..fakes import MASK, VOCABULARY, World
from ..views import view_of
from .credit import Ledger, decode, select
from .decodes import decoded, logits_of
from .rounds import WIDTH, numbers


@pytest.mark.parametrize("seed", range(10))
def test_logits_with_credit(seed):
    """1,000 windows: 25 rows of four steps each; equal favourites go to the lowest token."""
    dice = random.Random(seed)
    options = {
        "weight": dice.choice([0.0, 0.7, 3.0]),
        "decay": dice.choice([0.0, 0.5, 0.8, 1.0]),
        "boost": dice.choice([0.0, 0.2, 1.0]),
    }
    strategy, size = strategies.load("credit", **options), dice.choice([4, 9, WIDTH])
    masked = torch.ones(25, size, dtype=torch.bool)
    state, ledgers = strategy.init(masked, VOCABULARY), [Ledger(**options) for _ in range(25)]
    for _ in range(4):
        # On a grid, so that tokens tie exactly or are far apart; few values, so that favourites return.
        logits = [[[dice.randrange(9) / 2 for _ in range(VOCABULARY)] for _ in range(size)] for _ in ledgers]
        expected = torch.tensor([ledger.fuse(row) for ledger, row in zip(ledgers, logits, strict=True)])
        raw = torch.tensor(logits)
        torch.testing.assert_close(strategy.adjust(raw, state), expected, rtol=0, atol=1e-5)
        _, state = strategy.step(view_of(masked, torch.full(masked.shape, 0.5), raw=raw), state)


@pytest.mark.parametrize("seed", range(20))
def test_random_windows(seed):
    """1,000 windows, none masked, one, two or many."""
    dice = random.Random(seed)
    options = {"threshold": dice.choice([0.25, 0.5, 0.75, 1.0]), "slack": dice.choice([0.0, 0.0625, 0.25])}
    strategy = strategies.load("credit", **options)
    shares = [dice.choice([0.0, 0.1, 0.5, 1.0]) for _ in range(50)]
    masked = [[dice.random() < share for _ in range(WIDTH)] for share in shares]
    confidence = [numbers(dice, WIDTH)[0] for _ in shares]
    view = view_of(masked, confidence)
    decision, _ = strategy.step(view, strategy.init(view.masked, VOCABULARY))
    for row, given in enumerate(zip(masked, confidence, strict=True)):
        assert {at for at, flag in enumerate(decision.commit[row].tolist()) if flag} == select(*given, **options)


@pytest.mark.parametrize(("slack", "block"), [(0.0, 24), (1e-5, 24), (0.0, 10)])
def test_whole_decodes(slack, block):
    options = {"threshold": 0.8, "weight": 0.7, "decay": 0.8, "boost": 0.2, "slack": slack}
    worlds = [World(seed, drift=0.4, pull=0.4) for seed in range(6)]
    found = decoded(worlds, "credit", options, 24, block)
    plain = decoded(worlds, "threshold", {"threshold": 0.8}, 24, block)
    for row, world in enumerate(worlds):
        assert found[row] == decode(logits_of(world), 24, block, MASK, options)
    assert found != plain
