"""Vanilla: LLaDA's schedule, the most confident or random positions."""

import pytest
import torch

from dlldecode import strategies
from dlldecode.errors import UsageError

from ..fakes import World, end_of, model_of, play, recipe, steps_of
from ..views import check


def test_one_position_a_step_by_default():
    check(
        strategies.load("vanilla"),
        """
        a__b__#
        9759889
        ....W..
        """,
    )


def test_the_quota_is_written_leftmost_first_among_equals():
    check(
        strategies.load("vanilla"),
        """
        _____
        57577
        .W.W.
        """,
        quota=torch.tensor([2]),
    )


def test_a_quota_above_what_is_left_writes_all():
    check(
        strategies.load("vanilla"),
        """
        _a_
        n95
        W.W
        """,
        quota=torch.tensor([9]),
    )


def test_random_ranks_by_noise_and_not_by_confidence():
    decision = check(
        strategies.load("vanilla", remasking="random"),
        """
        ___a
        9991
        .W..
        """,
        noise=torch.tensor([[0.2, 0.6, 0.4, 0.9]]),
    )
    assert decision.score[0].tolist() == pytest.approx([0.2, 0.6, 0.4, 0.9])


def schedule_of_llada(masks: int, steps: int) -> list[int]:
    """`k[i]` of LLaDA's code: the masks divided by the steps, one more in the first ones."""
    return [masks // steps + (step < masks % steps) for step in range(steps)]


@pytest.mark.parametrize(("canvas", "block", "steps"), [(12, 12, 5), (12, 4, 9), (24, 8, 6), (8, 8, 8), (16, 8, 16)])
@pytest.mark.parametrize("remasking", ["low_confidence", "random"])
def test_the_schedule_is_lladas(canvas, block, steps, remasking):
    """Where the steps divide by the blocks, as LLaDA requires."""
    made = recipe("vanilla", {"remasking": remasking}, max_tokens=canvas, block_length=block, steps=steps, stop="none")
    events = play(model_of([World(5)], canvas), made)
    blocks = canvas // block
    expected = schedule_of_llada(block, steps // blocks) * blocks
    assert [len(step.commits) for step in steps_of(events)] == expected


def test_more_steps_than_masks_end_with_the_masks():
    made = recipe("vanilla", max_tokens=6, block_length=6, steps=10, stop="none")
    assert end_of(play(model_of([World(5)], 6), made)).steps == 6


def test_a_full_decoding_equals_lladas_loop():
    canvas, block, steps = 24, 8, 9
    world = World(7, drift=0.8)
    made = recipe("vanilla", max_tokens=canvas, block_length=block, steps=steps, stop="none")
    events = play(model_of([world], canvas), made)
    board = [14] * canvas
    expected = []
    for low in range(0, canvas, block):
        for count in schedule_of_llada(block, steps // 3):
            outlook = world.look(board)
            open_ = [at for at in range(low, low + block) if board[at] == 14]
            chosen = sorted(open_, key=lambda at: -outlook[at].confidence)[:count]
            for at in chosen:
                board[at] = outlook[at].token
            expected.append(set(chosen))
    assert [{commit.position for commit in step.commits} for step in steps_of(events)] == expected
    assert list(end_of(events).token_ids) == board


def test_steps_are_refused_by_who_does_not_follow_them():
    for name in strategies.available():
        if not strategies.kind(name).uses_quota:
            with pytest.raises(UsageError, match="steps = 4"):
                recipe(name, max_tokens=8, block_length=8, steps=4)
