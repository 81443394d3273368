"""Steps that live in fixed memory, as captured graphs do; here a replay calls the step again."""

import pytest
import torch

from dlldecode import caches
from dlldecode.engine import graphs
from dlldecode.engine.board import seat
from dlldecode.engine.graphs import Captured, bucket, leaves, own, update
from dlldecode.engine.loop import Watch, decode
from dlldecode.engine.windows import Spell

from ..fakes import Fake, recipe
from ..small import network


class Again(Captured):
    """Captures by remembering what to call; counts how often."""

    recorded = 0

    def capture(self, take_step):
        type(self).recorded += 1
        return take_step


@pytest.fixture
def again(monkeypatch):
    monkeypatch.setattr(graphs, "Captured", Again)
    monkeypatch.setattr(graphs, "compiled", lambda: graphs.PLAIN)
    monkeypatch.setattr(Again, "recorded", 0)
    return Again


@pytest.fixture
def small():
    return network(shifted=False)


PROMPTS = [[5, 6, 7], [8, 9], [10, 11, 12, 13], [14]]


def texts(events):
    return {event.index: event.token_ids for event in events if hasattr(event, "token_ids")}


@pytest.mark.parametrize("cache", caches.available())
@pytest.mark.parametrize("strategy", ["threshold", "dico"])
def test_steps_in_fixed_memory_are_the_same_steps(small, again, cache, strategy):
    made = recipe(strategy, max_tokens=24, block_length=8, cache=cache, stop="none")
    expected = texts(decode(small, PROMPTS, made))
    assert texts(decode(small, PROMPTS, made, watch=Watch(capture=True))) == expected
    recorded = again.recorded
    assert recorded > 0
    # The next batch of that geometry takes over memory and graphs.
    assert texts(decode(small, PROMPTS[::-1], made, watch=Watch(capture=True))) == {
        3 - k: v for k, v in expected.items()
    }
    assert again.recorded <= recorded + 4


@pytest.mark.parametrize("cache", ["none", "prefix", "dual"])
@pytest.mark.parametrize("window", ["adablock", "multiblock"])
def test_windows_of_any_length_move_in_fixed_memory(small, again, window, cache):
    made = recipe("threshold", max_tokens=24, block_length=8, cache=cache, window=window, stop="none")
    made = made.spelled(Spell(lambda text: [7], 12))
    expected = texts(decode(small, PROMPTS, made))
    assert texts(decode(small, PROMPTS, made, watch=Watch(capture=True))) == expected
    assert again.recorded > 0


@pytest.mark.parametrize("cache", ["none", "dual"])
@pytest.mark.parametrize(
    "wrap", [("verify",), ("suffix",), ("smoothing",), ("early_exit", "suffix", "verify")], ids=repr
)
def test_wrappers_in_fixed_memory(again, wrap, cache):
    """Forwards of several widths, and steps that follow on the forward of another one."""
    parts = {"wrap_options.suffix": {"near": 0}}
    made = recipe("topk", {"k": 4}, parts, max_tokens=40, block_length=8, cache=cache, stop="none", wrap=wrap)
    expected = told(decode(network(False), PROMPTS, made))
    assert told(decode(network(False), PROMPTS, made, watch=Watch(capture=True, lag=2))) == expected
    assert again.recorded > 0


def told(events):
    return {
        event.index: (event.token_ids, event.steps, event.forwards.total)
        for event in events
        if hasattr(event, "token_ids")
    }


def test_rows_that_open_alone_come_in_few_sizes():
    assert bucket([0, 1, 2, 3], 4) == []
    assert bucket([2], 4) == [2]
    assert bucket([0, 2, 3], 8) == [0, 2, 3, 0]
    assert bucket([1, 2, 3, 4, 6], 6) == [1, 2, 3, 4, 6, 1]


def test_own_memory_for_every_field():
    _, board = seat(Fake(lambda query: None), PROMPTS, recipe("dico", max_tokens=8, block_length=4), [0] * 4)
    mine = own(board)
    places = [tensor.data_ptr() for tensor in leaves(mine)]
    assert len(set(places)) == len(places)
    update(mine, own(board._replace(step=board.step + 3)))
    assert mine.step.tolist() == [3] * 4 and torch.equal(mine.canvas, board.canvas)
    assert [tensor.data_ptr() for tensor in leaves(mine)] == places


def test_few_geometries_stay_in_memory(small, again):
    made = recipe("threshold", max_tokens=8, block_length=8)
    for count in range(1, graphs.MOST_KEPT + 3):
        list(decode(small, [[5]] * count, made, watch=Watch(capture=True)))
    assert len(graphs._KEPT[small]) == graphs.MOST_KEPT
