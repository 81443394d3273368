from collections import Counter

import pytest

from dlldecode.bench import task as tasks
from dlldecode.bench.items import items
from dlldecode.errors import UsageError
from dlldecode.tune.halves import halves, shares


def listed(limit):
    found = tasks.find("tiny")
    return [(task, items(task, limit=share)) for task, share in zip(found, shares(limit, len(found)), strict=True)]


def names(half):
    return [(each.task.task, each.item.id) for each in half]


@pytest.mark.parametrize("limit", [24, 13])
def test_halves_share_no_item_and_every_task_is_in_both_as_evenly_as_can_be(limit):
    found = halves(listed(limit))
    search, heldout = names(found.search), names(found.heldout)
    assert not set(search) & set(heldout) and len(search) + len(heldout) == limit
    assert abs(len(search) - len(heldout)) <= 1
    counts = [Counter(task for task, _ in half) for half in (search, heldout)]
    assert all(abs(counts[0][task] - counts[1][task]) <= 1 for task in counts[0] | counts[1])
    assert found == halves(listed(limit)) and found.digest != halves(listed(limit + 2)).digest


def test_the_first_items_of_a_half_speak_for_all_tasks():
    found = halves(listed(24))
    assert len({task for task, _ in names(found.search)[:6]}) == 6


def test_a_limit_is_for_all_tasks_together():
    assert shares(24, 6) == [4] * 6 and shares(8, 6) == [2, 2, 1, 1, 1, 1] and shares(None, 2) == [None, None]


def test_an_empty_half_is_told():
    with pytest.raises(UsageError, match="--limit leaves 1 item, and a study needs at least 2"):
        halves((task, found) for task, found in listed(6) if task.task == "tiny_math")
