"""Dream against a transcription of its published code."""

import random

import pytest
import torch

from dlldecode.strategies.dream import instant, transferred

from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of
from ..views import view_of
from . import dream as golden
from .seen import checkpoint, look_of, noise_of, windows

ALGS = (golden.ORIGIN, golden.MASKGIT, golden.MARGIN, golden.ENTROPY)
PLAIN = {"alg_temp": 0.0, "top_p": 1.0, "top_k": 0, "eps": 1e-3}


def shares(steps: int, eps: float) -> torch.Tensor:
    """What share of its masks each step of one block writes."""
    every = torch.arange(steps)
    view = view_of([[True]] * steps, [[0.5]] * steps, block_step=every, steps=torch.full_like(every, steps))
    return transferred(view, eps)


def counts(length: int, share: torch.Tensor) -> list[int]:
    """How many that is, in a block that begins with `length` masks."""
    left, found = length, []
    for each in share:
        found.append(int((torch.tensor([left]).float() * each).to(torch.int64)))
        left -= found[-1]
    return found


@pytest.mark.parametrize(
    ("length", "steps", "start", "end"),
    [
        (256, 256, [0, 1, 1], [1, 1, 2]),
        (512, 512, [0, 1, 1], [1, 1, 2]),
        (1024, 1024, [0, 0, 1], [1, 1, 3]),
        (256, 128, [1, 2, 2], [2, 2, 3]),
        (256, 64, [3, 4, 4], [4, 4, 5]),
        (1, 1, [1], [1]),
    ],
)
def test_published_schedules(length, steps, start, end):
    found = counts(length, shares(steps, 1e-3))
    assert found[: len(start)] == start and found[-len(end) :] == end and sum(found) == length
    assert len(set(found[len(start) : -1])) <= 1


def test_more_steps_than_positions_wait_first():
    found = counts(32, shares(512, 1e-3))
    assert found[:400] == [0] * 400 and sum(found) == 32 and found[-1] >= 1


@pytest.mark.parametrize("eps", [1e-3, 1e-5, 0.1])
def test_the_counts_are_those_of_torchs_linspace(eps):
    for steps in (1, 2, 3, 5, 8, 17, 32, 64, 100, 128, 256, 512, 777):
        every = torch.arange(steps + 1)
        found = instant(every, torch.full_like(every, steps), eps)
        assert torch.allclose(found, torch.linspace(1, eps, steps + 1), rtol=0, atol=1.2e-7)
        ours, theirs = shares(steps, eps), torch.tensor(golden.shares(steps, eps))
        for length in (1, 7, 32, 100, 256, 512):
            assert counts(length, ours) == counts(length, theirs), (length, steps)


def drawn_options(dice: random.Random, alg: str) -> dict:
    return {
        "alg": alg,
        "alg_temp": dice.choice([0.0, 0.0, 0.2, 1.0]),
        "top_p": dice.choice([1.0, 0.9, 0.5, 0.01]),
        "top_k": dice.choice([0, 0, 1, 3, 99]),
        "eps": dice.choice([1e-3, 1e-3, 0.05]),
    }


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize("seed", range(30))
def test_random_windows(alg, seed):
    """1,200 windows a rule."""
    dice = random.Random(seed)
    options, width = drawn_options(dice, alg), dice.choice([2, 5, 8, 12])
    temperature = [0.0, 1.0, 0.3][seed % 3]
    # At a low temperature many probabilities come so near to 1 that float32 takes them for equal.
    precision = "float64" if temperature == 0.3 else "float32"
    steps = dice.choice([1, 2, width // 2, width, 2 * width])
    settings = {"max_tokens": width, "block_length": width, "steps": steps, "stop": "none"}
    made = recipe("dream", options, **settings, temperature=temperature, confidence=precision)
    shares = golden.shares(steps, options["eps"])
    for window in windows(made, seed):
        expected = golden.decode_step(
            window.logits,
            window.masked,
            shares[window.block_step],
            MASK,
            {**options, "temperature": temperature},
            window.noise,
            window.uniforms,
        )
        assert window.wrote == expected


def compare(events, expected):
    board, deeds = expected
    assert [{commit.position: commit.token for commit in step.commits} for step in steps_of(events)] == deeds
    end = end_of(events)
    assert (list(end.token_ids), end.forwards.total, end.steps) == (board, len(deeds), len(deeds))


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize(
    ("canvas", "block", "steps"), [(24, 24, None), (24, 24, 40), (24, 8, 9), (20, 8, 12), (20, 8, 50)]
)
def test_complete_decodings_of_worlds(alg, canvas, block, steps):
    for seed, filters in ((3, {}), (4, {"top_p": 0.8}), (5, {"top_k": 2, "alg_temp": 0.3})):
        options = {**PLAIN, "alg": alg, **filters}
        settings = {"max_tokens": canvas, "block_length": block, "steps": steps, "stop": "none", "seed": seed}
        made, world = recipe("dream", options, **settings), World(seed)
        events = play(model_of([world], canvas), made)
        look = lambda board, world=world: world.logits(board).double().tolist()  # noqa: E731
        told = {**options, "temperature": 0.0}
        compare(events, golden.generate(look, canvas, block, made.schedule, MASK, told, noise_of(canvas, seed)))
        if alg != golden.ORIGIN:
            assert end_of(events).steps == sum(made.schedule)


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize(("block", "steps"), [(24, 24), (24, 10), (8, 15)])
def test_complete_decodings_of_a_checkpoint(alg, block, steps, tmp_path_factory):
    """As one block, which is what the released code does, and in several."""
    model = checkpoint("dream", tmp_path_factory.getbasetemp())
    prompt, options = [5, 17, 200, 31], {**PLAIN, "alg": alg}
    made = recipe("dream", options, max_tokens=24, block_length=block, steps=steps, stop="none")
    events = play(model, made, [tuple(prompt)])
    told = {**options, "temperature": 0.0}
    expected = golden.generate(
        look_of(model, prompt), 24, block, made.schedule, model.spec.mask_id, told, noise_of(24, 0)
    )
    compare(events, expected)
