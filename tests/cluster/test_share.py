import sys

import pytest

from dlldecode.cluster.join import joined
from dlldecode.cluster.share import Share, share
from dlldecode.errors import DeviceError, UsageError

every = pytest.mark.parametrize
DESK, NODE = {"CPU": 6.0}, {"CPU": 128.0, "GPU": 8.0}


@every(
    ("machines", "workers", "kind", "found"),
    [
        ([DESK], None, "auto", Share(1, 6, 0)),
        ([DESK], 2, "auto", Share(2, 3, 0)),
        ([DESK], 4, "cpu", Share(4, 1, 0)),
        ([DESK, {"CPU": 4.0}], 2, "auto", Share(2, 4, 0)),
        ([DESK, {"CPU": 4.0}], 3, "auto", Share(3, 3, 0)),
        ([NODE, NODE], None, "auto", Share(16, 1, 1)),
        ([NODE, DESK], 2, "cuda", Share(2, 1, 1)),
        ([NODE], 2, "cpu", Share(2, 64, 0)),
    ],
)
def test_what_a_worker_gets(machines, workers, kind, found):
    assert share(machines, workers, kind) == found


@every(
    ("machines", "workers", "kind", "error", "sentence"),
    [
        ([{"CPU": 16.0, "GPU": 2.0}], 5, "auto", UsageError, "--workers 5: the cluster has 2 GPUs"),
        ([DESK], 7, "auto", UsageError, "--workers 7: the cluster has 6 cores"),
        ([DESK], 1, "cuda", DeviceError, "has no GPU"),
    ],
)
def test_more_than_there_is(machines, workers, kind, error, sentence):
    with pytest.raises(error, match=sentence):
        share(machines, workers, kind)


def test_without_ray_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"needs Ray; install it with: pip install 'dlldecode\[ray\]'"), joined():
        pass


def test_an_address_where_nobody_answers(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(UsageError, match=r"RAY_ADDRESS=127\.0\.0\.1:9: no cluster answers there"), joined():
        pass
