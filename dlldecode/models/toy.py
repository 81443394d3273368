"""A model without weights, for tests and experiments: logits by integer hashing, by a target text, or by your rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from ..core.shapes import Chances, Logits
from .adapter import Query, Store
from .spec import ModelSpec

SPECIALS = ("<|endoftext|>", "<|mdm_mask|>", "<|eot_id|>", "<|assistant|>")
END, MASK, TURN_END, ASSISTANT = range(256, 260)
SPEC = ModelSpec(
    family="toy", vocab_size=260, width=2, layers=1, heads=1, kv_heads=1, mlp_width=1,
    max_length=4096, mask_id=MASK, stop_ids=(END, TURN_END), pad_id=END,
)  # fmt: skip
NEIGHBOURS, GAIN = 4, 11.0


def joined(prompt: str, system: str | None, turns: Sequence[tuple[str, str]]) -> str:
    """A system text, questions with their answers, and a prompt, with blank lines between them."""
    return "\n\n".join([*([] if system is None else [system]), *(text for turn in turns for text in turn), prompt])


class ByteTokenizer:
    """Ids 0 to 255 are bytes; four special tokens follow."""

    has_template = False

    def encode(self, text: str) -> list[int]:
        """Ids of a text, special tokens in it recognised."""
        pieces = re.split(f"({'|'.join(map(re.escape, SPECIALS))})", text)
        return [i for piece in pieces for i in ([self.token_id(piece)] if piece in SPECIALS else piece.encode())]

    def chat(self, prompt: str, system: str | None = None, turns: Sequence[tuple[str, str]] = ()) -> list[int]:
        """Ids of a system text, turns and a prompt with blank lines between; then the token that opens the answer."""
        return [*joined(prompt, system, turns).encode(), ASSISTANT]

    def decode(self, ids: list[int]) -> str:
        """Text of ids, special tokens left out, broken characters replaced."""
        return bytes(token for token in ids if token < 256).decode(errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """One byte, or a special token's name."""
        return bytes([token]) if token < 256 else SPECIALS[token - 256].encode()

    def token_id(self, name: str) -> int:
        """The id of a special token's name."""
        return 256 + SPECIALS.index(name)


class Empty:
    """A store for models that keep nothing: every forward computes every column."""

    def fork(self, source: Int[Tensor, " B"], target: Int[Tensor, " B"]) -> None:
        """There is nothing to copy."""


Rule = Callable[[Query], Logits]


@dataclass(frozen=True, eq=False)
class Toy:
    """Implements `Model`: each row's logits depend on its own visible tokens and positions alone, never on padding.

    With `answer` it spells that text and end-of-text from the first position after the answer's opening token
    (`ByteTokenizer.chat` writes it; else from the row's start), the surer the more of a position's neighbours are
    written. `rule` replaces it: from a query to logits `[B, W, V]`. With neither, logits are noise from `seed`.
    """

    answer: str | None = None
    seed: int = 0
    rule: Rule | None = None
    spec: ModelSpec = SPEC
    device: str = "cpu"
    tokenizer: ByteTokenizer = field(default_factory=ByteTokenizer)
    name: str = "toy"
    revision: str | None = None
    dtype: str = "float32"
    keeps: bool = False
    has_template: bool = False
    casts_shadows: bool = True
    embedding_width: int = 0

    @property
    def weights(self) -> str:
        """What stands in for a digest of weights."""
        return f"toy {self.answer!r} {self.seed}"

    def open(self, rows: int, length: int) -> Store:
        """A store that keeps nothing."""
        return Empty()

    def forward(self, query: Query, store: Store) -> Logits:
        """Logits `[B, W, V]` for the wanted columns; with shadows `[B, 2 W, V]`."""
        if query.shadowed is not None:
            return with_shadows(self.logits, query, self.spec.mask_id)
        return self.logits(query)

    def logits(self, query: Query) -> Logits:
        """Logits of a query without shadows."""
        if self.rule is not None:
            return self.rule(query)
        return noise(query, self.spec, self.seed) if self.answer is None else self.spell(query, self.answer)

    def mean_embedding(self, chances: Chances) -> Float[Tensor, "B W D"]:
        """It has none."""
        raise NotImplementedError

    def footprint(self, rows: int, length: int, wanted: int, keeps: bool) -> int:
        """Next to nothing."""
        return 0

    def free(self) -> int | None:
        """Nobody counts."""
        return None

    def spell(self, query: Query, answer: str) -> Logits:
        """Logits that speak for `answer`; some noise keeps confidences apart, too little to change the best token."""
        letters = torch.tensor([*answer.encode(), self.spec.end_of_text], device=query.tokens.device)
        start = torch.where(query.tokens == ASSISTANT, query.position + 1, 0).amax(1, keepdim=True)
        place = query.position.gather(1, query.wanted) - start
        target = letters[place.clamp(0, len(letters) - 1)]
        written = query.tokens != self.spec.mask_id
        seen = written if query.visible is None else written & query.visible
        near = functional.avg_pool1d(seen.float().unsqueeze(1), 2 * NEIGHBOURS + 1, 1, NEIGHBOURS).squeeze(1)
        strength = 1 + GAIN * near.gather(1, query.wanted)
        is_target = torch.arange(self.spec.vocab_size, device=target.device) == target.unsqueeze(-1)
        return noise(query, self.spec, self.seed) + strength.unsqueeze(-1) * is_target


def with_shadows(logits: Rule, query: Query, mask_id: int) -> Logits:
    """Logits of the wanted columns, and of each of them as if a mask stood there, every one in a row of its own."""
    rows, width = query.wanted.shape
    own = query.tokens.shape[1] - width
    plain = query._replace(tokens=query.tokens[:, :own], position=query.position[:, :own], shadowed=None)
    each = query.wanted.reshape(-1, 1)
    alone = plain._replace(
        tokens=plain.tokens.repeat_interleave(width, 0).scatter(1, each, mask_id),
        position=plain.position.repeat_interleave(width, 0),
        visible=None if plain.visible is None else plain.visible.repeat_interleave(width, 0),
        wanted=each,
        rows=(torch.arange(rows, device=each.device) if plain.rows is None else plain.rows).repeat_interleave(width, 0),
    )
    doubted = logits(alone).reshape(rows, width, -1)
    return torch.cat((logits(plain), doubted), dim=1)


def noise(query: Query, spec: ModelSpec, seed: int = 0) -> Logits:
    """Numbers in [0, 1) for every wanted position and token, from the seed and the row's visible tokens."""
    marks = scramble(query.tokens * 1_000_003 + query.position * 8_191 + seed)
    shown = marks if query.visible is None else marks * query.visible
    place = query.position.gather(1, query.wanted)
    entry = torch.arange(spec.vocab_size, device=query.tokens.device)
    cells = shown.sum(1)[:, None, None] + place.unsqueeze(-1) * 2_654_435_761 + entry * 97_531
    return (scramble(cells) & 0xFFFFFF).float() / 2**24


def scramble(x: Int[Tensor, "..."]) -> Int[Tensor, "..."]:
    """Integers far apart for neighbouring integers, the same on every device."""
    x = (x ^ (x >> 31)) * 0x7FB5D329728EA185
    return (x ^ (x >> 27)) * 0x1B873593CC9E2D51 >> 20
