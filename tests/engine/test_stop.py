"""Stop tokens: where a row ends, and what suppressing them does."""

import dataclasses
import math

import pytest
import torch

from dlldecode.core.step import Decision, Strategy, plain_notes

from ..fakes import END, MASK, TURN_END, VOCABULARY, Fake, Outlook, end_of, play, realise, recipe, steps_of


def script(tokens, confidences) -> Fake:
    """A model that expects these tokens with these confidences, whatever is written."""
    rows = [
        realise(Outlook(token, c, math.log(c / (1 - c) * 15))) for token, c in zip(tokens, confidences, strict=True)
    ]
    table = torch.tensor(rows)
    return Fake(lambda query: table[(query.wanted - (query.tokens.shape[1] - len(rows)))])


TOKENS = [1, 2, 3, END, 5, 6, 7, 8]
SURE = [0.5, 0.6, 0.55, 0.9, 0.4, 0.95, 0.3, 0.2]


@pytest.mark.parametrize("stop", [END, TURN_END])
def test_a_row_ends_when_everything_before_its_first_stop_is_written(stop):
    tokens = [*TOKENS[:3], stop, *TOKENS[4:]]
    events = play(script(tokens, SURE), recipe("vanilla", max_tokens=8, block_length=8, stop="first"))
    assert [[c.position for c in step.commits] for step in steps_of(events)] == [[5], [3], [1], [2], [0]]
    end = end_of(events)
    assert end.token_ids == (1, 2, 3, stop, MASK, 6, MASK, MASK)
    assert (end.effective, end.finish, end.steps) == (3, "stop", 5)


def test_later_blocks_are_not_opened_after_a_stop():
    events = play(script(TOKENS, SURE), recipe("vanilla", max_tokens=8, block_length=4, stop="first"))
    assert end_of(events).token_ids == (1, 2, 3, END, MASK, MASK, MASK, MASK)
    assert {step.block.first for step in steps_of(events)} == {0}


def test_without_stopping_the_whole_canvas_is_written():
    events = play(script(TOKENS, SURE), recipe("vanilla", max_tokens=8, block_length=4, stop="none"))
    end = end_of(events)
    assert end.token_ids == tuple(TOKENS)
    assert (end.effective, end.finish, end.steps) == (3, "stop", 8)


def test_no_stop_at_all_ends_at_the_canvas():
    events = play(script([1] * 8, SURE), recipe("vanilla", max_tokens=8, block_length=4))
    assert (end_of(events).effective, end_of(events).finish) == (8, "length")


def test_a_stop_at_the_first_position_is_an_empty_answer():
    end = end_of(play(script([END] * 8, [0.9, *[0.5] * 7]), recipe("vanilla", max_tokens=8, block_length=4)))
    assert (end.effective, end.finish, end.steps) == (0, "stop", 1)


def test_a_second_stop_before_the_first_one_ends_earlier():
    tokens = [1, END, 3, END]
    events = play(script(tokens, [0.3, 0.8, 0.5, 0.9]), recipe("vanilla", max_tokens=4, block_length=4))
    assert end_of(events).token_ids == (1, END, MASK, END)
    assert end_of(events).effective == 1


@dataclasses.dataclass(frozen=True)
class SecondThoughts(Strategy[tuple[()]]):
    """Writes places 3 and 5 at once, takes 3 back in the second step, and goes on from the left."""

    def init(self, masked, vocabulary):
        return ()

    def step(self, view, state):
        place, step = view.position, view.step.unsqueeze(1)
        left = view.masked & (view.masked.cumsum(dim=1) == 1)
        early = view.masked & ((place == 3) | (place == 5))
        revoke = (step == 1) & (place == 3)
        return Decision(
            torch.where(step == 0, early, left), revoke, view.proposal, view.confidence, plain_notes(view)
        ), state


def test_positions_return_when_their_stop_is_taken_back():
    made = dataclasses.replace(recipe("vanilla", max_tokens=8, block_length=8), strategy=SecondThoughts())
    changing = script(TOKENS, SURE)
    calm = script([1, 2, 3, 4, 5, 6, 7, 8], SURE)
    both = Fake(lambda query: (changing if (query.tokens == END).any() or not both.queries[1:] else calm).rule(query))
    events = play(both, made)
    steps = steps_of(events)
    assert [region.last for region in steps[1].regions] == [3], "places 4, 6 and 7 wait behind the stop"
    assert steps[1].revocations == (3,)
    assert [tuple(region) for region in steps[2].regions] == [(1, 4), (6, 7)]
    end = end_of(events)
    assert end.token_ids == (1, 2, 3, 4, 5, 6, 7, 8)
    assert (end.effective, end.finish, end.remasked) == (8, "length", 1)


# LLaDA's two ways to suppress stop tokens


def fixed(numbers) -> Fake:
    row = torch.tensor(numbers)
    return Fake(lambda query: row.expand(*query.wanted.shape, VOCABULARY))


LOGITS = [0.1 * at for at in range(VOCABULARY)]
LOGITS[END], LOGITS[TURN_END], LOGITS[4] = 3.0, 2.0, 2.5


def first_commit(**settings):
    made = recipe("vanilla", max_tokens=1, block_length=1, **settings)
    return steps_of(play(fixed(LOGITS), made))[0].commits[0]


def softmax(without=()) -> list[float]:
    parts = [0.0 if token in without else math.exp(logit) for token, logit in enumerate(LOGITS)]
    return [part / sum(parts) for part in parts]


def test_off_leaves_stop_tokens_alone():
    commit = first_commit()
    assert (commit.token, commit.confidence) == (END, pytest.approx(softmax()[END]))


def test_logits_forbids_end_of_text_alone():
    commit = first_commit(suppress_stop="logits")
    assert (commit.token, commit.confidence) == (4, pytest.approx(softmax(without=[END])[4]))


def test_confidence_writes_stops_last_and_shares_their_probability():
    commit = first_commit(suppress_stop="confidence")
    assert (commit.token, commit.confidence) == (END, 0.0)
    LOGITS_4 = fixed([*LOGITS[:4], 5.0, *LOGITS[5:]])
    made = recipe("vanilla", max_tokens=1, block_length=1, suppress_stop="confidence")
    commit = steps_of(play(LOGITS_4, made))[0].commits[0]
    parts = sum(math.exp(x) for at, x in enumerate(LOGITS) if at not in (4, END, TURN_END)) + math.exp(5.0)
    assert (commit.token, commit.confidence) == (4, pytest.approx(math.exp(5.0) / parts))


def test_confidence_writes_stops_after_everything_else():
    tokens = [END, 2, TURN_END, 4]
    model = script(tokens, [0.9, 0.2, 0.9, 0.3])
    made = recipe("vanilla", max_tokens=4, block_length=4, suppress_stop="confidence", stop="none")
    order = [step.commits[0].position for step in steps_of(play(model, made))]
    assert order == [3, 1, 0, 2]


def test_with_a_temperature_only_the_turns_end_loses_its_confidence():
    made = recipe(
        "topk", {"k": 64}, max_tokens=64, block_length=64, suppress_stop="confidence", temperature=0.9, stop="none"
    )
    chances = {commit.token: commit.confidence for commit in steps_of(play(fixed(LOGITS), made))[0].commits}
    expected = softmax(without=[TURN_END])
    assert {END, TURN_END, 4} <= set(chances)
    assert chances == {token: pytest.approx(expected[token]) for token in chances}


def test_random_remasking_does_not_care():
    settings = {"max_tokens": 8, "block_length": 8, "stop": "none"}
    runs = [
        [
            step.commits[0].position
            for step in steps_of(
                play(script(TOKENS, SURE), recipe("vanilla", {"remasking": "random"}, suppress_stop=way, **settings))
            )
        ]
        for way in ("off", "confidence")
    ]
    assert runs[0] == runs[1]
