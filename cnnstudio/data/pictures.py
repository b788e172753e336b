"""Picture files read without any library of pictures: PNG, PGM and PPM."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data import png
from cnnstudio.errors import DataError

MAXIMUM_BYTES = 2**26
"""No picture file may be larger than this (64 MiB)."""

MAXIMUM_PIXELS = 2**25
"""No picture may have more pixels than this (32 million)."""

_NETPBM = re.compile(
    rb"P([2356])(?:\s+|#[^\n]*\n)+(\d{1,9})(?:\s+|#[^\n]*\n)+(\d{1,9})(?:\s+|#[^\n]*\n)+(\d{1,9})\s"
)


def read(path: Path) -> NDArray[np.uint8]:
    """The picture (H, W, 1 or 3) of a PNG, PGM or PPM file; raises DataError naming the file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not data:
        raise DataError(f"{path.name} is empty.")
    if len(data) > MAXIMUM_BYTES:
        raise DataError(f"{path.name} is larger than {MAXIMUM_BYTES:,} bytes.")
    try:
        return _decode(data)
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from error


def _decode(data: bytes) -> NDArray[np.uint8]:
    if data.startswith(png.SIGNATURE):
        return png.decode(data, MAXIMUM_PIXELS)
    if re.match(rb"P[2356][\s#]", data):
        return _decode_netpbm(data)
    raise DataError("This is no picture that CNN Studio reads; give a PNG, PGM or PPM file.")


def _decode_netpbm(data: bytes) -> NDArray[np.uint8]:
    """A PGM (P2, P5) or PPM (P3, P6) picture; values are scaled from the file's maximum to 255."""
    header = _NETPBM.match(data)
    if header is None:
        raise DataError("the header of the picture is damaged.")
    kind, width, height, maximum = (int(text) for text in header.groups())
    channels = 3 if kind in (3, 6) else 1
    if not 0 < width * height <= MAXIMUM_PIXELS or not 0 < maximum < 65_536:
        raise DataError(
            f"a picture of {width}x{height} pixels with values up to {maximum} is not read."
        )
    count = width * height * channels
    body = data[header.end() :]
    values = _text_values(body, count) if kind in (2, 3) else _byte_values(body, count, maximum)
    if len(values) < count:
        raise DataError(f"the picture is cut short: {len(values):,} of {count:,} values are there.")
    if values.max() > maximum:
        raise DataError(f"a value of {values.max()} is above the declared maximum of {maximum}.")
    scaled: NDArray[np.float64] = np.rint(values * (255 / maximum))
    return scaled.astype(np.uint8).reshape(height, width, channels)


def _text_values(body: bytes, count: int) -> NDArray[np.int64]:
    words = re.sub(rb"#[^\n]*", b"", body).split()[:count]
    if not all(word.isdigit() and len(word) < 10 for word in words):
        raise DataError("the picture holds something else than numbers.")
    return np.array(words, dtype=np.bytes_).astype(np.int64)


def _byte_values(body: bytes, count: int, maximum: int) -> NDArray[np.int64]:
    kind = np.dtype("u1" if maximum < 256 else ">u2")
    whole = min(count, len(body) // kind.itemsize)
    return np.frombuffer(body, kind, whole).astype(np.int64)
