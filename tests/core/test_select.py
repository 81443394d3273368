"""Every verb against plain Python, one row at a time, on random windows."""

import math
import random

import pytest
import torch

from dlldecode.core import select
from dlldecode.core.select import Bounds

NAN, INF = math.nan, math.inf
SCORES = {
    "free": lambda dice: dice.uniform(-1, 1),
    "tied": lambda dice: dice.choice([0.0, 0.5, 1.0]),
    "hostile": lambda dice: dice.choice([NAN, NAN, INF, -INF, 0.0, 0.5]),
    "nan": lambda dice: NAN,
}
CASES = [(seed, kind) for seed in range(8) for kind in SCORES]


class Draw:
    """Random rows of one width."""

    def __init__(self, seed: int, kind: str = "free"):
        self.dice = random.Random(f"{seed} {kind}")
        self.rows, self.width, self.kind = 9, self.dice.choice([1, 2, 5, 9, 16]), kind

    def masks(self):
        shares = [0.0, 1.0, *(self.dice.random() for _ in range(self.rows - 2))]
        return torch.tensor([[self.dice.random() < share for _ in range(self.width)] for share in shares])

    def scores(self):
        return torch.tensor([[SCORES[self.kind](self.dice) for _ in range(self.width)] for _ in range(self.rows)])

    def numbers(self, low: int, high: int):
        return torch.tensor([[self.dice.randint(low, high) for _ in range(self.width)] for _ in range(self.rows)])


def row_by_row(verb, *tensors):
    return [verb(*(tensor[row].tolist() for tensor in tensors)) for row in range(tensors[0].shape[0])]


def value(score: float) -> float:
    return -INF if math.isnan(score) else score


def order(score, among) -> list[int]:
    """Candidates, the best first, the leftmost of equals first."""
    return sorted((at for at, flag in enumerate(among) if flag), key=lambda at: (-value(score[at]), at))


def flags(places, width) -> list[bool]:
    return [at in set(places) for at in range(width)]


def run_list(mask) -> list[tuple[int, int]]:
    """First and last position of every run."""
    found, start = [], None
    for at, flag in enumerate([*mask, False]):
        if flag and start is None:
            start = at
        if not flag and start is not None:
            found.append((start, at - 1))
            start = None
    return found


@pytest.mark.parametrize(("seed", "kind"), CASES)
def test_best(seed, kind):
    draw = Draw(seed, kind)
    score, among = draw.scores(), draw.masks()
    expected = row_by_row(lambda s, m: flags(order(s, m)[:1], draw.width), score, among)
    assert select.best(score, among).tolist() == expected


@pytest.mark.parametrize("seed", range(8))
def test_first(seed):
    mask = Draw(seed).masks()
    expected = row_by_row(lambda m: flags([at for at, f in enumerate(m) if f][:1], len(m)), mask)
    assert select.first(mask).tolist() == expected


@pytest.mark.parametrize(("seed", "kind"), CASES)
def test_rank_and_top(seed, kind):
    draw = Draw(seed, kind)
    score, among = draw.scores(), draw.masks()
    count = torch.tensor([draw.dice.randint(-2, draw.width + 2) for _ in range(draw.rows)])
    place = select.rank(score, among).tolist()
    chosen = select.top(score, among, count).tolist()
    for row, ordered in enumerate(row_by_row(order, score, among)):
        assert [place[row][at] for at in ordered] == list(range(1, len(ordered) + 1))
        assert chosen[row] == flags(ordered[: max(0, count[row])], draw.width)


@pytest.mark.parametrize(("seed", "kind"), CASES)
def test_what_ranks_ahead(seed, kind):
    draw = Draw(seed, kind)
    score, among, amount = draw.scores(), draw.masks(), draw.numbers(-4, 4).float()
    total = select.total_ahead(amount, score, among).tolist()
    most = select.most_ahead(amount, score, among).tolist()
    for row, ordered in enumerate(row_by_row(order, score, among)):
        values = [amount[row, at].item() for at in ordered]
        assert [total[row][at] for at in ordered] == [sum(values[:n]) for n in range(len(values))]
        assert [most[row][at] for at in ordered] == [max(values[:n], default=-INF) for n in range(len(values))]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("radius", [0, 1, 3, 40])
def test_near(seed, radius):
    mask = Draw(seed).masks()
    expected = row_by_row(
        lambda m: [any(flag and abs(at - other) <= radius for other, flag in enumerate(m)) for at in range(len(m))],
        mask,
    )
    assert select.near(mask, radius).tolist() == expected


@pytest.mark.parametrize(("seed", "kind"), CASES)
def test_groups(seed, kind):
    draw = Draw(seed, kind)
    score, among, group = draw.scores(), draw.masks(), draw.numbers(-1, min(3, draw.width - 1))
    place = select.rank_in_group(score, among, group).tolist()
    best = select.best_per_group(score, among, group).tolist()
    count = select.count_in_group(among, group).tolist()
    for row in range(draw.rows):
        s, a, g = score[row].tolist(), among[row].tolist(), group[row].tolist()
        members = {n: order(s, [flag and own == n for flag, own in zip(a, g, strict=True)]) for n in set(g)}
        assert all(place[row][at] == turn for m in members.values() for turn, at in enumerate(m, 1))
        assert best[row] == flags([m[0] for n, m in members.items() if m and n >= 0], draw.width)
        assert count[row] == [len(members[n]) if n >= 0 else 0 for n in g]


@pytest.mark.parametrize(("seed", "kind"), CASES)
def test_best_per_run(seed, kind):
    draw = Draw(seed, kind)
    score, area = draw.scores(), draw.masks()
    leaders = row_by_row(
        lambda s, m: flags(
            [order(s, [a <= at <= b for at in range(len(m))])[0] for a, b in run_list(m)],
            len(m),
        ),
        score,
        area,
    )
    assert select.best_per_run(score, area).tolist() == leaders


@pytest.mark.parametrize("seed", range(8))
def test_runs_and_neighbours(seed):
    mask = Draw(seed).masks()
    number, count = select.runs(mask).tolist(), select.count_runs(mask).tolist()
    bounds = select.run_bounds(mask)
    for row, cells in enumerate(mask.tolist()):
        found = run_list(cells)
        width = len(cells)
        assert count[row] == len(found)
        assert number[row] == [next((n for n, (a, b) in enumerate(found) if a <= at <= b), -1) for at in range(width)]
        assert select.before(mask)[row].tolist() == [False, *cells[:-1]]
        assert select.after(mask)[row].tolist() == [*cells[1:], False]
        for a, b in found:
            assert bounds.first[row, a : b + 1].tolist() == [a] * (b + 1 - a)
            assert bounds.last[row, a : b + 1].tolist() == [b] * (b + 1 - a)


@pytest.mark.parametrize("seed", range(8))
def test_next_and_previous(seed):
    mask = Draw(seed).masks()
    for row, cells in enumerate(mask.tolist()):
        places = [at for at, flag in enumerate(cells) if flag]
        width = len(cells)
        assert select.next_true(mask)[row].tolist() == [
            min((p for p in places if p >= at), default=width) for at in range(width)
        ]
        assert select.previous_true(mask)[row].tolist() == [
            max((p for p in places if p <= at), default=-1) for at in range(width)
        ]


@pytest.mark.parametrize("seed", range(16))
def test_paint_and_trim(seed):
    draw = Draw(seed)
    bounds = Bounds(draw.numbers(0, draw.width - 1), draw.numbers(0, draw.width - 1))
    at, keep = draw.masks(), draw.masks()
    painted, trimmed = select.paint(bounds, at).tolist(), select.trim(bounds, keep)
    for row in range(draw.rows):
        intervals = list(zip(bounds.first[row].tolist(), bounds.last[row].tolist(), strict=True))
        chosen = [interval for interval, flag in zip(intervals, at[row].tolist(), strict=True) if flag]
        assert painted[row] == [any(a <= cell <= b for a, b in chosen) for cell in range(draw.width)]
        for place, (a, b) in enumerate(intervals):
            inside = [cell for cell in range(a, b + 1) if keep[row, cell]]
            found = int(trimmed.first[row, place]), int(trimmed.last[row, place])
            if inside:
                assert found == (inside[0], inside[-1])
            else:
                assert found[0] > found[1]


def reach(start: int, path, good, wall, tolerance: int) -> int:
    """How far a walk gets, one position at a time."""
    end, misses = start, 0
    for at in path:
        if wall[at]:
            break
        misses = 0 if good[at] else misses + 1
        if misses > tolerance:
            break
        end = at if good[at] else end
    return end


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("walled", [False, True])
def test_walk(seed, walled):
    draw = Draw(seed)
    width, tolerance = draw.width, draw.dice.choice([0, 1, 2, 5])
    first = draw.numbers(0, width - 1)
    last = torch.maximum(first, draw.numbers(0, width - 1))
    good, wall = draw.masks(), draw.masks().roll(1, 0) & draw.masks()
    grown = select.walk(Bounds(first, last), good, tolerance, wall if walled else None)
    for row in range(draw.rows):
        cells = good[row].tolist()
        block = wall[row].tolist() if walled else [False] * width
        for place in range(width):
            a, b = int(first[row, place]), int(last[row, place])
            expected = (
                reach(a, range(a - 1, -1, -1), cells, block, tolerance),
                reach(b, range(b + 1, width), cells, block, tolerance),
            )
            assert (int(grown.first[row, place]), int(grown.last[row, place])) == expected


def test_ranked_leaves_only_what_may_be_chosen():
    score = torch.tensor([[0.5, NAN, INF, 0.2]])
    among = torch.tensor([[True, True, True, False]])
    assert select.ranked(score, among).tolist() == [[0.5, -INF, INF, -INF]]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_low_precision_ties_go_left(dtype):
    score = torch.full((1, 300), 0.996, dtype=dtype)
    among = torch.ones(1, 300, dtype=torch.bool)
    among[0, :7] = False
    assert select.best(score, among).int().argmax() == 7
    assert select.top(score, among, torch.tensor([3])).nonzero()[:, 1].tolist() == [7, 8, 9]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("height", [0.0, 1e-4, 0.1, 0.62, 0.9, 0.92, 1.0])
def test_a_bar_is_what_the_precision_holds(dtype, height):
    assert select.bar(height, torch.zeros(1, 1, dtype=dtype)) == float(torch.tensor(height, dtype=dtype))
