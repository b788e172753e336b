"""Data sets: the split, slices, and folders with IDX files of one's own."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Images
from cnnstudio.errors import DataError
from tests.data.test_idx import pack


@pytest.fixture
def folder(tmp_path):
    """A folder with 6 training and 2 test pictures of 4x3."""
    for part, count in (("train", 6), ("t10k", 2)):
        pixels = np.arange(count * 12, dtype=np.uint8).reshape(count, 4, 3)
        labels = np.arange(count, dtype=np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pack(pixels)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(pack(labels))
    return tmp_path


def test_a_folder_is_a_data_set(folder):
    data = datasets.load(str(folder))
    assert data.train.pixels.shape == (6, 1, 4, 3)
    assert list(data.test.labels) == [0, 1]
    assert data.class_names == tuple("0123456789")
    assert data.name == folder.name


def test_validation_is_the_last_training_pictures(folder):
    data = datasets.load(folder)
    train, validation = data.split(2)
    assert list(train.labels) == [0, 1, 2, 3]
    assert list(validation.labels) == [4, 5]
    assert np.shares_memory(validation.pixels, data.train.pixels)
    everything, nothing = data.split(0)
    assert len(everything) == 6
    assert len(nothing) == 0


@pytest.mark.parametrize("validation", [-1, 6, 7])
def test_something_must_be_left_to_train_with(folder, validation):
    with pytest.raises(DataError, match="cannot be kept aside for validation; use at most 5"):
        datasets.load(folder).split(validation)


def test_faults_name_the_file(folder):
    with pytest.raises(DataError, match="There is no data set 'mnits'; there is mnist"):
        datasets.load("mnits")
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is missing"):
        datasets.load(folder)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(pack(np.zeros(3, np.uint8)))
    with pytest.raises(DataError, match="t10k files: There are 2 pictures, but 3 labels"):
        datasets.load(folder)
    wide = pack(np.zeros((3, 5, 5), np.uint8))
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(wide))
    with pytest.raises(DataError, match="training pictures are 4x3, but the test pictures 5x5"):
        datasets.load(folder)


def test_images_can_be_picked():
    images = Images(
        np.arange(12, dtype=np.uint8).reshape(3, 1, 2, 2), np.array([7, 8, 9], np.uint8)
    )
    assert list(images[np.array([2, 0])].labels) == [9, 7]
    assert images[1:].pixels[0, 0, 0, 0] == 4
