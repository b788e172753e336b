"""PNG pictures decoded with zlib and NumPy (ISO/IEC 15948): every colour type, depth and layout."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnstudio.errors import DataError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_SAMPLES = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGB_ALPHA: 4}
_DEPTHS = {
    _GREY: (1, 2, 4, 8, 16),
    _RGB: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _GREY_ALPHA: (8, 16),
    _RGB_ALPHA: (8, 16),
}
_BAND = 512
"""Rows whose filters are undone together; more would only cost memory."""

_LONGEST_SIDE = 2**14
_WHOLE = ((0, 0, 1, 1),)
_ADAM7 = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
"""The passes of an interlaced picture: first row, first column, step of rows, step of columns."""


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def samples(self) -> int:
        return _SAMPLES[self.colour]

    @property
    def passes(self) -> tuple[tuple[int, int, int, int], ...]:
        return _ADAM7 if self.interlaced else _WHOLE

    def size(self, part: tuple[int, int, int, int]) -> tuple[int, int]:
        """Height and width of one pass; a pass may be empty."""
        row, column, down, across = part
        return -((row - self.height) // down), -((column - self.width) // across)

    def row_bytes(self, width: int) -> int:
        return (width * self.samples * self.depth + 7) // 8


def decode(data: bytes, maximum_pixels: int) -> NDArray[np.uint8]:
    """The picture (H, W, 1 or 3) in `data`, which begins with SIGNATURE.

    16 bits a value become 8. Transparent pixels show a background that the opaque ones stand out
    from: black behind light ink, white behind dark. Raises DataError without a file name.
    """
    chunks = _collect(data)
    header = _read_header(chunks, maximum_pixels)
    samples = _read_samples(header, _unpack(header, chunks))
    picture, opacity = _picture(header, samples, chunks)
    return picture if opacity is None else over_background(picture, opacity)


def _collect(data: bytes) -> dict[bytes, bytes]:
    """The content of each kind of chunk that matters, IDAT's joined; checks order and sums."""
    chunks: dict[bytes, list[bytes]] = {}
    for kind, content in _chunks(data):
        if not chunks and kind != b"IHDR":
            raise DataError("the PNG file does not begin with its header.")
        is_critical = not kind[0] & 0x20
        if is_critical and kind not in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
            raise DataError(f"the PNG file needs {kind.decode('latin-1')!r}, which is not known.")
        if kind != b"IDAT" and kind in chunks:
            continue
        chunks.setdefault(kind, []).append(content)
    for kind in (b"IHDR", b"IDAT"):
        if kind not in chunks:
            raise DataError(f"the PNG file has no {kind.decode()} part.")
    return {kind: b"".join(parts) for kind, parts in chunks.items()}


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(data):
        start, end = place + 8, place + 8
        if end <= len(data):
            length, kind = struct.unpack(">I4s", data[place:end])
            end += length
        if end + 4 > len(data):
            raise DataError("the PNG file is cut short.")
        if zlib.crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise DataError("the PNG file is damaged: a check sum is wrong.")
        yield kind, data[start:end]
        if kind == b"IEND":
            return
        place = end + 4
    raise DataError("the PNG file is cut short.")


def _read_header(chunks: dict[bytes, bytes], maximum_pixels: int) -> _Header:
    if len(chunks[b"IHDR"]) != 13:
        raise DataError("the header of the PNG file is damaged.")
    width, height, depth, colour, packing, filters, interlace = struct.unpack(
        ">IIBBBBB", chunks[b"IHDR"]
    )
    is_known = depth in _DEPTHS.get(colour, ()) and packing == filters == 0 and interlace <= 1
    if not is_known:
        raise DataError("the header of the PNG file is damaged.")
    if not 0 < width * height <= maximum_pixels or max(width, height) > _LONGEST_SIDE:
        raise DataError(
            f"a picture of {width:,}x{height:,} pixels is not read; the limit is "
            f"{maximum_pixels:,} pixels and {_LONGEST_SIDE:,} on a side."
        )
    return _Header(width, height, depth, colour, bool(interlace))


def _unpack(header: _Header, chunks: dict[bytes, bytes]) -> bytes:
    """The picture's filtered rows, exactly as many bytes as its size asks for."""
    sizes = (header.size(part) for part in header.passes)
    expected = sum(high * (1 + header.row_bytes(wide)) for high, wide in sizes if high and wide)
    try:
        rows = zlib.decompressobj().decompress(chunks[b"IDAT"], expected)
    except zlib.error as error:
        raise DataError("the PNG file is damaged: its data cannot be unpacked.") from error
    if len(rows) < expected:
        raise DataError("the PNG file is cut short.")
    return rows


def _read_samples(header: _Header, rows: bytes) -> NDArray[np.uint16]:
    """All values (H, W, samples) at the file's own depth."""
    result = np.zeros((header.height, header.width, header.samples), np.uint16)
    place = 0
    for part in header.passes:
        high, wide = header.size(part)
        if not high or not wide:
            continue
        count = high * (1 + header.row_bytes(wide))
        lines = np.frombuffer(rows, np.uint8, count, place).reshape(high, -1)
        place += count
        pixel = max(1, header.samples * header.depth // 8)
        plain = _unfiltered(lines[:, 0], lines[:, 1:].reshape(high, -1, pixel))
        row, column, down, across = part
        result[row::down, column::across] = _values(header, plain.reshape(high, -1), wide)
    return result


def _unfiltered(kinds: NDArray[np.uint8], lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Undo the row filters of `lines` (rows, columns, bytes of a pixel), band by band."""
    if kinds.max() > 4:
        raise DataError("the PNG file is damaged: it names an unknown filter.")
    result = np.empty_like(lines)
    above = np.zeros_like(lines[0])
    for top in range(0, len(lines), _BAND):
        band = slice(top, top + _BAND)
        result[band] = _unfiltered_band(kinds[band, None], lines[band], above)
        above = result[band][-1]
    return result


def _unfiltered_band(
    kinds: NDArray[np.uint8], lines: NDArray[np.uint8], above: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Undo the filters of a few rows below the finished row `above`.

    A pixel depends on those to the left, above and above left, so all pixels of one diagonal are
    independent. Skewed by one pixel a row, a diagonal is one line of the array and its three
    neighbours are parts of the two lines before; zeros stand for what is left of the picture.
    """
    height, width, pixel = lines.shape
    skewed = np.zeros((width + height + 1, height + 1, pixel), np.int16)
    skewed[1 : 1 + width, 0] = above
    for row in range(height):
        skewed[row + 2 : row + 2 + width, row + 1] = lines[row]
    for time in range(2, width + height + 1):
        first, last = max(0, time - 1 - width), min(height, time - 1)
        here = skewed[time, first + 1 : last + 1]
        here += _prediction(
            kinds[first:last],
            left=skewed[time - 1, first + 1 : last + 1],
            up=skewed[time - 1, first:last],
            corner=skewed[time - 2, first:last],
        )
        here &= 255
    result = np.empty_like(lines)
    for row in range(height):
        result[row] = skewed[row + 2 : row + 2 + width, row + 1]
    return result


def _prediction(
    kinds: NDArray[np.uint8],
    left: NDArray[np.int16],
    up: NDArray[np.int16],
    corner: NDArray[np.int16],
) -> NDArray[np.int16]:
    """What each row's filter (0 none, 1 sub, 2 up, 3 average, 4 Paeth) expects of its pixel."""
    across, along, both = np.abs(up - corner), np.abs(left - corner), np.abs(left + up - 2 * corner)
    paeth = np.where(
        (across <= along) & (across <= both), left, np.where(along <= both, up, corner)
    )
    return np.choose(kinds, [np.zeros_like(left), left, up, (left + up) >> 1, paeth])


def _values(header: _Header, rows: NDArray[np.uint8], width: int) -> NDArray[np.uint16]:
    """The values (rows, width, samples) in the bytes of `rows`."""
    height, depth = len(rows), header.depth
    if depth == 16:
        wide = rows.reshape(height, width, header.samples, 2).astype(np.uint16)
        return ((wide[..., 0] << 8) | wide[..., 1]).astype(np.uint16)
    if depth == 8:
        return rows.reshape(height, width, header.samples).astype(np.uint16)
    bits = np.unpackbits(rows, axis=1).reshape(height, -1, depth)
    values = (bits @ (1 << np.arange(depth)[::-1])).astype(np.uint16)
    return values[:, :width, None]


def _picture(
    header: _Header, samples: NDArray[np.uint16], chunks: dict[bytes, bytes]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Colours (H, W, 1 or 3), and the opacity (H, W, 1) where the file has transparency."""
    clear = chunks.get(b"tRNS")
    if header.colour == _PALETTE:
        return _from_palette(samples[:, :, 0], chunks.get(b"PLTE", b""), clear)
    top = (1 << header.depth) - 1
    scaled = np.rint(samples * (255 / top)).astype(np.uint8)
    if header.colour in (_GREY_ALPHA, _RGB_ALPHA):
        return scaled[:, :, :-1], scaled[:, :, -1:]
    if clear is None:
        return scaled, None
    if len(clear) != 2 * header.samples:
        raise DataError("the PNG file is damaged: its transparent colour is cut short.")
    is_clear = (samples == np.frombuffer(clear, ">u2")).all(axis=2, keepdims=True)
    return scaled, np.where(is_clear, 0, 255).astype(np.uint8)


def _from_palette(
    places: NDArray[np.uint16], colours: bytes, clear: bytes | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    count = len(colours) // 3
    if len(colours) % 3 or places.max() >= count:
        raise DataError("the PNG file is damaged: a colour is not in its palette.")
    picture = np.frombuffer(colours, np.uint8).reshape(count, 3)[places]
    if clear is None:
        return picture, None
    opacity = np.full(count, 255, np.uint8)
    known = np.frombuffer(clear[:count], np.uint8)
    opacity[: len(known)] = known
    return picture, opacity[places][:, :, None]


def over_background(picture: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`picture` (H, W, 1 or 3), as opaque as `opacity` (H, W, 1), over what it stands out from.

    Light ink gets black behind it, dark ink white.
    """
    share = opacity / 255
    weight = share.sum() * picture.shape[2]
    is_light = weight > 0 and float((picture * share).sum() / weight) > 127
    background = 0 if is_light else 255
    return np.rint(picture * share + background * (1 - share)).astype(np.uint8)
