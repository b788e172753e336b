"""What the tests of the command line share: few pictures, and a data folder for each test."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.data import datasets


@pytest.fixture(autouse=True)
def _own_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins without kept runs."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def mnist() -> datasets.Dataset:
    return datasets.load("mnist")


@pytest.fixture(scope="session")
def make_small_data(tmp_path_factory, mnist) -> Callable[[int, int], Path]:
    """A function that makes a folder with so many of MNIST's training and test pictures."""

    def made(train: int, test: int) -> Path:
        folder: Path = tmp_path_factory.mktemp("small")
        for part, images in (("train", mnist.train[:train]), ("t10k", mnist.test[:test])):
            count = len(images)
            pixels = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28) + images.pixels.tobytes()
            labels = struct.pack(">4BI", 0, 0, 8, 1, count) + images.labels.tobytes()
            (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels, 1))
            (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels, 1))
        return folder

    return made


@pytest.fixture(scope="session")
def small_data(make_small_data) -> Path:
    """1,200 training and 300 test pictures."""
    return make_small_data(1200, 300)
