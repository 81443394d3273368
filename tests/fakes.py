"""Models without weights, whose confidences a test writes down or draws from a seed."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import Tensor

from dlldecode.engine.loop import Watch, decode
from dlldecode.engine.recipe import Recipe, build
from dlldecode.engine.settings import Settings
from dlldecode.models.adapter import Query
from dlldecode.models.spec import ModelSpec
from dlldecode.models.toy import with_shadows
from dlldecode.trace.events import Event, Finished, Stepped

VOCABULARY = 16
END, TURN_END, MASK, PAD = 12, 13, 14, 15
SPEC = ModelSpec(
    family="fake", vocab_size=VOCABULARY, width=2, layers=1, heads=1, kv_heads=1, mlp_width=1,
    max_length=600, mask_id=MASK, stop_ids=(END, TURN_END), pad_id=PAD,
)  # fmt: skip


class Store:
    """Keeps nothing."""

    def fork(self, source: Tensor, target: Tensor) -> None: ...


@dataclass
class Fake:
    """A model whose logits `[B, W, V]` a rule computes from the query."""

    rule: Callable[[Query], Tensor]
    spec: ModelSpec = SPEC
    device: str = "cpu"
    keeps: bool = True
    room: int | None = None
    casts_shadows: bool = True
    embedding_width: int = 0
    queries: list[Query] = field(default_factory=list)

    def open(self, rows: int, length: int) -> Store:
        return Store()

    def forward(self, query: Query, store: Store) -> Tensor:
        self.queries.append(query)
        return self.rule(query) if query.shadowed is None else with_shadows(self.rule, query, MASK)

    def mean_embedding(self, chances: Tensor) -> Tensor:
        raise NotImplementedError

    def footprint(self, rows: int, length: int, wanted: int, keeps: bool) -> int:
        return rows * (length + wanted) * (2 if keeps else 1)

    def free(self) -> int | None:
        return self.room


class Outlook(NamedTuple):
    """What a world expects at a position: its likeliest token, that token's probability, the gap to the next logit."""

    token: int
    confidence: float
    margin: float


@dataclass(frozen=True)
class World:
    """Confidences for a canvas that depend on what is written there; drawn from `seed`.

    `drift` is the share that changes with every write, `pull` what written neighbours add. With `ties` confidences lie
    on a coarse grid and every position expects the same token.
    """

    seed: int
    drift: float = 0.5
    pull: float = 0.5
    power: float = 1.0
    ties: bool = False

    def look(self, canvas: Sequence[int]) -> tuple[Outlook, ...]:
        return _look(self, tuple(canvas))

    def expect(self, written: int, steady: float, fresh: random.Random) -> Outlook:
        raw = (1 - self.drift) * steady + self.drift * fresh.random() + self.pull * written / 7
        confidence = 0.1 + 0.899 * (raw / (1 + self.pull)) ** self.power
        token, share = int(12 * fresh.random()), fresh.random()
        if self.ties:
            confidence, token, share = (int(confidence * 12) + 0.4) / 12.5, 3, 0.5
        rest = 1 - confidence
        second = min(rest * max(share, 1.01 / (VOCABULARY - 1)), confidence * 0.97)
        return Outlook(token, confidence, math.log(confidence / second))

    def logits(self, canvas: Sequence[int]) -> Tensor:
        return torch.tensor([realise(outlook) for outlook in self.look(canvas)])


@lru_cache(maxsize=4096)
def _look(world: World, canvas: tuple[int, ...]) -> tuple[Outlook, ...]:
    steady, fresh = random.Random(world.seed), random.Random(f"{world.seed} {canvas}")
    sums = list(accumulate((token != MASK for token in canvas), initial=0))
    near = (sums[min(at + 4, len(canvas))] - sums[max(0, at - 3)] for at in range(len(canvas)))
    return tuple(world.expect(written, steady.random(), fresh) for written in near)


def realise(outlook: Outlook) -> list[float]:
    """Logits with that token on top at that probability and that far above the second."""
    second = outlook.confidence * math.exp(-outlook.margin)
    rest = (1 - outlook.confidence - second) / (VOCABULARY - 2)
    numbers = [math.log(max(rest, 1e-12))] * VOCABULARY
    numbers[outlook.token] = math.log(outlook.confidence)
    numbers[(outlook.token + 1) % 12] = math.log(second)
    return numbers


def model_of(worlds: Sequence[World], canvas: int) -> Fake:
    """A model that shows row r the world r."""

    def rule(query: Query) -> Tensor:
        rows = range(len(worlds)) if query.rows is None else query.rows.tolist()
        told = zip(rows, query.tokens.tolist(), strict=True)
        whole = torch.stack([worlds[row].logits(tokens[-canvas:]) for row, tokens in told])
        start = query.tokens.shape[1] - canvas
        index = (query.wanted - start).unsqueeze(2).expand(-1, -1, VOCABULARY)
        return whole.gather(1, index)

    return Fake(rule)


def recipe(strategy: str, options: dict | None = None, parts: dict | None = None, **settings) -> Recipe:
    return build(Settings(**settings), strategy, options, parts)


def play(model: Fake, recipe: Recipe, prompts=((1, 2),), **more) -> list[Event]:
    return list(decode(model, prompts, recipe, watch=Watch(steps=True), **more))


def steps_of(events: Sequence[Event], row: int = 0) -> list[Stepped]:
    return [event for event in events if isinstance(event, Stepped) and event.index == row]


def end_of(events: Sequence[Event], row: int = 0) -> Finished:
    return next(event for event in events if isinstance(event, Finished) and event.index == row)
