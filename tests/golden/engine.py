"""The engine's decodes beside the plain ones: the same writes in every step, the same tokens, as many forwards."""

from collections.abc import Callable

import torch

from dlldecode import caches
from dlldecode.models.adapter import Query
from dlldecode.models.network import Network

from ..contract.test_caches import decoded, network
from ..fakes import MASK, World, end_of, model_of, play, recipe, steps_of
from .blocks import Decoded, Rule, decode

Start = Callable[[int], Rule]
CANVAS, BLOCK = 21, 8
WORLDS = [World(seed, drift, 0.5, power) for seed, drift, power in [(1, 0.1, 1.0), (2, 0.5, 0.3), (3, 1.0, 2.5)]]
WORLDS += [World(4, 0.3, 1.0, 0.5, ties=True), World(5, 0.6, 0.5, 1.0, ties=True)]
PROMPTS = [[1, 2, 3, 4, 5], [7, 8]]


class Sharp(Network):
    """A random network that is surer of itself."""

    def forward(self, query, store):
        return 4 * super().forward(query, store)


def agree_on_worlds(name: str, options: dict, start: Start, **settings) -> list[Decoded]:
    """Decode every world in one batch, and each of them plainly."""
    made = recipe(name, options, **{"max_tokens": CANVAS, "block_length": BLOCK, "stop": "none"} | settings)
    events = play(model_of(WORLDS, CANVAS), made, [(1, 2)] * len(WORLDS))
    plain = []
    for row, world in enumerate(WORLDS):

        def look(board, first, last, opens, world=world):
            return world.logits(board)[first:last].tolist()

        expected = decode(look, start, CANVAS, made.settings.block_length, MASK)
        assert [{commit.position for commit in step.commits} for step in steps_of(events, row)] == expected.steps
        assert list(end_of(events, row).token_ids) == expected.tokens
        assert end_of(events, row).forwards.total == expected.forwards
        plain.append(expected)
    return plain


def agree_on_a_network(name: str, options: dict, start: Start, cache: str) -> list[Decoded]:
    """Decode prompts of different lengths in one batch with a cache, and each of them plainly."""
    model, plain = Sharp(**vars(network(False))), []
    ends = decoded(model, caches.load(cache), name, PROMPTS, options=options)
    for end, prompt in zip(ends, PROMPTS, strict=True):
        expected = decode(looker(model, prompt, cache), start, 40, 16, model.spec.mask_id)
        assert list(end.token_ids) == expected.tokens
        assert end.forwards.total == expected.forwards
        plain.append(expected)
    return plain


def looker(model, prompt: list[int], cache: str) -> Callable:
    """Fast-dLLM's forwards: all columns when a block opens; then those from the block on, or the block's alone."""
    place = torch.arange(len(prompt) + 40)[None]
    store = model.open(1, place.shape[1])

    def look(board, first, last, opens):
        tokens = torch.tensor([prompt + board])
        wanted = place[:, len(prompt) + first : len(prompt) + last]
        query = Query(tokens, None, place, None, wanted, keep=cache != "none")
        if not opens and cache != "none":
            columns = wanted if cache == "dual" else place[:, len(prompt) + first :]
            query = Query(tokens.gather(1, columns), columns, columns, None, wanted)
        with torch.inference_mode():
            return model.forward(query, store)[0].tolist()

    return look
