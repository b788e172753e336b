"""Lanes, slices and the limits of BLAS."""

from __future__ import annotations

import gc
import os
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from cnnstudio.engine.parallel import Pool, cut, default_threads, limit_blas


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
    assert totals[0] or not count


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
    pool = Pool(3)
    pool.run(lambda lane: None)
    before = threading.active_count()
    del pool
    gc.collect()
    limit = time.monotonic() + 5
    while threading.active_count() > before - 2 and time.monotonic() < limit:
        time.sleep(0.001)
    assert threading.active_count() == before - 2


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
