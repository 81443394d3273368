import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dlldecode.api import load
from dlldecode.bench import session
from dlldecode.cli import engine
from dlldecode.cluster import join, pool
from dlldecode.cluster.worker import Ready
from dlldecode.errors import DeviceError, DlldecodeError, ModelError, PresetError, UsageError

from . import driver

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch):
    monkeypatch.setenv("DLLDECODE_NO_CONFIG", "1")


@pytest.fixture(scope="module")
def cluster():
    """The address of a cluster of two cores, in which this process is, too."""
    import ray

    join.begin(ray, num_cpus=2)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


def two(make, welcome=lambda about: None):
    return pool.opened(make, pool.Asked(2), welcome)


def naming(device):
    """A worker that says which process did what."""
    return Ready(lambda item: (item, os.getpid()), device)


def slow(device):
    return Ready(lambda item: (time.sleep(0.2), item, os.getpid())[1:])


def calling(device):
    return Ready(lambda item: item())


def dying(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_two_workers_find_what_one_process_finds(cluster):
    whole = driver.plan(3)
    alone = [found for found in session.decoded(load(), whole.groups, 0) if not isinstance(found, session.WarmedUp)]
    with engine.opened(whole.groups[0].resolved.run, driver.asked()) as decoder:
        found = list(decoder.found(whole.groups))
    warmed = [each.setting for each in found if isinstance(each, session.WarmedUp)]
    shared = [each for each in found if not isinstance(each, session.WarmedUp)]
    assert decoder.workers == 2 and set(warmed) == {"threshold", "vanilla"} and len(warmed) <= 4
    assert decoder.about["device"] == "cpu, 1 threads" and "host" not in decoder.about
    assert sorted(each["key"] for each in shared) == sorted(whole.keys)
    for key in ("token_ids", "text", "metrics", "answer", "forwards", "steps", "seed", "error"):
        assert {each["key"]: each[key] for each in shared} == {each["key"]: each[key] for each in alone}, key


def test_a_worker_is_killed_and_nothing_is_lost_or_done_twice(cluster):
    with two(slow) as workers:
        results = []
        for item, process in workers.spread(range(20)):
            results.append((item, process))
            if len(results) in (2, 7):
                os.kill(process, signal.SIGKILL)
    assert sorted(item for item, _ in results) == list(range(20))
    assert len({process for _, process in results}) >= 3


def test_workers_that_always_die_end_the_run(cluster):
    with (
        pytest.raises(DlldecodeError, match="3 workers in a row died without a result; the last one: "),
        two(dying) as found,
    ):
        list(found.spread(range(3)))


def test_an_item_that_kills_its_workers_ends_the_run_after_all_others(cluster):
    results = []
    work = [dying, *[os.getpid] * 4]
    with (
        pytest.raises(DlldecodeError, match=r"3 workers (died over the same|in a row died)"),
        two(calling) as found,
    ):
        for result in found.spread(work):
            results.append(result)
    assert len(results) == 4


def failing_usage():
    raise UsageError("this does not fit.")


def failing_model():
    raise ModelError("there is no such model.")


def failing_preset():
    raise PresetError(["one", "two"], "Look again.")


def failing_otherwise():
    raise ZeroDivisionError("nothing")


def test_what_the_work_raises_reaches_the_caller_and_the_workers_live_on(cluster):
    with two(calling) as workers:
        for work in (failing_usage, failing_model, failing_preset, failing_otherwise):
            with pytest.raises(Exception) as ours:
                work()
            with pytest.raises(type(ours.value)) as theirs:
                list(workers.spread([os.getpid, work]))
            assert type(theirs.value) is type(ours.value) and str(theirs.value) == str(ours.value)
        assert len(set(workers.spread([os.getpid] * 4))) <= 2


def test_what_getting_ready_raises_reaches_the_caller(cluster):
    def making(device):
        raise ModelError(f"there is no such model on {device}.")

    with pytest.raises(ModelError, match="there is no such model on cpu"), two(making) as workers:
        workers.wait()


def test_a_worker_that_differs_is_refused_by_what_differs():
    about = {"host": "a", "model": "m", "revision": None, "weights": "1", "dtype": "float32", "device": "cpu"}
    about |= {"versions": {"torch": "2.10"}}
    first = engine.First()
    first.welcome(about)
    first.welcome({**about, "host": "b"})
    for other, words in (({"weights": "2"}, "weights 2"), ({"versions": {"torch": "2.9"}}, "torch 2.9")):
        with pytest.raises(UsageError, match=f"the worker on c has {words}, the one on a "):
            first.welcome({**about, "host": "c", **other})


@pytest.mark.parametrize(
    ("items", "batch_size", "workers", "sizes"),
    [(5, 1, 2, [1] * 5), (20, 2, 2, [8, 8, 4]), (10, 2, 4, [3, 3, 3, 1]), (3, 8, 2, [3])],
)
def test_pieces_of_work(items, batch_size, workers, sizes):
    group = driver.plan(items, batch_size).groups[0]
    pieces = list(engine.chunks([group], workers))
    assert [len(piece.items) for piece in pieces] == sizes
    assert [item.id for piece in pieces for item in piece.items] == [item.id for item in group.items]


def start(folder, items, **environment):
    """The driver in a session of its own, so that whatever it leaves behind can be found."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.driver", str(folder), str(items)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip


class Failing:
    """A Ray whose node does not come up in time for so many times."""

    def __init__(self, times):
        self.left, self.asked = times, []

    def init(self, **arguments):
        self.asked.append(arguments["address"])
        self.left -= 1
        if self.left >= 0:
            raise Exception("The current node timed out\nduring startup.")

    def shutdown(self):
        self.asked.append("shutdown")


def test_a_node_that_is_late_is_started_again_once():
    late = Failing(1)
    join.begin(late)
    assert late.asked == ["local", "shutdown", "local"]
    with pytest.raises(DeviceError, match=r"^Ray does not start on this machine: The current node timed out during"):
        join.begin(Failing(2))


def test_joins_the_cluster_of_ray_address(cluster, tmp_path):
    child = start(tmp_path, 1, RAY_ADDRESS=cluster)
    out, err = child.communicate(timeout=300)
    assert child.returncode == 0, err
    kept = [json.loads(line)["key"] for line in (tmp_path / "records.jsonl").read_text().splitlines()]
    assert sorted(out.split()) == sorted(kept) == sorted(driver.plan(1).keys)
    import ray

    assert ray.is_initialized() and ray.cluster_resources()["CPU"] == 2


def test_terminated_it_gives_the_cores_of_a_cluster_back(cluster, tmp_path):
    import ray

    child = start(tmp_path, 200, RAY_ADDRESS=cluster)
    assert child.stdout.readline(), child.stderr.read()
    assert ray.available_resources().get("CPU", 0) == 0
    child.terminate()
    _, err = child.communicate(timeout=120)
    assert child.returncode == 143 and "Traceback" not in err, err
    assert within(60, lambda: ray.available_resources().get("CPU", 0) == 2)


def test_ctrl_c_leaves_what_is_done_and_no_process(tmp_path):
    child = start(tmp_path, 200, RAY_ADDRESS="")
    key = child.stdout.readline().strip()
    assert key, child.stderr.read()
    assert len(alive(child.pid)) > 3
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does
    _, err = child.communicate(timeout=120)
    assert child.returncode == 130 and "Traceback" not in err, err
    assert within(60, lambda: not alive(child.pid))
    assert json.loads((tmp_path / "records.jsonl").read_text().splitlines()[0])["key"] == key


def test_the_command_line(tmp_path):
    command = "threshold --task tiny_math --limit 4 -n 32 --engine ray --workers 2 -f json --out"
    program = "from dlldecode.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "bench", *command.split(), str(tmp_path)],
        capture_output=True, cwd=ROOT, text=True, timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "RAY_ADDRESS": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"][0]["items"] == 4
    assert len((tmp_path / "records.jsonl").read_text().splitlines()) == 4
    assert all("item" in line for line in done.stderr.splitlines()), done.stderr


def within(seconds, is_so):
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.2)
    return is_so()


def alive(leader):
    """The processes of a session that are not done."""
    found = []
    for process in psutil.process_iter(["pid", "status", "name"]):
        try:
            if os.getsid(process.pid) == leader and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.info["name"])
        except ProcessLookupError:
            continue
    return found
