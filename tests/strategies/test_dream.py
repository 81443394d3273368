"""Dream: how many a step writes, and which; the filters of tokens; what confidences are."""

import math
from collections import Counter
from itertools import combinations

import pytest
import torch

from dlldecode import strategies
from dlldecode.batch import most_forwards

from ..fakes import MASK, VOCABULARY, Fake, World, end_of, model_of, play, recipe, steps_of
from ..views import check, view_of

INF = math.inf


def at(step: int, steps: int, **more) -> dict:
    """The step of a block that has so many."""
    return {"block_step": torch.tensor([step]), "steps": torch.tensor([steps]), **more}


def test_the_share_of_the_masks_leftmost_first_among_equals():
    """Three steps write a third of seven, half of the five that are left, the rest; rounded down."""
    dream = strategies.load("dream", alg="maskgit_plus")
    check(
        dream,
        """
        a_______#
        968558339
        ..W..W...
        """,
        **at(0, 3),
    )
    check(
        dream,
        """
        __a___
        579999
        ...WW.
        """,
        **at(1, 3),
    )
    check(
        dream,
        """
        _a__
        n985
        W.WW
        """,
        **at(2, 3),
    )


def test_less_than_one_is_nothing():
    check(
        strategies.load("dream", alg="maskgit_plus"),
        """
        ________
        99999999
        ........
        """,
        **at(0, 8),
    )


def test_origin_goes_by_chance_alone():
    dream = strategies.load("dream", alg="origin")
    noise = torch.tensor([[0.2, 0.6, 0.49, 0.51, 0.1, 0.99]])
    check(dream, "____a_\n191919\nW.W...", **at(0, 2, noise=noise))
    check(dream, "____a_\n191919\nWWWW.W", **at(1, 2, noise=noise))


def test_the_margin_is_that_of_probabilities():
    check(
        strategies.load("dream", alg="topk_margin"),
        """
        _____
        95671
        .W.W.
        """,
        **at(0, 2, peak=torch.tensor([[0.9, 0.5, 0.6, 0.7, 0.1]]), runner_up=torch.tensor([[0.85, 0.1, 0.4, 0.3, 0]])),
    )


def test_the_entropy_is_that_of_the_logits():
    """Two even tokens are less uncertain than a likely one before many."""
    logits = torch.full((1, 3, VOCABULARY), -40.0)
    logits[0, 0, :2] = 0.0
    logits[0, 1, 0], logits[0, 1, 1:] = 2.0, 0.0
    logits[0, 2, :3] = 0.0
    dream = strategies.load("dream", alg="entropy")
    decision = check(dream, "___\n595\nW..", **at(0, 2, logits=logits))
    chance = math.exp(2) / (math.exp(2) + VOCABULARY - 1)
    rest = (1 - chance) / (VOCABULARY - 1)
    spread = chance * math.log(chance) + (1 - chance) * math.log(rest)
    assert decision.score[0].tolist() == pytest.approx([-math.log(2), spread, -math.log(3)], abs=1e-6)


def test_every_row_has_its_own_count():
    """Half of eight and half of three fall a little short, since the schedule ends above 0."""
    rows = [[True] * 8, [True] * 3 + [False] * 5, [False] * 8]
    half = {"block_step": torch.tensor([0, 1, 1]), "steps": torch.tensor([2, 3, 3])}
    view = view_of(rows, [[0.5] * 8] * 3, **half)
    decision, _ = strategies.load("dream", alg="maskgit_plus").step(view, ())
    assert decision.commit.sum(dim=1).tolist() == [3, 1, 0]


def test_positions_are_drawn_from_the_softmax_of_their_scores():
    """Two of five without replacement, every pair as often as drawing one after the other makes it."""
    rows, scores = 8000, torch.tensor([0.9, 0.6, 0.3, 0.5, 0.1])
    noise = torch.rand(rows, 5, generator=torch.Generator().manual_seed(5)).clamp(1e-7, 1 - 1e-7)
    last_but_one = {"block_step": torch.full((rows,), 1), "steps": torch.full((rows,), 3)}
    view = view_of([[True] * 5] * rows, scores.expand(rows, 5), noise=noise, **last_but_one)
    decision, _ = strategies.load("dream", alg="maskgit_plus", alg_temp=0.4).step(view, ())
    found = Counter(tuple(at for at, flag in enumerate(row) if flag) for row in decision.commit.tolist())
    chance = torch.softmax(scores / 0.4, dim=0).tolist()
    square = 0.0
    for a, b in combinations(range(5), 2):
        expected = rows * chance[a] * chance[b] * (1 / (1 - chance[a]) + 1 / (1 - chance[b]))
        square += (found[a, b] - expected) ** 2 / expected
    assert sum(found.values()) == rows
    assert square < 27.9, "chi-square, 9 degrees, p = 0.001"


def filtered(row: list[float], **options) -> list[float]:
    return strategies.load("dream", **options).adjust(torch.tensor([[row]]), ())[0, 0].tolist()


def test_top_p_keeps_the_token_that_exceeds_it():
    row = [math.log(share) for share in (0.1, 0.4, 0.3, 0.2)]
    keep = lambda *places: [x if place in places else -INF for place, x in enumerate(torch.tensor(row).tolist())]  # noqa: E731
    assert filtered(row, top_p=0.35) == keep(1)
    assert filtered(row, top_p=0.45) == keep(1, 2)
    assert filtered(row, top_p=0.85) == keep(1, 2, 3)
    assert filtered(row, top_p=1e-6) == keep(1)
    assert filtered(row, top_p=1.0) == keep(0, 1, 2, 3)
    assert filtered([0.0] * 4, top_p=0.5) == [0.0, 0.0, 0.0, -INF]


def test_top_k_keeps_those_that_equal_the_last():
    assert filtered([1.0, 3.0, 2.0, 2.0], top_k=2) == [-INF, 3.0, 2.0, 2.0]
    assert filtered([1.0, 3.0, 2.0, 2.0], top_k=1) == [-INF, 3.0, -INF, -INF]
    assert filtered([1.0, 3.0, 2.0, 2.0], top_k=9) == [1.0, 3.0, 2.0, 2.0]


def test_top_p_acts_before_top_k():
    """Of 0.4, 0.3, 0.2 and 0.1 the first two exceed 0.6; renormalised after top-k, the first alone would nearly."""
    row = [math.log(share) for share in (0.4, 0.3, 0.2, 0.1)]
    assert [x > -INF for x in filtered(row, top_p=0.6, top_k=2)] == [True, True, False, False]
    assert [x > -INF for x in filtered(row, top_p=0.55, top_k=2)] == [True, True, False, False]


ROW = torch.tensor([0.4 * (at % 7) for at in range(VOCABULARY)])


def first_commits(**settings):
    """What a step writes that takes 24 positions at once, all with the same logits."""
    options = settings.pop("options", {})
    model = Fake(lambda query: ROW.expand(*query.wanted.shape, VOCABULARY))
    made = recipe("dream", options, max_tokens=24, block_length=24, steps=1, stop="none", **settings)
    return steps_of(play(model, made))[0].commits


def test_confidence_sees_temperature_and_filters():
    """The opposite of LLaDA's, which is that of the raw logits."""
    for temperature in (0.5, 2.0):
        chances = torch.softmax(ROW / temperature, dim=0)
        commits = first_commits(temperature=temperature)
        assert len({commit.token for commit in commits}) > 2
        assert all(commit.confidence == pytest.approx(float(chances[commit.token]), rel=1e-5) for commit in commits)
    kept = torch.softmax(torch.where(ROW >= 2.0, ROW / 0.5, -INF), dim=0)  # tokens 5, 6, 12 and 13
    commits = first_commits(temperature=0.5, options={"top_k": 4})
    assert {commit.token for commit in commits} == {5, 6, 12, 13}
    assert all(commit.confidence == pytest.approx(float(kept[commit.token]), rel=1e-5) for commit in commits)


def test_without_temperature_the_most_probable_token_is_taken():
    assert {commit.token for commit in first_commits()} == {6}
    assert {commit.token for commit in first_commits(temperature=1.0, options={"top_k": 1, "top_p": 0.1})} == {6}


def test_rounded_probabilities_decide_in_the_models_precision():
    """The released code takes the likeliest token after the softmax, where neighbours of a small logit may be equal."""
    row = torch.full((VOCABULARY,), -9.0)
    row[2], row[3] = 0.25, 0.251953125  # neighbours in bfloat16; both have 0.5 of the probability
    model = Fake(lambda query: row.bfloat16().expand(1, 1, VOCABULARY))
    for precision, token in (("float32", 3), ("model", 2)):
        made = recipe("dream", max_tokens=1, block_length=1, stop="none", confidence=precision)
        assert end_of(play(model, made)).token_ids == (token,)


@pytest.mark.parametrize("alg", ["maskgit_plus", "topk_margin", "entropy", "origin"])
def test_the_schedule_starts_anew_in_every_block_and_ends_it(alg):
    made = recipe("dream", {"alg": alg}, max_tokens=20, block_length=8, steps=30, stop="none")
    assert made.schedule == (12, 12, 6) and most_forwards(made) == 30
    events = play(model_of([World(2), World(3)], 20), made, [(1, 2), (3,)])
    for row in (0, 1):
        starts = [step.block.first for step in steps_of(events, row)]
        forwards = [starts.count(start) for start in (0, 8, 16)]
        assert all(used <= given for used, given in zip(forwards, made.schedule, strict=True))
        assert alg == "origin" or forwards == [12, 12, 6]
        assert MASK not in end_of(events, row).token_ids


def test_without_steps_a_block_has_one_for_every_position():
    made = recipe("dream", max_tokens=20, block_length=8, stop="none")
    assert end_of(play(model_of([World(2)], 20), made)).steps == most_forwards(made) == 20
