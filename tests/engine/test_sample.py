"""From logits to proposals, and the random numbers."""

import math

import pytest
import torch

from dlldecode.engine.sample import chances_of, entropy, margin, probability, propose, two_best, uniform

from ..fakes import END, MASK, VOCABULARY, Fake, end_of, play, recipe, steps_of

NAN, INF = math.nan, math.inf


def logits(*rows):
    return torch.tensor([rows])


def test_the_likeliest_token_and_its_probability():
    found = propose(logits([1.0, 3.0, 2.0, 0.0]), 3, None, 0.0)
    total = sum(math.exp(x) for x in (1, 3, 2, 0))
    assert found.token.tolist() == [[1]]
    assert found.confidence.tolist() == [[pytest.approx(math.exp(3) / total)]]


def test_the_mask_leaves_the_argmax_but_not_the_softmax():
    found = propose(logits([1.0, 9.0, 2.0]), 1, None, 0.0)
    assert found.token.tolist() == [[2]]
    assert found.confidence.item() == pytest.approx(math.exp(2) / (math.exp(1) + math.exp(9) + math.exp(2)))


@pytest.mark.parametrize("row", [[NAN, NAN, NAN], [-INF, -INF, -INF], [0.0, -INF, -INF], [INF, NAN, -INF]])
def test_the_mask_is_never_proposed_even_as_the_lowest_id(row):
    assert propose(logits(row), 0, None, 0.0).token.item() == 1
    assert propose(logits(row), 0, torch.full((1, 1, 3), 0.5), 1.0).token.item() == 1


def test_ties_go_to_the_lowest_id_in_any_precision():
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        row = torch.full((1, 1, 300), 20.0, dtype=dtype)
        row[0, 0, :7] = 19.0
        assert propose(row, 8, None, 0.0).token.item() == 7


def test_confidence_is_float32_for_low_precision_logits():
    row = torch.tensor([[[10.0, 3.0, 1.0]]], dtype=torch.bfloat16)
    found = propose(row, 2, None, 0.0)
    assert found.confidence.dtype == torch.float32
    assert found.confidence.item() == pytest.approx(math.exp(10) / (math.exp(10) + math.exp(3) + math.exp(1)), rel=1e-6)


@pytest.mark.parametrize(
    ("row", "token", "confidence"),
    [
        ([NAN, 1.0, 0.0], 1, -INF),
        ([NAN, NAN, 0.0], 0, -INF),
        ([INF, 1.0, 0.0], 0, -INF),
        ([-INF, -INF, -INF], 0, -INF),
        ([0.0, -INF, -INF], 0, 1.0),
    ],
)
def test_what_is_no_number_ranks_as_minus_infinity(row, token, confidence):
    found = propose(logits(row), 2, None, 0.0)
    assert (found.token.item(), found.confidence.item()) == (token, confidence)


def test_probability_of_any_token():
    row = [0.5, -1.0, 2.0]
    for token in range(3):
        expected = math.exp(row[token]) / sum(map(math.exp, row))
        assert probability(logits(row), torch.tensor([[token]])).item() == pytest.approx(expected)


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("float64", torch.float64)])
def test_probabilities_in_a_precision(precision, dtype):
    row = [20.0, -1.0, 2.0]
    found = chances_of(logits(row).bfloat16(), precision).of(torch.tensor([[1]]))
    assert found.dtype == dtype
    expected = math.exp(-1) / sum(map(math.exp, row))
    assert found.item() == pytest.approx(expected, rel=1e-6 if precision == "float32" else 1e-14, abs=0)


def test_the_models_own_precision_is_that_of_its_softmax():
    row = torch.randn(1, 50, 40, generator=torch.Generator().manual_seed(1)).bfloat16() * 4
    token = row.argmax(dim=2)
    found = chances_of(row, "model").of(token)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, torch.softmax(row, dim=2).amax(dim=2))
    assert not torch.equal(found.float(), chances_of(row).of(token))


@pytest.mark.parametrize("precision", ["float32", "float64", "model"])
def test_what_is_no_number_has_no_chance_in_any_precision(precision):
    rows = logits([NAN, 1.0, 0.0], [INF, 1.0, 0.0], [-INF, -INF, -INF])
    assert chances_of(rows, precision).of(torch.tensor([[1, 0, 1]])).tolist() == [[-INF, -INF, -INF]]


@pytest.mark.parametrize(("precision", "first"), [("float32", 1), ("float64", 1), ("model", 0)])
def test_rounded_confidences_tie_between_positions(precision, first):
    """Above 0.998 every probability is 1 in bfloat16, and the leftmost of equals is written."""
    rows = torch.full((2, VOCABULARY), -20.0)
    rows[0, 3], rows[1, 3] = 8.0, 9.0
    rows[:, 4] = 0.0
    model = Fake(lambda query: rows.bfloat16().expand(1, 2, VOCABULARY))
    made = recipe("vanilla", max_tokens=2, block_length=2, stop="none", confidence=precision)
    commit = steps_of(play(model, made))[0].commits[0]
    assert commit.position == first
    assert (commit.confidence == 1) == (precision == "model")


def test_the_two_best_leave_the_mask_aside():
    assert two_best(logits([1.0, 9.0, 4.5, 0.0]), 1).indices.tolist() == [[[2, 0]]]


def test_margin_leaves_the_mask_aside():
    assert margin(logits([1.0, 9.0, 4.5, 0.0]), 1).item() == 3.5
    assert margin(logits([NAN, 9.0, 4.5, 0.0]), 1).item() == -INF
    assert margin(logits([2.0, NAN, 4.5, 0.0]), 1).item() == 2.5


def test_entropy_in_nats():
    assert entropy(logits([0.0] * 8)).item() == pytest.approx(math.log(8))
    assert entropy(logits([0.0, -INF, -INF])).item() == pytest.approx(0.0)
    assert entropy(logits([NAN, 0.0, 1.0])).item() == INF


# Random numbers


def test_uniform_numbers_are_spread_evenly():
    numbers = uniform(torch.tensor([3, 4]), torch.arange(20_000).expand(2, -1))
    assert numbers.min() > 0 and numbers.max() < 1
    for row in numbers:
        counts = torch.histc(row.float(), bins=50, min=0, max=1)
        assert ((counts - 400) ** 2 / 400).sum() < 86, "chi-square, 49 degrees, p = 0.001"
    assert abs(torch.corrcoef(numbers)[0, 1]) < 0.03
    lagged = torch.corrcoef(torch.stack((numbers[0, :-1], numbers[0, 1:])))[0, 1]
    assert abs(lagged) < 0.03


def test_a_row_draws_the_same_whoever_stands_beside_it():
    counter = torch.arange(50)
    alone = uniform(torch.tensor([9]), counter.expand(1, -1))
    beside = uniform(torch.tensor([1, 9, 9]), counter.expand(3, -1))
    assert torch.equal(beside[1], alone[0]) and torch.equal(beside[2], alone[0])
    assert not torch.equal(beside[0], alone[0])


def sampled(temperature: float, seed: int = 0, canvas: int = 500) -> list[int]:
    """Tokens of one step that writes the whole canvas, every position with the same logits."""
    row = torch.tensor([0.3 * (at % 5) for at in range(VOCABULARY)])
    row[MASK], row[END] = 4.0, -INF
    model = Fake(lambda query: row.expand(*query.wanted.shape, VOCABULARY))
    made = recipe(
        "topk", {"k": canvas}, max_tokens=canvas, block_length=canvas, temperature=temperature, seed=seed, stop="none"
    )
    return list(end_of(play(model, made)).token_ids)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_from_the_softmax_at_the_temperature(temperature):
    tokens = [token for seed in range(8) for token in sampled(temperature, seed)]
    chances = [math.exp(0.3 * (at % 5) / temperature) * (at not in (MASK, END)) for at in range(VOCABULARY)]
    square = 0.0
    for token, chance in enumerate(chances):
        expected = len(tokens) * chance / sum(chances)
        square += (tokens.count(token) - expected) ** 2 / expected if chance else 0.0
        assert chance or token not in tokens
    assert square < 34.5, "chi-square, 13 degrees, p = 0.001"


def test_seeds():
    assert sampled(1.0, 3, 40) == sampled(1.0, 3, 40)
    assert sampled(1.0, 3, 40) != sampled(1.0, 4, 40)
    assert len(set(sampled(0.0, 3, 40))) == 1


def test_steps_draw_afresh():
    """A position that waits is not offered the same token in every step."""
    row = torch.zeros(VOCABULARY)
    model = Fake(lambda query: row.expand(*query.wanted.shape, VOCABULARY))
    made = recipe("vanilla", max_tokens=30, block_length=30, temperature=1.0, stop="none")
    once = list(
        end_of(
            play(model, recipe("topk", {"k": 30}, max_tokens=30, block_length=30, temperature=1.0, stop="none"))
        ).token_ids
    )
    many = list(end_of(play(model, made)).token_ids)
    assert sum(a != b for a, b in zip(once, many, strict=True)) > 15


def test_confidence_does_not_see_the_temperature():
    row = torch.arange(VOCABULARY).float() * 0.2
    model = Fake(lambda query: row.expand(*query.wanted.shape, VOCABULARY))
    made = recipe("topk", {"k": 30}, max_tokens=30, block_length=30, temperature=3.0, stop="none")
    chances = torch.softmax(row, dim=0)
    commits = steps_of(play(model, made))[0].commits
    assert len({commit.token for commit in commits}) > 5
    assert all(commit.confidence == pytest.approx(float(chances[commit.token]), rel=1e-5) for commit in commits)


def test_random_positions_differ_by_key_and_step():
    row = torch.zeros(VOCABULARY)
    model = Fake(lambda query: row.expand(*query.wanted.shape, VOCABULARY))
    made = recipe("vanilla", {"remasking": "random"}, max_tokens=30, block_length=30, stop="none")
    events = play(model, made, [(1,)] * 2, keys=[1, 2])
    orders = [[step.commits[0].position for step in steps_of(events, row)] for row in (0, 1)]
    assert orders[0] != orders[1]
    assert all(sorted(order) == list(range(30)) != order for order in orders)
