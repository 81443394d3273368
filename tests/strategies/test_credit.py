"""CreditDecoding: favourites that stay collect credit."""

import math

import torch

from dlldecode import strategies

from ..fakes import VOCABULARY, Fake, end_of, play, recipe
from ..views import check, view_of


def credit(**options):
    return strategies.load("credit", **options)


def test_the_threshold_counts_with_equality_and_the_best_always_goes():
    check(
        credit(threshold=0.9),
        """
        a_b__##
        X9.8.99
        .W.....
        """,
    )
    check(
        credit(threshold=0.9),
        """
        __a__
        35.53
        .W...
        """,
    )


def test_one_mask_and_none():
    check(credit(), "ab_c\n9901\n..W.")
    check(credit(), "abcd\n9999\n....")


def test_slack_takes_all_near_the_best_where_none_reaches_the_threshold():
    window = "______\n565456\n"
    check(credit(), window + ".W....")
    check(credit(slack=0.01), window + ".W...W")
    check(credit(slack=0.15), window + "WWW.WW")
    check(credit(slack=0.5, threshold=0.6), window + "WWWWWW")
    check(credit(slack=0.15, threshold=0.4), window + "WWWWWW")


def test_not_a_number_goes_with_no_slack():
    check(credit(slack=1.0), "___\nnnn\nW..")


def raise_token(strategy, steps):
    """Logits of one position whose favourite is token 3 at every step; what the last adjustment makes of them."""
    logits = torch.zeros(1, 1, VOCABULARY)
    logits[0, 0, 3] = 2.0
    state = strategy.init(torch.ones(1, 1, dtype=torch.bool), VOCABULARY)
    wide = strategy.init(torch.ones(1, 5, dtype=torch.bool), VOCABULARY)
    state = type(state)(wide.token[:, :1], wide.value[:, :1])
    for _ in range(steps):
        adjusted = strategy.adjust(logits, state)
        _, state = strategy.step(view_of([[True]], [[0.5]], raw=logits), state)
    return adjusted[0, 0], float(logits.softmax(2)[0, 0, 3])


def test_credit_is_given_at_once_fades_and_is_added_as_a_logarithm():
    for steps, times in ((1, 1), (2, 1.8), (3, 2.44)):
        adjusted, chance = raise_token(credit(), steps)
        assert math.isclose(float(adjusted[3]), 2 + 0.7 * math.log(1 + times * chance**0.2), rel_tol=1e-6)
        assert adjusted[[0, 1, 2, 4]].tolist() == [0, 0, 0, 0]


def test_a_former_favourite_keeps_what_is_left():
    strategy = credit(weight=1.0, decay=0.5, boost=0.0)
    state = strategy.init(torch.ones(1, 4, dtype=torch.bool), VOCABULARY)
    for favourite in (3, 5, 3):
        raw = torch.nn.functional.one_hot(torch.full((1, 4), favourite), VOCABULARY).float()
        _, state = strategy.step(view_of([[True] * 4], [[0.5] * 4], raw=raw), state)
    adjusted = strategy.adjust(torch.zeros(1, 4, VOCABULARY), state)[0, 0]
    # Halved once more, and token 0, the lowest of equals, is this step's favourite.
    expected = {0: 1.0, 3: (1 / 4 + 1) / 2, 5: 1 / 4}
    for token in range(VOCABULARY):
        assert math.isclose(float(adjusted[token]), math.log(1 + expected.get(token, 0)), abs_tol=1e-6)


def test_credit_saves_forwards_and_ends_with_its_block():
    """A favourite at 0.85 for ever: 0.90 with the first step's credit and 0.92 with the second's."""
    rows = torch.full((VOCABULARY,), math.log(0.15 / (VOCABULARY - 1)))
    rows[3] = math.log(0.85)
    model = Fake(lambda query: rows.expand(*query.wanted.shape, -1))
    settings = {"max_tokens": 8, "block_length": 4, "stop": "none"}
    alone = end_of(play(model, recipe("threshold", {"threshold": 0.91}, **settings)))
    lifted = end_of(play(model, recipe("credit", {"threshold": 0.91, "boost": 1.0}, **settings)))
    assert (alone.steps, lifted.steps) == (8, 4)
