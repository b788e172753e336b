"""Pictures of values: which value each pixel shows is worked out once, then only looked up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPaintEngine, QPainter

VECTOR_RATIO = 4
"""Pixels for each unit of a drawing that is saved as vectors."""

SAMPLES = (0.25, 0.75)
"""Where a pixel of a slanted picture looks, across and down."""

_FINE = 8
"""Points along a pixel that tell how much of it a round corner covers."""

_RASTER = QPaintEngine.Type.Raster
_RGB = np.uint32(0x00FFFFFF)
_HALF = np.uint32(16)
"""Bits of a number below the point, where it is kept in 32."""

Rectangle = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the picture."""


@dataclass(frozen=True, eq=False)
class Stencil:
    """A picture without its values: `place` is where it lies.

    `samples` ``(s, rows, columns)`` has, for each pixel, the places of the values whose mean it
    shows; the place behind the last value stands for none. `shares` is 65536 over the number of
    those values, rounded up, so that a product has the mean in its upper bytes. `mask` cuts an
    opaque colour down to the pixel's alpha.
    """

    place: QRectF
    samples: NDArray[np.intp]
    shares: NDArray[np.uint32]
    mask: NDArray[np.uint32]

    def picture(self, levels: NDArray[np.uint8], colours: NDArray[np.uint32]) -> QImage:
        """The picture of some values in the 256 opaque `colours` (0xAARRGGBB)."""
        if len(self.samples) == 1:
            pixels = np.append(colours[levels], _RGB)[self.samples[0]]
        else:
            values = np.append(levels, np.uint8(0))[self.samples]
            means = values.sum(axis=0, dtype=np.uint32) * self.shares >> _HALF
            pixels = colours[means]
        pixels &= self.mask
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # owns its memory


def ratio_of(painter: QPainter) -> int | None:
    """How many pixels a picture needs for each unit to be sharp; None where vectors are drawn."""
    if painter.paintEngine().type() != _RASTER:
        return None
    return max(1, math.ceil(painter.deviceTransform().m11() - 0.01))


def around(places: tuple[Rectangle, ...]) -> QRectF:
    """The rectangle around all `places`."""
    left, top = min(p[0] for p in places), min(p[1] for p in places)
    right, bottom = max(p[0] + p[2] for p in places), max(p[1] + p[3] for p in places)
    return QRectF(left, top, right - left, bottom - top)


@lru_cache(maxsize=64)
def tiles(
    places: tuple[Rectangle, ...], shape: tuple[int, int], radius: float, ratio: int
) -> Stencil:
    """Maps of ``(rows, columns)`` values, each filling one of the `places`; round corners."""
    left, top, across, down = (round(side) for side in around(places).getRect())  # type: ignore[attr-defined]
    rows, columns = shape
    samples = np.full((1, down, across), len(places) * rows * columns, np.intp)
    opacity = np.zeros(samples.shape[1:])
    for number, (x, y, width, height) in enumerate(places):
        part = (slice(y - top, y - top + height), slice(x - left, x - left + width))
        row, column = _centers(height) * rows // height, _centers(width) * columns // width
        index = (number * rows + row[:, np.newaxis]) * columns + column
        samples[0][part] = index.astype(np.intp)
        opacity[part] = _rounded(height, width, radius * ratio)
    place = QRectF(left / ratio, top / ratio, across / ratio, down / ratio)
    return _stencil(place, samples, opacity, len(places) * rows * columns)


def slanted(
    corner: QPointF, across: QPointF, down: QPointF, shape: tuple[int, int], ratio: int
) -> Stencil:
    """A map of ``(rows, columns)`` values on the parallelogram at `corner`."""
    ends = [corner, corner + across, corner + down, corner + across + down]
    left, top = (math.floor(min(v)) for v in ([p.x() for p in ends], [p.y() for p in ends]))
    right, bottom = (math.ceil(max(v)) for v in ([p.x() for p in ends], [p.y() for p in ends]))
    width, height = (right - left) * ratio, (bottom - top) * ratio
    rows, columns = shape
    samples = np.full((len(SAMPLES) ** 2, height, width), rows * columns, np.intp)
    sides = np.array([[across.x(), down.x()], [across.y(), down.y()]])
    for number, (dx, dy) in enumerate((x, y) for y in SAMPLES for x in SAMPLES):
        x = left + (np.arange(width) + dx) / ratio - corner.x()
        y = top + (np.arange(height) + dy) / ratio - corner.y()
        u, v = np.einsum("ij,jyx->iyx", np.linalg.inv(sides), np.stack(np.meshgrid(x, y)))
        inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
        index = (v * rows).astype(np.intp) * columns + (u * columns).astype(np.intp)
        samples[number][inside] = index[inside]
    share = (samples < rows * columns).mean(axis=0)
    place = QRectF(left, top, right - left, bottom - top)
    return _stencil(place, samples, share, rows * columns)


def reduced(levels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Maps ``(n, rows, columns)`` made smaller: each new value is the mean of its area."""
    rows, columns = levels.shape[1:]
    if shape == (rows, columns):
        return levels
    down, across = _means(shape[0], rows), _means(shape[1], columns)
    return np.asarray(np.rint(down @ levels.astype(np.float32) @ across.T), np.uint8)


@lru_cache(maxsize=64)
def _means(count: int, values: int) -> NDArray[np.float32]:
    """A matrix ``(count, values)`` that takes means of equal shares of a row."""
    edges = np.arange(count + 1) * (values / count)
    cells = np.arange(values)
    ends = np.minimum(edges[1:, np.newaxis], cells + 1)
    overlaps = np.clip(ends - np.maximum(edges[:-1, np.newaxis], cells), 0, None)
    return np.asarray(overlaps * (count / values), np.float32)


def _stencil(
    place: QRectF, samples: NDArray[np.intp], share: NDArray[np.floating], values: int
) -> Stencil:
    counts = np.maximum(1, (samples < values).sum(axis=0))
    shares = np.ceil(65536 / counts).astype(np.uint32)  # sums of so few bytes come out exact
    mask = np.rint(255 * share).astype(np.uint32) << np.uint32(24) | _RGB
    return Stencil(place, samples, shares, mask)


def _centers(count: int) -> NDArray[np.floating]:
    return np.arange(count) + 0.5


def _rounded(height: int, width: int, radius: float) -> NDArray[np.floating]:
    """How much of each pixel a rectangle with round corners covers, from a grid of points."""
    down, across = (_into_corner(side, radius) for side in (height, width))
    inside = np.hypot(down[:, np.newaxis], across) <= radius
    return np.asarray(inside.reshape(height, _FINE, width, _FINE).mean(axis=(1, 3)))


def _into_corner(side: int, radius: float) -> NDArray[np.floating]:
    """How far points along a side lie beyond the centre of the corner's arc; 0 between the arcs."""
    points = _centers(side * _FINE) / _FINE
    return np.asarray(np.maximum(0, np.abs(points - side / 2) - side / 2 + radius))
