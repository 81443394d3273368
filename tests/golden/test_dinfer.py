"""dInfer's reference presets, hierarchy and credit, against its decoders and its loop."""

import random

import pytest
import torch

from dlldecode import strategies

from ..views import view_of
from . import dinfer as golden
from .released import agree_on_a_network, agree_on_worlds, network, reference, sized
from .windows import SEEDS, commits, masks, numbers

CACHES = pytest.mark.parametrize("cache", ["none", "prefix", "dual"])


@pytest.mark.parametrize("remask", [0.0, 0.25, 0.5])
def test_random_windows(remask):
    """1,280 windows each, with equals inside of regions and numbers on the bars; some rows are done."""
    tied = 0
    for seed in SEEDS:
        dice = random.Random(seed)
        width, grid = dice.choice([1, 2, 3, 8, 33]), dice.choice([4, 8, 2**20])
        masked, valid = masks(dice, width)
        c, high, low = numbers(dice, width, grid), dice.choice([0.75, 0.875]), dice.choice([0.25, 0.5])
        strategy = strategies.load("hierarchy", high=high, low=low, remask=remask, conventions="released")
        decision, _ = strategy.step(view_of(masked, c, valid=torch.ones_like(valid)), ())
        for row, (open_, numbers_) in enumerate(zip(masked, c, strict=True)):
            wrote, back = commits(decision.commit)[row], commits(decision.revoke & ~decision.commit)[row]
            if remask == 0:
                assert (wrote, back) == (golden.by_class(open_, numbers_, high, low), set())
                tied += len(wrote) > len({numbers_[at] for at in wrote})
            elif any(open_):  # the loop never asks otherwise
                assert (wrote, back) == golden.by_function(open_, numbers_, high, low, remask)
            else:
                assert not wrote and not back
    assert tied > 100 or remask > 0


def test_in_bfloat16_the_bars_are_rounded_too():
    """0.9 is 0.8984375 there, which does not pass itself, but what comes next to it does."""
    confidence = torch.tensor([[0.8984375, 0.1, 0.90234375]], dtype=torch.bfloat16)
    view = view_of([[True] * 3], [[0.0] * 3])._replace(confidence=confidence)
    decision, _ = strategies.load("hierarchy", high=0.9, low=0.95, conventions="released").step(view, ())
    assert decision.commit[0].tolist() == [False, False, True]


@CACHES
def test_complete_decodes_by_the_class(cache, tmp_path_factory):
    made = reference("hierarchy", *sized(12, 4, cache), "high=0.6", "low=0.2")
    generate = golden.runner(lambda mask: golden.Hierarchy(mask, 0.6, 0.2), 4, cache != "none")
    plain = agree_on_worlds(made, generate)
    assert any(not write for decoded in plain for write in decoded.writes) == (cache != "none")
    agree_on_a_network(network("llada", tmp_path_factory.getbasetemp()), made, generate)


def test_complete_decodes_by_the_remasking_function(tmp_path_factory):
    made = reference("hierarchy", *sized(16, 8), "high=0.8", "low=0.3", "remask=0.35")
    generate = golden.runner(lambda mask: golden.Hierarchy(mask, 0.8, 0.3, 0.35), 8, False)
    plain = agree_on_worlds(made, generate)
    plain += agree_on_a_network(network("llada", tmp_path_factory.getbasetemp()), made, generate)
    assert sum(len(back) for decoded in plain for back in decoded.returned) > 5


@CACHES
def test_complete_decodes_with_credit(cache, tmp_path_factory):
    made = reference("credit", *sized(12, 4, cache), "threshold=0.6")
    generate = golden.runner(lambda mask: golden.Credit(mask, 0.6, 0.7, 0.8, 0.2, 1e-5), 4, cache != "none")
    plain = agree_on_worlds(made, generate)
    assert any(not write for decoded in plain for write in decoded.writes) == (cache != "none")
    agree_on_a_network(network("llada", tmp_path_factory.getbasetemp()), made, generate)
