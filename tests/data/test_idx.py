"""IDX files: what is read, and one sentence for every way in which a file can be wrong."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio import paths
from cnnstudio.data import datasets, idx
from cnnstudio.errors import DataError

PIXELS = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
LABELS = np.array([0, 1, 2, 9, 3], np.uint8)


def pack(array: np.ndarray, kind: int = 8) -> bytes:
    """The bytes of an IDX file."""
    return (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()
    )


def write(folder: Path, data: bytes, name: str = "digits.gz") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_pictures_and_labels_are_read(tmp_path, packed):
    wrap = gzip.compress if packed else bytes
    pictures = idx.read_images(write(tmp_path, wrap(pack(PIXELS))))
    labels = idx.read_labels(write(tmp_path, wrap(pack(LABELS))), classes=10)
    np.testing.assert_array_equal(pictures, PIXELS)
    np.testing.assert_array_equal(labels, LABELS)
    assert pictures.dtype == labels.dtype == np.uint8


GOOD = pack(PIXELS)
PACKED = gzip.compress(GOOD)
FAULTS = {
    "empty": (b"", "digits.gz is empty."),
    "foreign": (
        b"hello, world",
        "digits.gz is no IDX file of pictures: it begins with 68 65",
    ),
    "labels for pictures": (pack(LABELS), "begins with 00 00 08 01 instead of 00 00 08 03"),
    "other type of number": (pack(PIXELS, kind=13), "begins with 00 00 0d 03"),
    "two bytes": (GOOD[:2], "digits.gz is no IDX file of pictures: it begins with 00 00"),
    "cut in the header": (GOOD[:9], "digits.gz is cut short inside its header."),
    "cut": (GOOD[:-1], "it declares 60 bytes of pictures and holds 59."),
    "too long": (GOOD + b"x", "is longer than the 60 bytes of pictures it declares."),
    "no pictures": (pack(PIXELS[:0]), "digits.gz holds no pictures."),
    "cut gzip": (PACKED[:-12], "digits.gz is cut short: its gzip data ends too early."),
    "gzip without its sum": (PACKED[:-4], "digits.gz is cut short: its gzip data ends too early."),
    "only gzip's magic": (PACKED[:2], "digits.gz is cut short: its gzip data ends too early."),
    "broken gzip": (PACKED[:12] + b"\xff\xff" + PACKED[14:], "digits.gz is damaged"),
    "wrong sum": (PACKED[:-8] + bytes(4) + PACKED[-4:], "digits.gz is damaged"),
    "bytes after gzip": (PACKED + b"more", "digits.gz has foreign bytes after its gzip data."),
    "gzip of nothing": (gzip.compress(b""), "digits.gz is empty."),
    "gzip with too much": (gzip.compress(GOOD + bytes(10**6)), "is longer than the 60 bytes"),
    "declared too large": (
        gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 2000, 2000)),
        "declares 240,000,000,000 bytes of pictures; more than 1,073,741,824 are not read.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_sentence_with_the_files_name(tmp_path, fault):
    data, words = FAULTS[fault]
    with pytest.raises(DataError) as caught:
        idx.read_images(write(tmp_path, data))
    assert words in str(caught.value)
    assert str(caught.value).startswith("digits.gz")
    assert "\n" not in str(caught.value)


def test_a_label_out_of_range_is_named(tmp_path):
    with pytest.raises(DataError, match="label 9 at place 3 is out of range, .* 0 to 8"):
        idx.read_labels(write(tmp_path, pack(LABELS)), classes=9)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "none.gz", tmp_path):
        with pytest.raises(DataError, match=f"{path.name} cannot be read"):
            idx.read_images(path)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(PACKED) - 1), st.integers(0, 255)), min_size=1))
def test_damaged_bytes_give_nothing_but_a_data_error(tmp_path_factory, changes):
    data = bytearray(PACKED)
    for place, value in changes:
        data[place] = value
    path = write(tmp_path_factory.getbasetemp(), bytes(data))
    with contextlib.suppress(DataError):
        assert idx.read_images(path).shape == PIXELS.shape


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    header = struct.pack(">4B3I", 0, 0, 8, 3, 1, 1, 1)
    path = write(tmp_path, gzip.compress(header + bytes(2**28), compresslevel=1))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="longer than"):
            idx.read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_mnist_is_the_real_one():
    mnist = datasets.load("mnist")
    assert mnist.train.pixels.shape == (60_000, 1, 28, 28)
    assert mnist.test.pixels.shape == (10_000, 1, 28, 28)
    header = struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 28, 28)
    digest = hashlib.sha256(header + mnist.train.pixels.tobytes()).hexdigest()
    assert digest == "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    header = struct.pack(">4B1I", 0, 0, 8, 1, 10_000)
    digest = hashlib.sha256(header + mnist.test.labels.tobytes()).hexdigest()
    assert digest == "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"


def test_mnist_is_read_in_half_a_second_and_70_megabytes():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        datasets.load("mnist")
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.5
    tracemalloc.start()
    datasets.load("mnist")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 70e6


def test_the_attribution_ships_with_the_data():
    assert "CC BY-SA 3.0" in paths.resource("mnist", "ATTRIBUTION.md").read_text("utf-8")
