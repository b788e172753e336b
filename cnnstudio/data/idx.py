"""IDX files, the format of MNIST: arrays of bytes with a short header, plain or gzip."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnstudio.errors import DataError

MAXIMUM_BYTES = 2**30
"""No array may be larger than this, whatever a header declares (1 GiB)."""

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTES = 8
_CHUNK = 2**18


def read_images(path: Path) -> NDArray[np.uint8]:
    """The pictures (N, height, width) of an IDX file; raises DataError."""
    return _read(path, 3, "pictures")


def read_labels(path: Path, classes: int) -> NDArray[np.uint8]:
    """The labels (N,) of an IDX file; raises DataError when one is not below `classes`."""
    labels = _read(path, 1, "labels")
    if labels.max() >= classes:
        place = int(np.argmax(labels >= classes))
        raise DataError(
            f"{path.name}: label {labels[place]} at place {place:,} is out of range, "
            f"labels go from 0 to {classes - 1}."
        )
    return labels


def _read(path: Path, dimensions: int, what: str) -> NDArray[np.uint8]:
    try:
        with path.open("rb") as file:
            return _decode(_Source(file, path.name), dimensions, what)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _decode(source: _Source, dimensions: int, what: str) -> NDArray[np.uint8]:
    """The array with its header checked first, so that no size is believed unseen."""
    shape = _read_shape(source, dimensions, what)
    count = math.prod(shape)
    if not count:
        raise DataError(f"{source.name} holds no {what}.")
    if count > MAXIMUM_BYTES:
        raise DataError(
            f"{source.name} declares {count:,} bytes of {what}; more than {MAXIMUM_BYTES:,} are "
            "not read."
        )
    array = np.empty(count, np.uint8)
    got = source.fill(array.data)
    if got < count:
        raise DataError(
            f"{source.name} is cut short: it declares {count:,} bytes of {what} and holds {got:,}."
        )
    if source.fill(memoryview(bytearray(1))):
        raise DataError(f"{source.name} is longer than the {count:,} bytes of {what} it declares.")
    return array.reshape(shape)


def _read_shape(source: _Source, dimensions: int, what: str) -> tuple[int, ...]:
    header = bytearray(4 + 4 * dimensions)
    got = source.fill(memoryview(header)[:4])
    if not got:
        raise DataError(f"{source.name} is empty.")
    if got < 4 or tuple(header[:4]) != (0, 0, _UNSIGNED_BYTES, dimensions):
        found = header[:got].hex(" ")
        raise DataError(
            f"{source.name} is no IDX file of {what}: it begins with {found} instead of "
            f"00 00 08 {dimensions:02}."
        )
    if source.fill(memoryview(header)[4:]) < 4 * dimensions:
        raise DataError(f"{source.name} is cut short inside its header.")
    return struct.unpack(f">{dimensions}I", header[4:])


class _Source:
    """The bytes of a file, unpacked on the way when it is gzip; never holds more than a chunk."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._pieces = self._unpacked(file) if _is_gzip(file) else _chunks(file)
        self._rest = memoryview(b"")

    def fill(self, target: memoryview) -> int:
        """Fill `target` and return how many bytes there were; less than asked at the end."""
        filled = 0
        while filled < len(target):
            if not self._rest:
                piece = next(self._pieces, b"")
                if not piece:
                    break
                self._rest = memoryview(piece)
            size = min(len(self._rest), len(target) - filled)
            target[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        return filled

    def _unpacked(self, file: BinaryIO) -> Iterator[bytes]:
        engine = zlib.decompressobj(wbits=31)
        try:
            for chunk in _chunks(file):
                packed = chunk
                while packed and not engine.eof:
                    piece = engine.decompress(packed, _CHUNK)
                    packed = engine.unconsumed_tail
                    if piece:
                        yield piece
                if engine.eof:
                    break
        except zlib.error as error:
            raise DataError(f"{self.name} is damaged: its gzip data cannot be unpacked.") from error
        if not engine.eof:
            raise DataError(f"{self.name} is cut short: its gzip data ends too early.")
        if engine.unused_data or file.read(1):
            raise DataError(f"{self.name} has foreign bytes after its gzip data.")


def _is_gzip(file: BinaryIO) -> bool:
    start = file.read(2)
    file.seek(0)
    return start == _GZIP_MAGIC


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
