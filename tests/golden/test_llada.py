"""Vanilla against a transcription of LLaDA's published code."""

import random

import pytest
import torch

from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of
from . import llada as golden
from .seen import checkpoint, look_of, windows


@pytest.mark.parametrize("precision", ["float32", "float64", "model"])
@pytest.mark.parametrize("seed", range(30))
def test_random_windows(precision, seed):
    """1,200 windows in each precision; in the model's own, bfloat16, most of them with ties that the others lack."""
    dice = random.Random(seed)
    width, temperature = dice.choice([2, 5, 8, 12]), [0.0, 0.0, 0.7][seed % 3]
    steps, dtype = dice.randint(1, width), torch.bfloat16 if precision == "model" else torch.float32
    settings = {"max_tokens": width, "block_length": width, "steps": steps, "stop": "none"}
    made = recipe("vanilla", **settings, temperature=temperature, confidence=precision)
    for window in windows(made, seed, dtype):
        assert window.quota == golden.quotas(width, steps)[window.block_step]
        draw = (temperature, window.uniforms)
        expected = golden.decode_step(window.logits, window.masked, window.quota, MASK, precision == "model", draw)
        assert window.wrote == expected


def compare(events, expected):
    board, deeds = expected
    assert [{commit.position: commit.token for commit in step.commits} for step in steps_of(events)] == deeds
    end = end_of(events)
    assert (list(end.token_ids), end.forwards.total) == (board, len(deeds))


@pytest.mark.parametrize(("block", "steps"), [(24, 24), (24, 7), (8, 15), (8, 3), (4, 24)])
def test_complete_decodings(block, steps, tmp_path_factory):
    settings = {"max_tokens": 24, "block_length": block, "steps": steps, "stop": "none"}
    each = steps // (24 // block)
    world = World(steps)
    events = play(model_of([world], 24), recipe("vanilla", **settings))
    compare(events, golden.generate(lambda board: world.logits(board).double().tolist(), 24, block, each, MASK))
    model, prompt = checkpoint("llada", tmp_path_factory.getbasetemp()), [5, 17, 200, 31]
    events = play(model, recipe("vanilla", **settings), [tuple(prompt)])
    compare(events, golden.generate(look_of(model, prompt), 24, block, each, model.spec.mask_id))
