"""A model that shows what was computed when: every column remembers all that was known when it was computed."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from dlldecode.engine.loop import decode
from dlldecode.engine.recipe import build
from dlldecode.engine.settings import Settings
from dlldecode.models.adapter import Query
from dlldecode.models.spec import ModelSpec
from dlldecode.trace.events import Finished

from ..fakes import END, MASK, SPEC, Outlook, World, realise

PROMPT = (1, 2)


@dataclass
class Mind:
    """One row's model, on plain lists: an outlook for every column, from what the columns remember."""

    world: World
    ends: float = 0.0
    kept: list[int] = field(default_factory=list)

    def compute(self, tokens: Sequence[int], columns: Iterable[int] | None = None) -> list[Outlook]:
        """Compute some columns of a sequence anew, None for all, and look at every column."""
        kept = self.kept or [0] * len(tokens)
        fresh = range(len(tokens)) if columns is None else sorted(columns)
        told = [(at, tokens[at]) for at in fresh]
        known = hash((tuple(told), tuple(kept)) if columns is not None else tuple(told))
        kept = list(kept)
        for at, token in told:
            kept[at] = hash((at, token, known))
        self.kept = kept
        whole = hash((self.world.seed, tuple(kept)))
        return [self.outlook(whole, at) for at in range(len(tokens))]

    def outlook(self, whole: int, at: int) -> Outlook:
        dice = random.Random(whole + 7919 * at)
        found = self.world.expect(0, random.Random(self.world.seed * 1000 + at).random(), dice)
        # Another token would permute the logits, and entropies that tie would differ by their rounding.
        stops = dice.random() < self.ends and not self.world.ties
        return found._replace(token=END) if stops else found


@dataclass
class Remembering:
    """The same for the engine, a mind a row."""

    minds: list[Mind]
    spec: ModelSpec = SPEC
    device: str = "cpu"
    keeps: bool = True
    casts_shadows: bool = False
    embedding_width: int = 0

    def open(self, rows: int, length: int) -> int:
        return length

    def forward(self, query: Query, store: int) -> Tensor:
        rows = range(len(self.minds)) if query.rows is None else query.rows.tolist()
        return torch.stack([self.row(query, place, row, store) for place, row in enumerate(rows)])

    def row(self, query: Query, place: int, row: int, length: int) -> Tensor:
        tokens = query.tokens[place].tolist()
        columns = None
        if query.columns is not None:
            asked = query.columns[place].tolist()
            columns = [at for at in asked if 0 <= at < length]
            by_column = dict(zip(asked, tokens, strict=True))
            tokens = [by_column.get(at, MASK) for at in range(length)]
        looks = self.minds[row].compute(tokens, columns)
        return torch.tensor([realise(looks[at]) for at in query.wanted[place].tolist()])

    def footprint(self, rows: int, length: int, wanted: int, keeps: bool) -> int:
        return 0

    def free(self) -> int | None:
        return None


def minds(seeds: Iterable[int], ends: float = 0.0) -> list[Mind]:
    """Every third one with ties everywhere, the others of different boldness."""
    return [Mind(World(seed, power=(0.3, 0.7, 1.0)[seed % 3], ties=seed % 3 == 2), ends) for seed in seeds]


def engine(
    seeds: Sequence[int], ends: float, strategy: str, parts: Sequence[dict], **settings
) -> list[tuple[list[int], int, int]]:
    """Tokens, full and partial forwards of every row, decoded as one batch; `parts` are options of all kinds."""
    model = Remembering(minds(seeds, ends))
    options, *more = parts
    tables = dict(zip(("cache_options", "window_options"), more, strict=False))
    made = build(Settings(**settings), strategy, options, tables)
    found = [event for event in decode(model, [PROMPT] * len(seeds), made) if isinstance(event, Finished)]
    found.sort(key=lambda end: end.index)
    return [(list(end.token_ids), end.forwards.full, end.forwards.window) for end in found]


@dataclass
class Paper:
    """What every transcription writes on: one row's sequence, its model, its forwards."""

    mind: Mind
    canvas: int
    cache: str
    stop: str = "none"
    full: int = 0
    partial: int = 0

    def __post_init__(self) -> None:
        self.first = len(PROMPT)
        self.tokens = [*PROMPT, *[MASK] * self.canvas]

    def open(self) -> list[Outlook]:
        """A forward over everything."""
        self.full += 1
        return self.mind.compute(self.tokens)

    def go_on(self, start: int, end: int) -> list[Outlook]:
        """A forward inside of the columns from `start` to `end`."""
        if self.cache == "none":
            return self.open()
        self.partial += 1
        return self.mind.compute(self.tokens, range(start, len(self.tokens) if self.cache == "prefix" else end))

    def masks(self, start: int, end: int) -> list[int]:
        """Columns still to be written."""
        stopped = self.stop == "first" and END in self.tokens
        limit = self.tokens.index(END) if stopped else end
        return [at for at in range(start, min(end, limit)) if self.tokens[at] == MASK]

    def write(self, columns: Iterable[int], looks: list[Outlook]) -> None:
        """Write the proposals at some columns."""
        for at in columns:
            self.tokens[at] = looks[at].token

    @property
    def result(self) -> tuple[list[int], int, int]:
        """As `engine` has it."""
        return self.tokens[self.first :], self.full, self.partial


def surest(columns: Sequence[int], looks: list[Outlook]) -> int:
    """The leftmost of the most confident columns."""
    return max(columns, key=lambda at: (looks[at].confidence, -at))
