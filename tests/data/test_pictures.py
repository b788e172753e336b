"""Picture files: PNG of every kind, PGM and PPM, and one sentence for what is damaged or foreign.

Qt's reader is the independent reference for PNG.
"""

from __future__ import annotations

import contextlib
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.data import pictures, png
from cnnstudio.errors import DataError

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [
    *((0, depth) for depth in (1, 2, 4, 8, 16)),
    *((2, depth) for depth in (8, 16)),
    *((3, depth) for depth in (1, 2, 4, 8)),
    *((4, depth) for depth in (8, 16)),
    *((6, depth) for depth in (8, 16)),
]
ADAM7 = [
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
]


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def paeth(left: int, up: int, corner: int) -> int:
    """The predictor as the standard writes it, pixel by pixel."""
    guess = left + up - corner
    distances = [abs(guess - left), abs(guess - up), abs(guess - corner)]
    return (left, up, corner)[distances.index(min(distances))]


def filtered(rows: list[bytes], pixel: int, first: int) -> bytes:
    """The rows with the filters 0 to 4 in turn, beginning with `first`."""
    before, out = bytes(len(rows[0])), b""
    for number, row in enumerate(rows):
        kind = (number + first) % 5
        line = bytearray()
        for place, value in enumerate(row):
            left = row[place - pixel] if place >= pixel else 0
            corner = before[place - pixel] if place >= pixel else 0
            up = before[place]
            guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]
            line.append((value - guess) % 256)
        out += bytes([kind]) + line
        before = row
    return out


def row_bytes(values: np.ndarray, depth: int) -> bytes:
    if depth == 16:
        return values.astype(">u2").tobytes()
    if depth == 8:
        return values.astype(np.uint8).tobytes()
    bits = "".join(f"{value:0{depth}b}" for value in values.ravel())
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def make_png(values, colour, depth, *, interlaced=False, extra=(), first=0) -> bytes:
    """A PNG file of `values` (H, W, samples), written without any library."""
    height, width = values.shape[:2]
    parts = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b""
    for row, column, down, across in parts:
        part = values[row::down, column::across]
        if part.size:
            rows = [row_bytes(line, depth) for line in part]
            data += filtered(rows, max(1, values.shape[2] * depth // 8), first)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return png.SIGNATURE + b"".join(chunk(*entry) for entry in chunks)


def random_values(colour, depth, height=13, width=11) -> np.ndarray:
    generator = np.random.default_rng(colour * 100 + depth)
    return generator.integers(0, 2**depth, (height, width, SAMPLES[colour]), np.uint16)


def palette(depth: int) -> bytes:
    return np.random.default_rng(depth).integers(0, 256, 3 * 2**depth, np.uint8).tobytes()


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_every_kind_of_png_is_read(colour, depth, interlaced):
    values = random_values(colour, depth)
    if colour in (4, 6):
        values[:, :, -1] = 2**depth - 1
    extra = [(b"PLTE", palette(depth))] if colour == 3 else []
    data = make_png(values, colour, depth, interlaced=interlaced, extra=extra)
    got = png.decode(data, 10_000)
    if colour == 3:
        expected = np.frombuffer(palette(depth), np.uint8).reshape(-1, 3)[values[:, :, 0]]
    else:
        colours = values[:, :, : 1 if colour in (0, 4) else 3]
        expected = np.rint(colours * (255 / (2**depth - 1)))
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("height", [1, 5, png._BAND + 3])
def test_filters_reach_across_rows_and_bands(first, height):
    values = random_values(2, 8, height, 7)
    got = png.decode(make_png(values, 2, 8, first=first), 10_000)
    np.testing.assert_array_equal(got, values)


def test_qt_reads_the_same(tmp_path):
    gui = pytest.importorskip("PySide6.QtGui")
    values = random_values(2, 8)
    path = tmp_path / "a.png"
    path.write_bytes(make_png(values, 2, 8, interlaced=True))
    image = gui.QImage(str(path)).convertToFormat(gui.QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(13, image.bytesPerLine())
    np.testing.assert_array_equal(pictures.read(path), rows[:, : 3 * 11].reshape(13, 11, 3))


@pytest.mark.parametrize(("ink", "background"), [(0, 255), (255, 0)])
def test_transparency_shows_a_background_that_ink_stands_out_from(ink, background):
    values = np.zeros((2, 2, 2), np.uint16)
    values[0, 0] = (ink, 255)
    got = png.decode(make_png(values, 4, 8), 100)[:, :, 0]
    assert got.tolist() == [[ink, background], [background, background]]


def test_transparent_colour_and_transparent_palette_entry():
    values = np.array([[[0], [7]]], np.uint16)
    got = png.decode(make_png(values, 0, 8, extra=[(b"tRNS", b"\0\7")]), 100)
    assert got.ravel().tolist() == [0, 255]
    extra = [(b"PLTE", bytes(3) + bytes([9, 9, 9])), (b"tRNS", b"\xff\0")]
    got = png.decode(make_png(np.array([[[0], [1]]], np.uint16), 3, 8, extra=extra), 100)
    assert got.reshape(2, 3).tolist() == [[0, 0, 0], [255, 255, 255]]


def test_netpbm_files(tmp_path):
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P2 # made by hand\n3 1\n# maximum\n4\n0 2\n4 ")
    assert pictures.read(path).ravel().tolist() == [0, 128, 255]
    path.write_bytes(b"P5\n2 1\n255\n\x00\x10")
    assert pictures.read(path).shape == (1, 2, 1)
    path.write_bytes(b"P5\n2 1\n65535\n\x00\x00\xff\xff")
    assert pictures.read(path).ravel().tolist() == [0, 255]
    path.write_bytes(b"P6\n1 2\n255\n\x01\x02\x03\x04\x05\x06")
    assert pictures.read(path).tolist() == [[[1, 2, 3]], [[4, 5, 6]]]
    path.write_bytes(b"P3 1 1 255 1 2 3")
    assert pictures.read(path).tolist() == [[[1, 2, 3]]]


GOOD = make_png(random_values(0, 8), 0, 8)
FAULTS = {
    "empty": (b"", "is empty"),
    "foreign": (b"GIF89a......", "no picture that CNN Studio reads; give a PNG, PGM or PPM file"),
    "cut": (GOOD[:-20], "cut short"),
    "only the signature": (png.SIGNATURE, "cut short"),
    "no end": (GOOD[:-12], "cut short"),
    "wrong sum": (GOOD[:20] + b"\x07" + GOOD[21:], "a check sum is wrong"),
    "huge": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", b"")
        + chunk(b"IEND", b""),
        "a picture of 2,147,483,647x2,147,483,647 pixels is not read",
    ),
    "no data": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
        + chunk(b"IEND", b""),
        "has no IDAT part",
    ),
    "too little data": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b""),
        "cut short",
    ),
    "not packed": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", b"nothing")
        + chunk(b"IEND", b""),
        "cannot be unpacked",
    ),
    "unknown colour type": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 5, 0, 0, 0))
        + chunk(b"IDAT", b"")
        + chunk(b"IEND", b""),
        "the header of the PNG file is damaged",
    ),
    "colour not in the palette": (make_png(random_values(3, 8), 3, 8), "not in its palette"),
    "header of another length": (
        png.SIGNATURE + chunk(b"IHDR", b"1234") + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        "the header of the PNG file is damaged",
    ),
    "unknown filter": (
        png.SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\x09\0"))
        + chunk(b"IEND", b""),
        "it names an unknown filter",
    ),
    "transparent colour cut": (
        make_png(random_values(0, 8), 0, 8, extra=[(b"tRNS", b"\0")]),
        "its transparent colour is cut short",
    ),
    "no header": (png.SIGNATURE + chunk(b"IEND", b""), "does not begin with its header"),
    "unknown critical part": (GOOD[:33] + chunk(b"ABCD", b"") + GOOD[33:], "needs 'ABCD'"),
    "netpbm header": (b"P5\nwide high", "the header of the picture is damaged"),
    "netpbm cut": (b"P5\n4 4\n255\n123", "3 of 16 values are there"),
    "netpbm words": (b"P2 1 1 255 x", "something else than numbers"),
    "netpbm above maximum": (b"P5 1 1 9 \xff", "a value of 255 is above the declared maximum of 9"),
    "netpbm of no size": (b"P5 0 1 9 \xff", "is not read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_sentence_with_the_files_name(tmp_path, fault):
    data, words = FAULTS[fault]
    path = tmp_path / "digit.png"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        pictures.read(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith("digit.png")


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAXIMUM_BYTES", 100)
    (tmp_path / "a.png").write_bytes(GOOD)
    with pytest.raises(DataError, match=r"a\.png is larger than 100 bytes"):
        pictures.read(tmp_path / "a.png")


def test_passes_without_pixels_are_left_out():
    values = random_values(2, 8, 3, 2)
    np.testing.assert_array_equal(png.decode(make_png(values, 2, 8, interlaced=True), 100), values)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.png cannot be read: No such file"):
        pictures.read(tmp_path / "none.png")


@settings(max_examples=300)
@given(
    st.sampled_from([GOOD, b"P2 2 2 255 1 2 3 4", b"P6\n2 2\n255\n" + bytes(12)]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1),
    st.integers(0, 20),
)
def test_damaged_bytes_give_nothing_but_a_data_error(tmp_path_factory, good, changes, lost):
    data = bytearray(good)
    for place, value in changes:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(bytes(data[: len(data) - lost]))
    with contextlib.suppress(DataError):
        assert pictures.read(path).ndim == 3
