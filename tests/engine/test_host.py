"""What the host orders from what it has read so far."""

from dlldecode.engine.host import Knowledge, Order
from dlldecode.engine.observe import Status


def read(known, *rows):
    """Take in a step: for each row `done`, `due`, where its window opens."""
    return known.learn([Status(*row) for row in rows])


def test_without_a_cache_everything_is_opened_every_time():
    known = Knowledge(2, False, 8)
    assert known.order() == Order([0, 1], True, False, 0, 8)
    known.launched(known.order())
    read(known, (False, True, 0), (False, True, 8))
    assert known.order() == Order([0, 1], True, False, 0, 16)
    known.launched(known.order())
    assert read(known, (True, True, 32), (False, True, 8)) == [0]
    assert known.order() == Order([1], True, False, 8, 16), "rows that have ended are left out"


def test_windows_that_are_due_are_opened_first():
    known = Knowledge(2, True, 8)
    assert known.order() == Order([0, 1], True, True, 0, 8)
    known.launched(known.order())
    read(known, (False, False, 0), (False, False, 0))
    assert known.order() == Order([0, 1], False, False, 0, 8)
    known.launched(known.order())
    read(known, (False, False, 0), (False, True, 8))
    assert known.order() == Order([1], True, False, 0, 16)


def test_every_forward_on_its_way_may_have_moved_a_window_by_its_width():
    known = Knowledge(1, True, 8)
    ends = []
    for _ in range(3):
        ends.append(known.order().end)
        known.launched(known.order())
    assert ends == [8, 16, 24]
    read(known, (False, True, 8))
    assert (known.order().start, known.order().end) == (8, 8 + 3 * 8)


def test_a_new_row_begins_at_the_start():
    known = Knowledge(2, True, 8)
    known.launched(known.order())
    read(known, (True, False, 40), (False, False, 8))
    known.seat(0)
    assert known.order() == Order([0], True, True, 0, 16)
    known.launched(known.order())
    assert known.order() == Order([0, 1], False, False, 0, 24)
