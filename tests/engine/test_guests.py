"""Rows that end make room for the next prompt, and nobody's answer depends on who sat there before."""

import pytest

from dlldecode import caches
from dlldecode.engine import graphs
from dlldecode.engine.guests import Guest
from dlldecode.engine.loop import Watch, decode, serve
from dlldecode.trace.events import Finished, Started

from ..fakes import recipe
from ..small import network
from .test_graphs import Again

PROMPTS = [[5, 6, 7, 8], [9, 10, 11], [12], [13, 14, 15], [16, 17, 18, 19, 20, 21], [22, 23], [24, 25, 26]]


class Door:
    """Prompts of which only some are there yet; counts how often it was waited at."""

    def __init__(self, prompts, there=100):
        self.guests = [Guest(index, prompt, index) for index, prompt in enumerate(prompts)]
        self.there, self.waits = there, 0

    def wait(self):
        self.waits += 1
        self.there = max(self.there, 1)
        return self.look()

    def look(self):
        if not self.guests or not self.there:
            return None
        self.there -= 1
        return self.guests.pop(0)


@pytest.fixture
def small():
    return network(shifted=False)


def alone(model, made):
    """Each prompt by itself."""
    found = {}
    for index, prompt in enumerate(PROMPTS):
        (end,) = (event for event in decode(model, [prompt], made, keys=[index]) if isinstance(event, Finished))
        found[index] = (end.token_ids, end.steps, end.forwards.full, end.forwards.window)
    return found


def together(model, made, door, rows, watch):
    events = list(serve(model, door, made, rows, watch))
    ends = [event for event in events if isinstance(event, Finished)]
    assert sorted(end.index for end in ends) == list(range(len(PROMPTS)))
    begun = set()
    for event in events:
        if isinstance(event, Started):
            begun.add(event.index)
        else:
            assert event.index in begun and event.seconds >= 0
    return {end.index: (end.token_ids, end.steps, end.forwards.full, end.forwards.window) for end in ends}


@pytest.mark.parametrize("cache", caches.available())
@pytest.mark.parametrize("strategy", ["threshold", "dico"])
def test_answers_are_those_of_each_prompt_alone(small, strategy, cache):
    made = recipe(strategy, max_tokens=12, block_length=6, cache=cache)
    expected = alone(small, made)
    for rows, watch in ((2, Watch()), (3, Watch(steps=True)), (3, Watch(lag=2)), (20, Watch())):
        assert together(small, made, Door(PROMPTS), rows, watch) == expected, (rows, watch)


def test_in_fixed_memory_too(small, monkeypatch):
    monkeypatch.setattr(graphs, "Captured", Again)
    monkeypatch.setattr(graphs, "compiled", lambda: graphs.PLAIN)
    made = recipe("threshold", max_tokens=16, block_length=8, cache="dual")
    found = together(small, made, Door(PROMPTS), 3, Watch(capture=True))
    assert {index: end[0] for index, end in found.items()} == {k: v[0] for k, v in alone(small, made).items()}


def test_nobody_is_waited_for_while_others_are_decoded(small):
    """Three of seven prompts are there; those in the rows end before anybody waits for a fourth."""
    made, door = recipe("threshold", max_tokens=16, block_length=8), Door(PROMPTS, there=3)
    ended = 0
    for event in serve(small, door, made, 2, Watch()):
        ended += isinstance(event, Finished)
        if door.waits > 2:
            assert ended >= 2
    assert ended == len(PROMPTS)


def test_forwards_leave_out_the_rows_that_have_ended(small):
    """The last prompts' rows go on alone: the columns computed are their own."""
    made = recipe("topk", {"k": 4}, max_tokens=16, block_length=8, stop="none")
    ends = [e for e in serve(small, Door(PROMPTS[:3]), made, 2, Watch()) if isinstance(e, Finished)]
    assert [end.forwards.idle for end in ends] == [0, 0, 0]
