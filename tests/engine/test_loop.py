"""One decoding from the prompt to its end: geometry, guidance, schedules, numbers, errors."""

import math

import pytest
import torch

from dlldecode.engine.loop import Watch, decode
from dlldecode.engine.recipe import block_lengths, build
from dlldecode.engine.settings import Settings
from dlldecode.errors import DeviceError, PresetError, UsageError
from dlldecode.trace.events import Started

from ..fakes import MASK, PAD, SPEC, VOCABULARY, Fake, World, end_of, model_of, play, recipe, steps_of


def flat(query) -> torch.Tensor:
    return torch.zeros(*query.wanted.shape, VOCABULARY)


def test_prompts_are_padded_on_the_left_and_hidden():
    model = Fake(flat)
    play(model, recipe("topk", {"k": 4}, max_tokens=4, block_length=4), [(1, 2, 3), (4,), ()])
    query = model.queries[0]
    assert query.tokens.tolist() == [
        [1, 2, 3, *[MASK] * 4],
        [PAD, PAD, 4, *[MASK] * 4],
        [PAD, PAD, PAD, *[MASK] * 4],
    ]
    assert query.visible.tolist() == [[True] * 7, [False] * 2 + [True] * 5, [False] * 3 + [True] * 4]
    assert query.position.tolist() == [[0, 1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 2, 3, 4], [0, 0, 0, 0, 1, 2, 3]]
    assert query.wanted.tolist() == [[3, 4, 5, 6]] * 3


def test_prompts_of_one_length_need_no_mask():
    model = Fake(flat)
    play(model, recipe("topk", max_tokens=4, block_length=4), [(1, 2), (3, 4)])
    assert model.queries[0].visible is None


@pytest.mark.parametrize(("canvas", "block", "blocks"), [(10, 4, [4, 4, 2]), (3, 8, [3]), (8, 8, [8]), (5, 1, [1] * 5)])
def test_blocks_run_from_left_to_right_and_the_last_may_be_shorter(canvas, block, blocks):
    settings = {"max_tokens": canvas, "block_length": block}
    assert block_lengths(Settings(**settings)) == tuple(blocks)
    steps = steps_of(play(model_of([World(1)], canvas), recipe("vanilla", **settings, stop="none")))
    seen = [(step.block.first, step.block.last) for step in steps]
    edges = [(sum(blocks[:at]), sum(blocks[: at + 1]) - 1) for at in range(len(blocks))]
    assert seen == [edge for edge, length in zip(edges, blocks, strict=True) for _ in range(length)]


def test_rows_stand_in_different_blocks():
    """A row whose positions are all sure runs ahead of one that has none."""

    def rule(query):
        sure = torch.where(query.tokens[:, :1] == 1, 9.0, 1.0).unsqueeze(2)
        return torch.where(torch.arange(VOCABULARY) == 3, sure, 0.0).expand(*query.wanted.shape, VOCABULARY)

    events = play(Fake(rule), recipe("threshold", max_tokens=12, block_length=4, stop="none"), [(1,), (2,)])
    assert [step.block.first for step in steps_of(events, 0)] == [0, 4, 8]
    assert [step.block.first for step in steps_of(events, 1)] == [0] * 4 + [4] * 4 + [8] * 4
    assert end_of(events, 0).forwards.idle == 0 and end_of(events, 0).steps == 3


# Schedules


@pytest.mark.parametrize(
    ("canvas", "block", "steps", "expected"),
    [
        (12, 4, 9, (3, 3, 3)),
        (12, 4, 8, (3, 3, 2)),
        (12, 4, 3, (1, 1, 1)),
        (10, 4, 5, (2, 2, 1)),
        (10, 4, None, (4, 4, 2)),
        (33, 32, 2, (1, 1)),
        (100, 32, 50, (16, 16, 16, 2)),
    ],
)
def test_steps_are_split_by_length_remainder_first(canvas, block, steps, expected):
    assert recipe("vanilla", max_tokens=canvas, block_length=block, steps=steps).schedule == expected


def test_every_block_gets_a_step_and_none_is_lost():
    for canvas in (1, 2, 5, 9, 16, 25):
        for block in (1, 3, 8, 30):
            for steps in range(math.ceil(canvas / block), canvas + 5):
                schedule = recipe("vanilla", max_tokens=canvas, block_length=block, steps=steps).schedule
                assert sum(schedule) == steps and min(schedule) >= 1


def test_steps_are_kept_over_unequal_blocks():
    made = recipe("vanilla", max_tokens=21, block_length=8, steps=8, stop="none")
    events = play(model_of([World(1)], 21), made)
    assert [len(step.commits) for step in steps_of(events)] == [2, 2, 2, 2, 3, 3, 2, 5]


# Classifier-free guidance


def test_guidance_pushes_away_from_the_branch_without_a_prompt():
    told = torch.tensor([0.2 * at for at in range(VOCABULARY)])
    blind = torch.tensor([0.1 * (at % 7) for at in range(VOCABULARY)])
    seen = []

    def rule(query):
        seen.append(query)
        knows = (query.tokens[:, :2] != MASK).all(dim=1).reshape(-1, 1, 1)
        return torch.where(knows, told, blind).expand(*query.wanted.shape, VOCABULARY)

    scale = 1.5
    events = play(
        Fake(rule), recipe("topk", {"k": 3}, max_tokens=3, block_length=3, cfg_scale=scale, stop="none"), [(1, 2), (3,)]
    )
    mixed = blind + (scale + 1) * (told - blind)
    expected = torch.softmax(mixed, dim=0)
    choice = max((at for at in range(VOCABULARY) if at != MASK), key=lambda at: mixed[at])
    for row in (0, 1):
        commit = steps_of(events, row)[0].commits[0]
        assert (commit.token, commit.confidence) == (choice, pytest.approx(float(expected[choice])))
        assert end_of(events, row).forwards.total == 1
        assert end_of(events, row).forwards.positions == 2 * 5
    assert seen[0].tokens.shape[0] == 4
    assert (seen[0].tokens[2:, :2] == MASK).all()
    assert torch.equal(seen[0].visible[:2], seen[0].visible[2:])


# Errors


def test_a_prompt_too_long_is_told_with_its_numbers():
    made = recipe("vanilla", max_tokens=100, block_length=32)
    fits = (1,) * (SPEC.max_length - 100)
    next(decode(Fake(flat), [fits], made))
    with pytest.raises(UsageError, match=r"501 tokens.*100.*600"):
        next(decode(Fake(flat), [(1,), (*fits, 1)], made))


def test_too_few_steps_are_refused():
    with pytest.raises(UsageError, match="2 blocks"):
        recipe("vanilla", max_tokens=16, block_length=8, steps=1)


def test_a_canvas_of_any_length_is_judged_without_listing_its_blocks():
    assert build(Settings(max_tokens=2**60), "dico").settings.max_tokens == 2**60


def test_parts_nobody_has_are_refused():
    with pytest.raises(UsageError):
        build(Settings(cache="nonne"), "vanilla")
    with pytest.raises(PresetError):
        build(Settings(), "topk", {"k": 0})


def test_no_memory_is_a_device_error():
    def rule(query):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(DeviceError, match="2 rows of 9 columns"):
        play(Fake(rule), recipe("vanilla", max_tokens=8, block_length=8), [(1,), (2,)])


def test_starts_come_before_the_first_forward():
    model = Fake(flat)
    events = decode(model, [(1, 2), (3,)], recipe("vanilla", max_tokens=4, block_length=4))
    assert [next(events), next(events)] == [Started(0, (1, 2), 4, MASK), Started(1, (3,), 4, MASK)]
    assert model.queries == []


def test_a_decoding_may_be_left_at_any_event():
    events = decode(Fake(flat), [(1,)], recipe("vanilla", max_tokens=4, block_length=4), watch=Watch(steps=True))
    next(events), next(events)
    events.close()


def test_prompts_given_are_not_touched():
    prompt = [1, 2, 3]
    play(Fake(flat), recipe("vanilla", max_tokens=4, block_length=4), [prompt])
    assert prompt == [1, 2, 3]
