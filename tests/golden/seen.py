"""The engine on windows and models that a golden rule is shown too."""

import random
from functools import lru_cache
from typing import NamedTuple

import torch

from dlldecode.caches.policy import Plan
from dlldecode.engine.advance import Turn, advance
from dlldecode.engine.board import seat
from dlldecode.engine.read import read, token_noise
from dlldecode.engine.sample import PLACE_STREAM, uniform
from dlldecode.models.load import load

from ..fakes import MASK, VOCABULARY, Fake
from ..models.checkpoints import write_dream, write_llada

ROWS = 40


class Window(NamedTuple):
    """One row: logits, masked positions, step of the block, numbers drawn for places and tokens, what was written."""

    logits: list
    masked: list
    block_step: int
    noise: list
    uniforms: list | None
    quota: int
    wrote: dict


def windows(made, seed: int, dtype=torch.float32) -> list[Window]:
    """Forty random windows, decided by the engine: no, one, two or many masks left, any step, ties in every other."""
    dice = random.Random(seed)
    session, board = seat(Fake(lambda query: None), [(1,)] * ROWS, made, list(range(ROWS)))
    masked = torch.tensor([random_masks(dice, row, session.canvas) for row in range(ROWS)])
    most = made.schedule[0]
    step = torch.tensor([dice.choice([0, most - 1, dice.randrange(most)]) for _ in range(ROWS)])
    board = board._replace(
        masked=masked,
        canvas=torch.where(masked, MASK, 3),
        step=step,
        block_step=step,
        block_masks=torch.full((ROWS,), session.canvas),
    )
    logits = torch.tensor([random_logits(dice, session.canvas, row % 2 == 0) for row in range(ROWS)]).to(dtype)
    every = torch.ones(ROWS, dtype=torch.bool)
    _, moment = advance(board, read(board, logits, session), session, Turn(Plan(), True, every, every))
    uniforms = token_noise(board, logits, session)
    return [
        Window(
            logits[row].double().tolist(),
            [at for at, flag in enumerate(masked[row].tolist()) if flag],
            int(step[row]),
            moment.view.noise[row].tolist(),
            None if uniforms is None else uniforms[row].tolist(),
            int(moment.view.quota[row]),
            {
                at: int(moment.decision.tokens[row, at])
                for at, flag in enumerate(moment.decision.commit[row].tolist())
                if flag
            },
        )
        for row in range(ROWS)
    ]


def random_masks(dice: random.Random, row: int, canvas: int) -> list[bool]:
    left = [0, 1, 2][row] if row < 3 else dice.randint(1, canvas)
    places = set(dice.sample(range(canvas), left))
    return [at in places for at in range(canvas)]


def random_logits(dice: random.Random, canvas: int, ties: bool) -> list[list[float]]:
    """Every position by itself or, with ties, one of three; now and then a sure token, or all equally likely."""

    def row():
        drawn = [dice.gauss(0, 1.5) for _ in range(VOCABULARY)]
        if dice.random() < 0.2:
            drawn[dice.randrange(VOCABULARY)] += 4
        return drawn if dice.random() < 0.9 else [0.0] * VOCABULARY

    few = [row() for _ in range(3)]
    return [dice.choice(few) if ties else row() for _ in range(canvas)]


def noise_of(canvas: int, key: int):
    """The numbers that the engine draws for the places of a canvas in its n-th forward."""

    def noise(forward: int) -> list[float]:
        counter = (forward * canvas + torch.arange(canvas)).unsqueeze(0) * 4 + PLACE_STREAM
        return uniform(torch.tensor([key]), counter)[0].float().tolist()

    return noise


@lru_cache
def checkpoint(family: str, folder) -> object:
    """A tiny random checkpoint."""
    return load(str({"dream": write_dream, "llada": write_llada}[family](folder / family)))


def look_of(model, prompt: list[int]):
    """The model as a golden rule calls it: logits of every canvas position as lists."""

    @torch.inference_mode()
    def look(board: list[int]) -> list[list[float]]:
        logits = model.trunk(torch.tensor([prompt + board]))[0].double().tolist()
        if model.spec.shifted:
            logits = [logits[0], *logits[:-1]]
        return logits[len(prompt) :]

    return look
