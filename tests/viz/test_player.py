"""Replays: any scene at once, and what keys do."""

import pytest

from dlldecode.viz.player import KEYS, Position, next_revocation, play, pressed, state
from dlldecode.viz.reel import EVERY, Reel
from dlldecode.viz.scene import scenes

from .pictures import recorded


@pytest.fixture
def reels():
    return [Reel(recorded("dico")), Reel(recorded("revoked"))]


def test_any_scene_in_any_order(monkeypatch):
    monkeypatch.setattr("dlldecode.viz.reel.EVERY", 4)
    found = recorded("dico")
    whole, reel = list(scenes(found.header, found.bytes, found.steps)), Reel(found)
    assert len(reel) == len(whole) - 1
    for number in (0, 31, 3, 4, 5, 30, 1, 17, 16, 31, 99, 0):
        assert reel.at(number) == whole[min(number, 31)]
    assert EVERY > 4


def test_keys_move_a_replay(reels):
    now = Position(at=3)
    assert pressed(now, None, reels).at == 4
    assert pressed(now, "right", reels)[:3] == (4, 8.0, True)
    assert pressed(now, "left", reels).at == 2 and pressed(Position(), "left", reels).at == 0
    assert pressed(now, "home", reels).at == 0 and pressed(now, "end", reels).at == 31
    assert pressed(now, "faster", reels).speed == 16 and pressed(now, "slower", reels).speed == 4
    assert pressed(now._replace(speed=64), "faster", reels).speed == 64
    assert (
        pressed(now, "pause", reels).is_paused and not pressed(pressed(now, "pause", reels), "pause", reels).is_paused
    )
    assert pressed(now, "quit", reels).is_over
    assert pressed(now._replace(is_paused=True), None, reels).at == 3
    assert pressed(Position(at=31), None, reels).at == 31
    assert pressed(Position(at=31, is_paused=True), "pause", reels)[:3] == (0, 8.0, False)
    assert pressed(now, "unknown", reels) == now


def test_revocations_are_found(reels):
    assert [next_revocation(at, reels) for at in (0, 7, 8, 11, 12, 31)] == [8, 8, 12, 12, 12, 31]


def test_a_whole_replay(reels):
    keys = iter([None, None, "pause", "left", "revocation", "end", "quit"])
    seen = []

    class Hand:
        def key(self, seconds):
            waits.append(seconds)
            return next(keys)

    waits = []
    play(reels, lambda scenes, note: seen.append((scenes[0].step and scenes[0].step.step, note.state)), Hand(), 4.0)
    assert [step for step, _ in seen] == [None, 0, 1, 1, 0, 7, 30]
    assert waits[:3] == [0.25, 0.25, 0.25] and waits[3] > 60
    assert seen[3][1].startswith("paused") and seen[-1][1].startswith("end") and seen[0][1].startswith("4/s")


def test_every_key_means_something(reels):
    for name in set(KEYS.values()):
        assert pressed(Position(at=5), name, reels) != Position(at=5), name
    assert (state(Position(), 3), state(Position(3), 3)) == ("8/s", "end")
