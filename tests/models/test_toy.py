"""The weightless model: deterministic, rows apart, no look at values."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import dlldecode
from dlldecode.errors import UsageError
from dlldecode.models.adapter import Query
from dlldecode.models.toy import ASSISTANT, END, MASK, ByteTokenizer, Toy

CANVAS = 12


def query(rows: list[list[int]], canvas: int = CANVAS) -> Query:
    """Prompts, left-padded, each followed by masks, all of which are wanted."""
    length = max(map(len, rows)) + canvas
    pads = torch.tensor([length - canvas - len(row) for row in rows])
    tokens = torch.tensor([[END] * (length - canvas - len(row)) + row + [MASK] * canvas for row in rows])
    place = torch.arange(length).expand_as(tokens)
    wanted = place[:, -canvas:]
    return Query(tokens, None, (place - pads[:, None]).clamp(min=0), place >= pads[:, None], wanted)


def prompts() -> list[list[int]]:
    tokenizer = ByteTokenizer()
    return [tokenizer.chat("hello"), tokenizer.chat("hi", "be short"), tokenizer.chat("")]


@pytest.mark.parametrize("toy", [Toy(), Toy(answer="forty-two"), Toy(seed=5)])
def test_rows_are_what_they_are_alone(toy):
    batch = toy.forward(query(prompts()), toy.open(3, 40))
    assert batch.shape == (3, CANVAS, toy.spec.vocab_size)
    for row, prompt in zip(batch, prompts(), strict=True):
        assert torch.equal(row, toy.forward(query([prompt]), toy.open(1, 40))[0])


def test_it_spells_its_answer():
    toy = Toy(answer="forty-two")
    best = toy.forward(query(prompts()), toy.open(3, 40)).argmax(-1)
    for row in best:
        assert toy.tokenizer.decode(list(map(int, row))) == "forty-two"
        assert row[9:].eq(END).all()


def test_it_is_surer_near_written_tokens():
    toy = Toy(answer="forty-two")
    asked = query([[*ByteTokenizer().chat("hello"), *b"forty"]], 4)
    sure = toy.forward(asked, toy.open(1, 40)).softmax(-1).amax(-1)[0]
    assert (sure.diff() < 0).all() and sure[0] > 0.2 > 0.05 > sure[-1]


def test_noise_follows_seed_and_tokens():
    asked = query(prompts())
    store = Toy().open(3, 40)
    first = Toy(seed=1).forward(asked, store)
    assert torch.equal(first, Toy(seed=1).forward(asked, store))
    assert not torch.equal(first, Toy(seed=2).forward(asked, store))
    changed = asked.tokens.clone()
    changed[0, -1] = 65
    other = Toy(seed=1).forward(asked._replace(tokens=changed), store)
    assert not torch.equal(first[0], other[0]) and torch.equal(first[1:], other[1:])
    assert first.min() >= 0 and first.max() < 1 and abs(first.mean() - 0.5) < 0.02


def test_a_rule_of_ones_own():
    toy = Toy(rule=lambda asked: torch.zeros(*asked.wanted.shape, 260))
    assert toy.forward(query(prompts()), toy.open(3, 40)).sum() == 0


@pytest.mark.parametrize("toy", [Toy(), Toy(answer="forty-two")])
def test_it_looks_at_no_value(toy):
    asked = query(prompts())
    with FakeTensorMode() as mode:
        faked = Query(*(mode.from_tensor(part) if isinstance(part, torch.Tensor) else part for part in asked))
        assert toy.forward(faked, toy.open(3, 40)).shape == (3, CANVAS, 260)


def test_bytes():
    tokenizer = ByteTokenizer()
    text = "é<|mdm_mask|>"
    assert tokenizer.encode(text) == [*"é".encode(), MASK]
    assert MASK not in tokenizer.chat(text) and tokenizer.chat(text)[-1] == ASSISTANT
    assert b"".join(map(tokenizer.token_bytes, tokenizer.encode(text))) == text.encode()
    assert tokenizer.decode(tokenizer.encode(text)) == "é"


def test_a_cache_needs_a_model_that_keeps_something():
    with pytest.raises(UsageError, match=r"cache = dual, but this model keeps nothing between forwards; take none\."):
        dlldecode.generate(Toy("yes"), "hi", cache="dual")
