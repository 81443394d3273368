"""KLASS: confident and stable positions, else the schedule's best."""

import random

import pytest
import torch

from dlldecode import strategies

from ..fakes import VOCABULARY
from ..golden.engine import agree_on_a_network, agree_on_worlds
from ..golden.klass import Klass
from ..golden.windows import ROWS, commits, masks, numbers
from ..views import drawn, outcome

STILL = torch.tensor([[[4.0, 1.0, 0.0]]])
OTHER = torch.tensor([[[0.0, 4.0, 1.0]]])


def play(drawings: list[str], logits: list[torch.Tensor], **options) -> list[str]:
    """What is written in each step; every drawing is a window and its confidences."""
    strategy, state, found = strategies.load("klass", **options), None, []
    for drawing, values in zip(drawings, logits, strict=True):
        view = drawn(drawing)
        view = drawn(drawing, logits=values.expand(1, view.masked.shape[1], -1))
        state = strategy.init(view.masked, values.shape[2]) if state is None else state
        decision, state = strategy.step(view, state)
        found.append(outcome(decision))
    return found


def test_nothing_is_ready_before_its_history_is_long_enough():
    """Two divergences take three distributions; until then the best is written, the leftmost of equals."""
    steps = ["_____#\nX9XX8X", "a____#\nX9XX8X", "a_b__#\nX9XX8X"]
    assert play(steps, [STILL] * 3) == ["W.....", "..W...", "...W.."]
    assert play(steps, [STILL] * 3, threshold=0.85) == ["W.....", "..W...", ".W.W.."]
    assert play(steps[:2], [STILL] * 2, threshold=0.85, history=1) == ["W.....", ".WWW.."]


def test_a_change_makes_a_position_wait_again():
    steps = ["___\nXXX"] * 6
    logits = [STILL, STILL, OTHER, OTHER, OTHER, OTHER]
    assert play(steps, logits) == ["W..", "W..", "W..", "W..", "WWW", "WWW"]


def test_stability_is_each_positions_own():
    moving = torch.stack([STILL[0], OTHER[0], STILL[0]], dim=1)
    still = torch.stack([STILL[0]] * 3, dim=1)
    assert play(["___\nXXX"] * 3, [still, still, moving], history=2) == ["W..", "W..", "W.W"]


def test_confidence_must_lie_above_the_threshold():
    view = "__\n55"
    assert play([view] * 3, [STILL] * 3, threshold=0.5) == ["W."] * 3
    assert play([view] * 3, [STILL] * 3, threshold=0.49)[2] == "WW"


def test_a_divergence_of_nothing_is_reached_by_no_distribution():
    assert play(["__\nXX"] * 4, [STILL] * 4, divergence=0.0) == ["W."] * 4


def test_one_mask_and_none():
    assert play(["a_\nX1", "ab\nXX"], [STILL] * 2) == [".W", ".."]


def test_probabilities_of_nothing_and_no_numbers_are_survived():
    """A token without any probability stays stable; not a number is never stable, nor is the step after it."""
    never = torch.tensor([[[4.0, -torch.inf, 0.0]]])
    assert play(["__\nXX"] * 3, [never] * 3) == ["W.", "W.", "WW"]
    broken = torch.full((1, 1, 3), torch.nan)
    steps = [never, never, broken, never, never, never]
    assert play(["__\nXX"] * 6, steps) == ["W.", "W.", "W.", "W.", "W.", "WW"]


def test_random_windows_equal_the_rule():
    """Logits that stay, move a little or move a lot; confidences that hit the threshold."""
    seen = ready = 0
    for seed in range(8):
        dice = random.Random(seed)
        width = dice.choice([1, 2, 3, 9])
        options = {
            "threshold": dice.choice([0.25, 0.5, 0.75]),
            "divergence": dice.choice([0.0, 0.01, 0.3]),
            "history": dice.choice([1, 2, 2, 3]),
        }
        strategy, plain = strategies.load("klass", **options), [Klass(width, **options) for _ in range(ROWS)]
        state = strategy.init(torch.zeros(ROWS, width, dtype=torch.bool), VOCABULARY)
        logits = torch.zeros(ROWS, width, VOCABULARY)
        for _ in range(6):
            share = torch.tensor([[[dice.choice([0.0, 0.0, 0.1, 3.0])] for _ in range(width)] for _ in range(ROWS)])
            moves = [[[dice.gauss(0, 1) for _ in range(VOCABULARY)] for _ in range(width)] for _ in range(ROWS)]
            logits = logits + share * torch.tensor(moves)
            masked, valid = masks(dice, width)
            confidence, quota = numbers(dice, width, dice.choice([4, 8, 2**20])), dice.randint(1, 3)
            view = drawn("_\n5")._replace(
                masked=torch.tensor(masked), valid=valid, confidence=torch.tensor(confidence),
                proposal=torch.zeros(ROWS, width, dtype=torch.int64), step=torch.zeros(ROWS, dtype=torch.int64),
                position=torch.zeros(ROWS, width, dtype=torch.int64), quota=torch.full((ROWS,), quota),
            )  # fmt: skip
            decision, state = strategy.step(view._replace(extra=view.extra._replace(logits=logits)), state)
            rows = zip(plain, masked, confidence, logits.tolist(), strict=True)
            expected = [rule.chosen(open_, sure, values, quota) for rule, open_, sure, values in rows]
            assert commits(decision.commit) == expected
            seen += len(expected)
            ready += int((decision.notes.kind > 0).sum())
    assert seen >= 1000 and ready >= 200


def start(steps: int | None = None, **options):
    """LLaDA's schedule for a block: one position a forward, or the block's masks spread over `steps`."""

    def of_block(width: int):
        rule, quotas = Klass(width, **options), []

        def chosen(seen):
            total = steps or width
            quotas.append(width // total + (len(quotas) < width % total))
            return rule.chosen(seen.masked, seen.confidence, seen.logits, quotas[-1])

        return chosen

    return of_block


@pytest.mark.parametrize(
    ("threshold", "divergence", "history"), [(0.9, 0.01, 2), (0.6, 0.1, 2), (0.5, 0.5, 1), (0.4, 2.0, 3)]
)
def test_whole_decodes_equal_the_rule(threshold, divergence, history):
    options = {"threshold": threshold, "divergence": divergence, "history": history}
    plain = agree_on_worlds("klass", options, start(**options))
    assert threshold == 0.9 or min(decoded.forwards for decoded in plain) < 21


def test_the_schedule_spreads_what_is_not_ready():
    options = {"threshold": 0.5, "divergence": 0.5, "history": 2}
    plain = agree_on_worlds("klass", options, start(steps=4, **options), block_length=7, steps=12)
    assert {2} < {len(step) for decoded in plain for step in decoded.steps}


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
def test_whole_decodes_of_a_network_equal_the_rule_with_any_cache(cache):
    options = {"threshold": 0.3, "divergence": 0.2, "history": 2}
    plain = agree_on_a_network("klass", options, start(**options), cache)
    assert max(decoded.forwards for decoded in plain) < 40


def test_the_schedule_of_a_stretch_is_that_of_the_whole_window():
    """4 steps for 8 positions in stretches of 4, two a step; a stop token that hides the rest changes nothing."""
    strategy = strategies.load("klass", inner=4)
    state = strategy.init(torch.ones(1, 8, dtype=torch.bool), 3)
    for drawing, expected in (("________\n99999999", "WW......"), ("__######\n99000000", "WW......")):
        view = drawn(drawing, logits=STILL.expand(1, 8, 3), steps=torch.tensor([4]))
        assert outcome(strategy.step(view, state)[0]) == expected
