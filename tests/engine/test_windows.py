"""Where windows stand and how they move, drawn by hand."""

import torch

from dlldecode.engine.windows import Extent, Window
from dlldecode.engine.windows.fixed import Fixed

EXTENT = Extent(canvas=10, block=4)


def window_of(pairs) -> Window:
    return Window(*(torch.tensor(column) for column in zip(*pairs, strict=True)))


def pairs_of(window) -> list[tuple[int, int]]:
    return list(zip(window.start.tolist(), window.end.tolist(), strict=True))


def moved(rule, window, pending, extent=EXTENT):
    return pairs_of(rule.move(window_of(window), torch.tensor(pending, dtype=torch.bool), extent))


def test_windows_stay_move_on_or_close():
    nothing, middle, late, last = [0] * 10, [0, 0, 1] + [0] * 7, [0] * 6 + [1] * 4, [0] * 9 + [1]
    assert moved(Fixed(), [(0, 4)] * 3, [middle, late, nothing]) == [(0, 4), (4, 8), (10, 10)]
    assert moved(Fixed(), [(4, 8)] * 3, [late, last, nothing]) == [(4, 8), (8, 10), (10, 10)]
    assert moved(Fixed(), [(8, 10), (10, 10)], [nothing, nothing]) == [(10, 10), (10, 10)]


def test_the_places_of_a_window_stay_inside_the_canvas():
    window = Window(torch.tensor([0, 8, 10]), torch.tensor([4, 10, 10]))
    assert window.places(4, 10).tolist() == [[0, 1, 2, 3], [8, 9, 9, 9], [9, 9, 9, 9]]
    assert window.inside(4).tolist() == [[True] * 4, [True, True, False, False], [False] * 4]
    assert window.covers(torch.zeros(3, 10, dtype=torch.bool)).sum(dim=1).tolist() == [4, 2, 0]


def test_the_first_window_is_the_leftmost_block_or_the_canvas():
    zero = torch.zeros(2, dtype=torch.int64)
    assert pairs_of(Fixed().open(zero, EXTENT)) == [(0, 4)] * 2
    assert pairs_of(Fixed().open(zero, Extent(10, 64))) == [(0, 10)] * 2
    assert Fixed().width(Extent(10, 64)) == 10
