"""Fast-dLLM's reference presets against its loops: LLaDA's and Dream's."""

import random

import pytest
import torch

from dlldecode import strategies

from ..views import view_of
from . import fastdllm as golden
from .released import agree_on_a_network, agree_on_worlds, network, reference, sized
from .windows import ROWS, SEEDS, commits, masks, numbers

CACHES = ("none", "prefix", "dual")


def test_random_windows():
    """1,280 windows a rule: no, one, two or many masks left; on grids that hit the bars, so that equals occur."""
    for seed in SEEDS:
        dice = random.Random(seed)
        width, grid = dice.choice([1, 2, 3, 8, 33]), dice.choice([4, 8, 12, 2**20])
        masked, valid = masks(dice, width)
        power = dice.choice([1, 0.3])
        confidence = [[value**power for value in row] for row in numbers(dice, width, grid)]
        threshold, factor = dice.choice([0.25, 0.5, 0.75, 0.9]), dice.choice([0.5, 0.75, 1.0, 2.0])
        view = view_of(masked, confidence, valid=valid)
        view = view._replace(confidence=torch.tensor(confidence, dtype=torch.float64))
        for name, options, rule in (
            ("threshold", {"threshold": threshold}, lambda score: golden.by_threshold(score, threshold)),  # noqa: B023
            ("factor", {"factor": factor, "last_rank": True}, lambda score: golden.by_factor(score, factor)),  # noqa: B023
        ):
            decision, _ = strategies.load(name, **options).step(view, ())
            rows = zip(masked, confidence, strict=True)
            scores = [{at: values[at] for at, is_open in enumerate(open_) if is_open} for open_, values in rows]
            assert commits(decision.commit) == [set(rule(score)) for score in scores]
    assert len(SEEDS) * ROWS >= 1000


LLADA = (
    ("fast-dllm", "threshold", golden.by_threshold, 0.5, True),
    ("fast-dllm-factor", "factor", golden.by_factor, 1.0, False),
)


@pytest.mark.parametrize("cache", CACHES)
@pytest.mark.parametrize(("name", "option", "rule", "value", "is_late"), LLADA, ids=["threshold", "factor"])
def test_complete_decodes_of_llada(name, option, rule, value, is_late, cache, tmp_path_factory):
    generate = golden.llada(lambda score: rule(score, value), 4, is_late and cache != "none")
    made = reference(name, *sized(16, 4, cache), f"{option}={value}")
    plain = agree_on_worlds(made, generate)
    plain += agree_on_a_network(network("llada", tmp_path_factory.getbasetemp()), made, generate)
    spared = sum(len(write) == 0 for decoded in plain for write in decoded.writes)
    assert (spared > 0) == (is_late and cache != "none")


@pytest.mark.parametrize(("cache", "canvas", "block"), [("prefix", 16, 8), ("dual", 16, 8), ("dual", 4, 1)])
def test_complete_decodes_of_dream(cache, canvas, block, tmp_path_factory):
    made = reference("fast-dllm-dream", *sized(canvas, block, cache), "threshold=0.4")
    generate = golden.dream(block, {"threshold": 0.4, "top_p": 1.0, "top_k": 0, "eps": 1e-3})
    plain = agree_on_worlds(made, generate)
    assert all(len(decoded.writes[0]) == 1 for decoded in plain)
    assert block == 1 or max(len(write) for decoded in plain for write in decoded.writes) > 2
    agree_on_a_network(network("dream", tmp_path_factory.getbasetemp()), made, generate)


@pytest.mark.parametrize(("cache", "steps"), [("prefix", 6), ("dual", 16)])
def test_the_schedule_of_a_dream_block_goes_on_from_its_second_step(cache, steps, tmp_path_factory):
    changes = ("alg=entropy", "top_p=0.9", f"decode.steps={steps}")
    made = reference("fast-dllm-dream", *sized(16, 8, cache), *changes)
    generate = golden.dream(8, {"top_p": 0.9, "top_k": 0, "eps": 1e-3}, steps // 2)
    agree_on_worlds(made, generate)
    agree_on_a_network(network("dream", tmp_path_factory.getbasetemp()), made, generate)


def test_in_bfloat16_the_threshold_is_rounded_too():
    """0.9 lies between 0.8984375 and 0.90234375, nearer to the first."""
    confidence = torch.tensor([[0.89453125, 0.8984375, 0.90234375]], dtype=torch.bfloat16)
    strategy = strategies.load("dream", alg="confidence_threshold")
    for precision, expected in ((torch.bfloat16, [False, True, True]), (torch.float32, [False, False, True])):
        view = view_of([[True] * 3], [[0.0] * 3])._replace(confidence=confidence.to(precision))
        assert strategy.step(view, ())[0].commit[0].tolist() == expected
