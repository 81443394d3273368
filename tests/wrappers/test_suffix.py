"""Which places a suffix window shows, and what of the others reaches the model."""

from collections import Counter

import pytest
import torch

from dlldecode.engine.loop import Watch, decode
from dlldecode.wrappers.suffix import Suffix

from ..contract.test_caches import PROMPTS
from ..contract.test_engine import smooth
from ..contract.test_wrappers import counted, ends_of, made, told
from ..fakes import Fake, play


def drawn(suffix, ends, noise=None, canvas=10) -> list[str]:
    """`o` in sight, `.` hidden."""
    place = torch.arange(canvas).expand(len(ends), -1)
    noise = None if noise is None else torch.tensor(noise)
    shown = suffix.shown(place, torch.tensor(ends), canvas, noise)
    return ["".join("o" if seen else "." for seen in row) for row in shown.tolist()]


def test_the_near_ones_and_the_last_one_are_in_sight():
    assert drawn(Suffix(near=2), [3, 6, 8, 10]) == ["ooooo....o", "oooooooo.o", "o" * 10, "o" * 10]
    assert drawn(Suffix(near=2, last=False), [3, 6]) == ["ooooo.....", "oooooooo.."]
    assert drawn(Suffix(near=0), [4]) == ["oooo.....o"]


def test_the_chance_of_the_others_falls_with_distance():
    """With a decay of 2 it is exp(-1/2) = 0.61 for the first one, then 0.37, 0.22, 0.14, 0.08, 0.05."""
    suffix = Suffix(near=1, last=False, decay=2.0)
    assert drawn(suffix, [3], [[0.0] * 10]) == ["o" * 10]
    assert drawn(suffix, [3], [[0.999] * 10]) == ["oooo......"]
    assert drawn(suffix, [3], [[0.3] * 10]) == ["oooooo...."]
    assert drawn(suffix, [3], [[0.9, 0.9, 0.9, 0.9, 0.6, 0.4, 0.2, 0.2, 0.08, 0.04]]) == ["ooooo.o.oo"]
    assert drawn(Suffix(near=1, decay=2.0), [3], [[0.999] * 10]) == ["oooo.....o"]


# In a decoding

LONG = {"strategy": ("topk", {"k": 4}), "max_tokens": 72, "block_length": 8}


def wrapped(cache="none", **options):
    return made("suffix", parts={"wrap_options.suffix": options}, cache=cache, **LONG)


@pytest.mark.parametrize("cache", ["none", "prefix"])
def test_a_window_as_wide_as_the_canvas_is_none(cache):
    bare = ends_of(told(made(cache=cache, **LONG)))
    assert [(end.token_ids, end.forwards) for end in ends_of(told(wrapped(cache, near=72)))] == [
        (end.token_ids, end.forwards) for end in bare
    ]


@pytest.mark.parametrize("last", [True, False])
def test_what_is_hidden_is_not_computed_and_nothing_is_lost_by_that(last):
    """A distance so short that nobody is ever drawn hides the same places, but computes them."""
    cut, whole = (ends_of(told(wrapped(near=5, last=last, decay=decay))) for decay in (0.0, 1e-9))
    assert [end.token_ids for end in cut] == [end.token_ids for end in whole]
    assert [end.forwards.total for end in cut] == [end.forwards.total for end in whole]
    width = max(map(len, PROMPTS)) + 72
    for one, other in zip(cut, whole, strict=True):
        assert other.forwards.positions == other.forwards.total * width
        assert one.forwards.positions < 0.8 * other.forwards.positions
    assert counted(told(wrapped(near=5, last=not last)))[0][0] != cut[0].token_ids


def test_a_row_that_ended_unnoticed_disturbs_nobody():
    """Its window lies at the end of the canvas, which forwards no longer compute."""
    recipe = made("suffix", parts={"wrap_options.suffix": {"near": 0}}, **LONG, stop="first")
    ends = {}
    for lag in (0, 3):
        model = Fake(smooth)
        ends[lag] = ends_of(decode(model, PROMPTS, recipe, watch=Watch(lag=lag)))
        assert all(int(query.wanted.max()) < query.tokens.shape[1] for query in model.queries)
    assert min(end.effective for end in ends[0]) < 24
    assert [end.token_ids for end in ends[0]] == [end.token_ids for end in ends[3]]


def seen_by(model: Fake, prompt: int) -> list[list[int]]:
    """The places of the canvas that the first row's queries showed."""
    found = []
    for query in model.queries:
        places = query.position[0] - prompt
        found.append(sorted({int(at) for at, seen in zip(places, query.visible[0], strict=True) if seen and at >= 0}))
    return found


def test_far_masks_do_not_reach_the_model():
    model = Fake(smooth)
    play(model, made("suffix", parts={"wrap_options.suffix": {"near": 3}}, **LONG), [(1, 2)])
    ends = [min(end, 72) for end in range(8, 80, 8) for _ in range(2)]
    assert seen_by(model, 2) == [sorted({*range(min(end + 3, 72)), 71}) for end in ends]
    sizes = Counter(query.tokens.shape[1] for query in model.queries)
    assert set(sizes) == {33, 65, 74}, "whole buckets and the last column"


def test_sight_changes_only_when_the_window_moves():
    model = Fake(smooth)
    options = {"wrap_options.suffix": {"near": 3, "decay": 8.0}}
    play(model, made("suffix", parts=options, **LONG), [(1, 2)])
    seen = seen_by(model, 2)
    assert all(seen[at] == seen[at + 1] for at in range(0, len(seen), 2))
    beyond = [at for at in seen[0] if at >= 11]
    assert 71 in beyond and 3 < len(beyond) < 40 and beyond != list(range(11, 11 + len(beyond)))
