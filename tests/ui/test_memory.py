"""Freed memory goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import numpy as np
import pytest

from cnnstudio.ui import app as ui
from cnnstudio.ui.memory import return_freed
from tests.benchmarks.soak import resident

has_trim = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


@pytest.mark.skipif(not has_trim, reason="only glibc keeps what is freed")
def test_holes_between_what_is_kept_go_back_to_the_system() -> None:
    blocks = [np.ones(size, np.uint8) for _ in range(1000) for size in (64 * 1024, 4000)]
    kept = blocks[1::2]
    del blocks
    before = resident()
    return_freed()
    assert resident() < before - 40, "of 62 MiB"
    assert len(kept) == 1000


def test_it_is_done_with_every_full_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(ui, "return_freed", lambda: done.append(1))
    ui._collect(1)
    assert done == []
    ui._collect(2)
    assert done == [1]
