"""Fixed blocks: where windows stand and how they move."""

import torch

from dlldecode.engine.windows import FixedBlocks, Window

from ..views import random_view


def moved(window, pending):
    rule, rows = FixedBlocks(4), len(window)
    view = random_view(rows, 4, 0)
    start, end = (torch.tensor(column) for column in zip(*window, strict=True))
    after = rule.move(view, Window(start, end), torch.tensor(pending, dtype=torch.bool))
    return list(zip(after.start.tolist(), after.end.tolist(), strict=True))


def test_windows_stay_move_on_or_close():
    nothing, middle, late, last = [0] * 10, [0, 0, 1] + [0] * 7, [0] * 6 + [1] * 4, [0] * 9 + [1]
    assert moved([(0, 4)] * 3, [middle, late, nothing]) == [(0, 4), (4, 8), (10, 10)]
    assert moved([(4, 8)] * 3, [late, last, nothing]) == [(4, 8), (8, 10), (10, 10)]
    assert moved([(8, 10), (10, 10)], [nothing, nothing]) == [(10, 10), (10, 10)]


def test_the_places_of_a_window_stay_inside_the_canvas():
    window = Window(torch.tensor([0, 8, 10]), torch.tensor([4, 10, 10]))
    assert window.places(4, 10).tolist() == [[0, 1, 2, 3], [8, 9, 9, 9], [9, 9, 9, 9]]
    assert window.inside(4).tolist() == [[True] * 4, [True, True, False, False], [False] * 4]
    assert window.covers(torch.zeros(3, 10, dtype=torch.bool)).sum(dim=1).tolist() == [4, 2, 0]


def test_the_first_window_is_the_leftmost_block_or_the_canvas():
    assert [tensor.tolist() for tensor in FixedBlocks(4).first(2, 10, "cpu")] == [[0, 0], [4, 4]]
    assert [tensor.tolist() for tensor in FixedBlocks(64).first(1, 10, "cpu")] == [[0], [10]]
    assert FixedBlocks(64).width(10) == 10
