"""Presets of releases beside plain loops: the same writes in every forward, the same tokens, as many forwards.

Model and canvas are small, so that lengths are not the presets' own. Everything else is.
"""

from collections.abc import Callable
from functools import cache as once
from typing import NamedTuple

import torch

from dlldecode.config.assemble import Request, resolve, set_layer
from dlldecode.engine.recipe import Recipe, build
from dlldecode.models.network import Network

from ..fakes import MASK, Fake, World, end_of, play, steps_of
from .seen import checkpoint

WORLDS = [World(2, 0.5, 0.5, 0.3), World(3, 1.0, 0.5, 2.5), World(4, 0.3, 1.0, 0.5, ties=True), World(6, 0.1, 1.0, 0.1)]
PROMPTS = [[5, 17, 200, 31, 9], [7, 8]]
Look = Callable[[list[int], int, int, bool], list[list[float]]]


class Written(NamedTuple):
    """A decode told by its forwards: what each wrote, and what it took back."""

    tokens: list[int]
    writes: list[dict[int, int]]
    returned: list[set[int]]


class Sharp(Network):
    """A random network that is surer of itself."""

    def forward(self, query, store):
        return 5 * super().forward(query, store)


def reference(name: str, *changes: str) -> Recipe:
    """The recipe of a preset with some settings changed, as on the command line."""
    layers = (set_layer(changes),)
    found = resolve(Request(preset=f"reference/{name}", layers=layers), outside=False)
    return build(found.settings, found.strategy, found.options, found.parts)


def sized(canvas: int, block: int, cache: str = "none") -> tuple[str, ...]:
    return (f"decode.max_tokens={canvas}", f"decode.block_length={block}", f"decode.cache={cache}")


@once
def network(family: str, folder) -> Sharp:
    """A tiny random checkpoint of a family."""
    return Sharp(**vars(checkpoint(family, folder)))


def keeping(worlds: list[World], canvas: int) -> Fake:
    """A model that shows row r the world r; of columns that a forward leaves out it knows what stood there last."""
    known: dict[int, torch.Tensor] = {}

    def rule(query):
        found = []
        for place, row in enumerate(range(len(worlds)) if query.rows is None else query.rows.tolist()):
            if query.columns is None:
                known[row] = query.tokens[place].clone()
            else:
                inside = (query.columns[place] >= 0) & (query.columns[place] < len(known[row]))
                known[row][query.columns[place][inside]] = query.tokens[place][inside]
            prompt = len(known[row]) - canvas
            found.append(worlds[row].logits(known[row][prompt:].tolist())[query.wanted[place] - prompt])
        return torch.stack(found)

    return Fake(rule)


def agree(events, row: int, expected: Written) -> None:
    steps, end = steps_of(events, row), end_of(events, row)
    assert [{commit.position: commit.token for commit in step.commits} for step in steps] == expected.writes
    assert [set(step.revocations) for step in steps] == expected.returned
    assert (list(end.token_ids), end.forwards.total) == (expected.tokens, len(expected.writes))


def agree_on_worlds(made: Recipe, generate: Callable[[Look, int, int], Written], worlds=WORLDS) -> list[Written]:
    """Decode worlds in one batch, and each of them plainly; `generate` gets a look, the mask and the canvas."""
    canvas, plain = made.settings.max_tokens, []
    events = play(keeping(worlds, canvas), made, [(1, 2)] * len(worlds))
    for row, world in enumerate(worlds):

        def look(board, first, last, opens, world=world):
            return world.logits(board)[first:last].double().tolist()

        plain.append(generate(look, MASK, canvas))
        agree(events, row, plain[-1])
    return plain


def agree_on_a_network(model: Network, made: Recipe, generate: Callable[[Look, int, int], Written]) -> list[Written]:
    """Decode prompts of different lengths in one batch, and each of them plainly, with the release's forwards."""
    canvas, plain = made.settings.max_tokens, []
    events = play(model, made, [tuple(prompt) for prompt in PROMPTS])
    for row, prompt in enumerate(PROMPTS):
        look = looker(model, prompt, canvas, made.settings.cache)
        plain.append(generate(look, model.spec.mask_id, canvas))
        agree(events, row, plain[-1])
    return plain


def looker(model: Network, prompt: list[int], canvas: int, cache: str) -> Look:
    """All columns when a block opens, or always; else those from the block on, or the block's alone, read as they are.

    What speaks of a column in a shifted model is the column before it; where that is not computed, the column itself.
    """
    store, place = model.open(1, len(prompt) + canvas), torch.arange(len(prompt) + canvas)[None]

    @torch.inference_mode()
    def look(board, first, last, opens):
        tokens, block = torch.tensor([prompt + board]), place[:, len(prompt) + first : len(prompt) + last]
        if opens or cache == "none":
            hidden = model.trunk.hidden(model.trunk.embedding(tokens), place, memory=store.slots(None, None))
            rows, own = 5 * model.trunk.head(hidden)[0], block[0]
        else:
            columns = block if cache == "dual" else place[:, len(prompt) + first :]
            shown = model.trunk.embedding(tokens.gather(1, columns))
            hidden = model.trunk.hidden(shown, columns, memory=store.slots(None, columns))
            rows, own = 5 * model.trunk.head(hidden)[0], block[0] - columns[0, 0]
        if model.spec.shifted:
            own = (own - 1).clamp(min=0)
        return rows[own].double().tolist()

    return look
