"""Scenes: a fold over the steps that ends where the decoding ended."""

import math
from collections import Counter

import pytest

from dlldecode.trace.events import Commit, Interval, Stepped
from dlldecode.trace.lines import Header
from dlldecode.viz.scene import Cell, Mark, after, letter, marks, opening, scenes

from ..trace.runs import RUNS, revokes, run_of

STOP, MASK = 9, 0
HEADER = Header("Hi", (1,), 8, MASK, (STOP,), 4, "toy", "threshold", "threshold", 0, {}, {"threshold": 0.8})


def step(number, *commits, back=(), block=(0, 3), regions=(), anchors=(), clusters=()) -> Stepped:
    """A step from `(position, token, confidence, kind)`, of which the last two may be left out."""
    whole = ((*commit, *(0.9, "plain")[len(commit) - 2 :]) for commit in commits)
    written = tuple(Commit(at, token, confidence, kind, confidence) for at, token, confidence, kind in whole)
    spans = (tuple(Interval(*span) for span in found) for found in (regions, clusters))
    inner, local = spans
    return Stepped(
        0, number, number + 1, Interval(*block), "none", written, tuple(back), inner, tuple(anchors), local, number / 2
    )


def last(*steps, header=HEADER):
    *_, scene = scenes(header, {}, steps)
    return scene


def tokens(scene):
    return tuple(MASK if cell is None else cell.token for cell in scene.cells)


def test_before_the_first_step():
    scene = opening(HEADER, {})
    assert scene.cells == (None,) * 8 and scene.written == scene.forwards == scene.rate == scene.seconds == 0
    assert scene.block == Interval(0, 3) and scene.end == 8 and not scene.anchors
    assert [(region.letter, region.span, region.written) for region in scene.regions] == [("A", Interval(0, 3), 0)]
    assert marks(scene) == (Mark.OPEN,) * 4 + (Mark.CLOSED,) * 4


def test_a_block_longer_than_the_canvas():
    header = Header("Hi", (1,), 3, MASK, (STOP,), 99, "toy", "threshold", "threshold", 0, {}, {})
    assert opening(header, {}).block == Interval(0, 2)


def test_windows_are_counted_where_they_begin():
    """One that grows at its end stays the same, and so does its trail."""
    steps = [step(0, block=(0, 3)), step(1, block=(0, 5)), step(2, block=(4, 7)), step(3, block=(4, 7))]
    found = list(scenes(HEADER, {}, steps))
    assert [scene.opened for scene in found] == [0, 1, 1, 2, 2]
    assert [len(scene.trail) for scene in found] == [0, 0, 1, 0, 1]


def test_written_revoked_and_rewritten_in_place():
    first = step(0, (0, 5), (2, 6, 0.4, "best"))
    scene = last(first)
    assert tokens(scene) == (5, 0, 6, 0, 0, 0, 0, 0) and scene.cells[2] == Cell(6, 0.4, "best", 0)
    scene = after(scene, step(1, (0, 7), back=(2,)))
    assert tokens(scene) == (7, 0, 0, 0, 0, 0, 0, 0) and scene.cells[0].step == 1
    assert scene.revoked == {2: Cell(6, 0.4, "best", 0)} and marks(scene)[2] is Mark.REVOKED
    scene = after(scene, step(2, (2, 8)))
    assert not scene.revoked and scene.pace == (2, 1, 1) and scene.losses == (0, 1, 0)
    assert scene.written == 2 and scene.forwards == 3 and scene.seconds == 1.0
    assert tokens(last(first)) == (5, 0, 6, 0, 0, 0, 0, 0), "earlier scenes stay what they were"


def test_the_text_ends_at_the_first_written_stop_token():
    early, late = step(0, (5, STOP), (0, 1)), step(1, (3, STOP))
    assert last(early).end == 5 and last(early, late).end == 3
    assert last(early, late).rate == 1 / 2
    assert last(early, step(1, back=(5,))).end == 8


def test_regions_have_letters_and_fill():
    scene = last(step(0, (1, 5)), step(1, (2, 5), regions=[(0, 0), (2, 3)]))
    assert [(each.letter, each.span, each.written) for each in scene.regions] == [
        ("A", Interval(0, 0), 0),
        ("B", Interval(2, 3), 1),
    ]
    letters = [letter(number) for number in range(60)]
    assert len(set(letters[:52])) == 52 and set(letters[52:]) == {"+"} and "".join(letters).isascii()


def test_every_mark_can_be_seen():
    scene = last(
        step(0, (0, 5), (1, 5, 0.3), (2, 5), (4, 5), (6, 5), block=(0, 6)),
        step(1, (3, 5), back=(4,), block=(0, 6), anchors=(2,), clusters=[(6, 6)]),
    )
    found = marks(scene)
    assert found == (
        Mark.SETTLED, Mark.UNSURE, Mark.ANCHOR, Mark.FRESH, Mark.REVOKED, Mark.OPEN, Mark.CLUSTER, Mark.CLOSED,
    )  # fmt: skip
    assert set(found) == set(Mark)


def test_seeds_stay_anchors_while_their_block_is_open():
    """Later steps of DiCo name new seeds only."""
    seed = step(0, (1, 5, 0.9, "seed"), anchors=(1,))
    assert marks(last(seed))[1] is Mark.FRESH
    assert marks(last(seed, step(1, (3, 5))))[1] is Mark.ANCHOR
    assert marks(last(seed, step(1, (4, 5), block=(4, 7))))[1] is Mark.SETTLED
    assert last(seed, step(1, back=(1,), anchors=(1,))).anchors == frozenset()


@pytest.mark.parametrize(
    ("options", "bar"),
    [
        ({"threshold": 0.7}, 0.7), ({"tau_sure": 0.6, "threshold": 0.1}, 0.6), ({"tau_sure": 1}, 1.0), ({}, 0.9),
        ({"threshold": None, "high": "much"}, 0.9), ({"threshold": True}, 0.9), ({"threshold": 10**400}, 0.9),
    ],
)  # fmt: skip
def test_the_bar_is_the_strategys_own(options, bar):
    header = Header("Hi", (1,), 8, MASK, (STOP,), 4, "toy", "any", "any", 0, {}, options)
    scene = last(step(0, (0, 5, bar), (1, 5, math.nextafter(bar, 0)), (2, 5, -math.inf)), step(1), header=header)
    assert scene.bar == bar
    assert marks(scene)[:3] == (Mark.SETTLED, Mark.UNSURE, Mark.UNSURE)


@pytest.mark.parametrize("chosen", RUNS, ids=lambda chosen: f"{chosen[0]}{'' if not chosen[1] else ' remask'}")
def test_the_last_scene_is_the_answer(chosen):
    run = run_of(*chosen)
    found = list(scenes(run.header, {}, run.steps))
    final, end = found[-1], run.finished
    mask = run.header.mask_id
    assert tuple(mask if cell is None else cell.token for cell in final.cells) == end.token_ids
    assert len(found) == len(run.steps) + 1 and final.end == end.effective
    assert final.forwards == end.forwards.total and final.rate == pytest.approx(end.effective / end.forwards.total)
    assert final.lost == end.remasked and (end.remasked > 0) == revokes(chosen)
    for scene in found[1:]:
        shown = marks(scene)
        count = Counter(shown)
        assert len(shown) == len(scene.cells)
        assert count[Mark.FRESH] == scene.pace[-1] and count[Mark.REVOKED] == scene.losses[-1]
        masked = count[Mark.CLOSED] + count[Mark.OPEN] + count[Mark.REVOKED]
        assert masked == len(scene.cells) - scene.written
