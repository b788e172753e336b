"""Lanes, slices and the limits of BLAS."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from cnnstudio.engine.parallel import Meeting, Pool, cut, default_threads, limit_blas


@given(st.integers(0, 500), st.integers(1, 9), st.integers(1, 40))
def test_slices_cover_a_batch_once_and_evenly(count: int, lanes: int, largest: int) -> None:
    shares = cut(count, lanes, largest)
    assert len(shares) == lanes
    slices = [part for share in shares for part in share]
    assert [i for part in slices for i in range(part.start, part.stop)] == list(range(count))
    sizes = [part.stop - part.start for part in slices]
    assert all(1 <= size <= largest for size in sizes)
    totals = [sum(part.stop - part.start for part in share) for share in shares]
    assert max(totals) - min(totals) <= 1
    assert totals == sorted(totals, reverse=True)


def test_every_lane_works_and_lane_0_is_the_caller() -> None:
    seen: dict[int, threading.Thread] = {}
    Pool(3).run(lambda lane: seen.update({lane: threading.current_thread()}))
    assert sorted(seen) == [0, 1, 2]
    assert seen[0] is threading.current_thread()
    assert len({id(thread) for thread in seen.values()}) == 3


@pytest.mark.parametrize("guilty", [0, 1, 2])
def test_an_error_in_a_lane_is_raised_after_all_have_ended(guilty: int) -> None:
    ended = []

    def work(lane: int) -> None:
        if lane == guilty:
            raise ValueError(f"lane {lane}")
        time.sleep(0.01)
        ended.append(lane)

    pool = Pool(3)
    with pytest.raises(ValueError, match=f"lane {guilty}"):
        pool.run(work)
    assert sorted(ended) == sorted({0, 1, 2} - {guilty})
    pool.run(ended.append)
    assert len(ended) == 5


def test_the_threads_end_with_the_pool() -> None:
    before = set(threading.enumerate())
    pool = Pool(3)
    pool.run(lambda lane: None)
    own = set(threading.enumerate()) - before
    assert len(own) == 2
    del pool
    gc.collect()
    for thread in own:
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_lanes_meet_and_all_get_the_sum_in_one_order(lanes: int) -> None:
    pool, meeting = Pool(lanes), Meeting()
    values = np.random.default_rng(0).standard_normal((lanes, 50, 4)).astype(np.float32)
    totals = np.zeros_like(values)

    def work(lane: int) -> None:
        for number in range(50):
            totals[lane, number] = meeting.total(lane, values[lane, number])

    for _ in range(3):
        meeting.begin(lanes)
        pool.run(work)
        expected = values[0]
        for lane in range(1, lanes):
            expected = expected + values[lane]
        assert np.array_equal(totals, np.broadcast_to(expected, totals.shape))


def test_nobody_waits_for_a_lane_that_failed() -> None:
    pool, meeting = Pool(2), Meeting()

    def work(lane: int) -> None:
        if lane == 1:
            meeting.abandon()
            raise ValueError("lane 1")
        meeting.total(lane, np.ones(1))

    meeting.begin(2)
    with pytest.raises(ValueError, match="lane 1"):
        pool.run(work)
    meeting.begin(2)
    pool.run(lambda lane: meeting.total(lane, np.ones(1)))


def test_a_thread_that_failed_keeps_nothing_alive() -> None:
    class Owner:
        pass

    owner = Owner()
    gone = weakref.ref(owner)

    def work(lane: int, _owner: Owner = owner) -> None:
        if lane:
            raise ValueError

    pool = Pool(2)
    with pytest.raises(ValueError):  # noqa: PT011 (it has no words)
        pool.run(work)
    del owner, work
    limit = time.monotonic() + 5
    while gone() is not None and time.monotonic() < limit:
        gc.collect()
    assert gone() is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl+C to whole consoles")
def test_after_ctrl_c_the_next_run_waits_for_its_own_lanes() -> None:
    begun, release = threading.Event(), threading.Event()
    seen = []

    def interrupted(lane: int) -> None:
        if lane == 1:
            begun.set()
            release.wait(10)

    def interrupt() -> None:
        begun.wait(10)
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    def work(lane: int) -> None:
        time.sleep(0.05 * lane)
        seen.append(lane)

    pool = Pool(2)
    # Where tests run side by side, each process is told to leave Ctrl+C alone.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            pool.run(interrupted)
    finally:
        signal.signal(signal.SIGINT, before)
    release.set()
    pool.run(work)
    assert seen == [0, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_makes_threads_of_its_own() -> None:
    program = """
import os, signal, warnings
from cnnstudio.engine.parallel import Pool
warnings.simplefilter("ignore")
pool, seen = Pool(2), []
pool.run(seen.append)
child = os.fork()
if not child:
    signal.alarm(20)
    pool.run(seen.append)
    os._exit(len(seen))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "4\n", done.stderr


def test_a_pool_of_one_needs_no_thread() -> None:
    before = threading.active_count()
    Pool(1).run(lambda lane: None)
    assert threading.active_count() == before


def test_blas_has_one_thread() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    limit_blas()
    counts = [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]
    assert all(count == 1 for count in counts)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (4, 4), (64, 8), (None, 1)])
def test_default_threads(cores: int | None, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= default_threads() <= 8
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert default_threads() == threads
