"""Activations as pictures on a card: maps, cells of a row of units, and bars of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from cnnstudio.ui.canvas.paint import box, words
from cnnstudio.ui.theme import Theme

AREA = QRectF(8, 56, 168, 64)
"""The part of a card that shows activations."""
MAGNIFIED = 112
"""The side, in pixels, to which a map on a volume is magnified before it is slanted."""
MOST_MAPS = 16
CELL_COLUMNS = 20
MOST_CELLS = 8 * CELL_COLUMNS
MOST_BARS = 10

_ROUND = 2.0
_CELL = 7.0
_CELL_PITCH = 8.0
_QUIETEST = 0.25
"""A map is scaled to its maximum, but at least to this share of the layer's: dead stays dark."""


@dataclass(frozen=True, eq=False)
class Maps:
    """The first maps of a block as one picture, one below the other."""

    picture: QImage
    count: int
    strongest: int

    def part(self, index: int) -> QRectF:
        """Where map `index` lies in the picture."""
        height = self.picture.height() / self.count
        return QRectF(0, index * height, self.picture.width(), height)

    def strongest_map(self) -> QImage:
        """The map with the highest mean, magnified by a whole factor without smoothing."""
        picture = self.picture.copy(self.part(self.strongest).toRect())
        factor = max(1, MAGNIFIED // max(picture.width(), picture.height()))
        return picture.scaled(picture.size() * factor)


def picture_of(levels: NDArray[np.uint8], table: NDArray[np.uint8]) -> QImage:
    """Bytes ``(rows, columns)`` coloured by a (256, 3) table."""
    wide = table.astype(np.uint32)
    packed = 0xFF000000 | wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    pixels = np.ascontiguousarray(packed.astype(np.uint32)[levels])
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return image.copy()  # the copy owns its memory, the array may go


def levels_of(maps: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Maps ``(C, H, W)`` as bytes, 0 to the map's maximum; see the module's scaling rule."""
    finite = np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0)
    own = finite.max(axis=(1, 2))
    scale = np.maximum(own, _QUIETEST * own.max(initial=0.0))
    scale[scale <= 0] = 1.0
    shares = np.clip(finite / scale[:, np.newaxis, np.newaxis], 0, 1)
    return np.asarray(np.rint(255 * shares), np.uint8)


def maps_of(values: NDArray[np.floating], theme: Theme) -> Maps:
    """The first maps of activations ``(C, H, W)``."""
    levels = levels_of(values)[:MOST_MAPS]
    count, height, width = levels.shape
    strongest = int(levels.mean(axis=(1, 2)).argmax())
    picture = picture_of(levels.reshape(count * height, width), theme.maps_table())
    return Maps(picture, count, strongest)


def cell_colors(values: NDArray[np.floating], theme: Theme) -> list[QColor]:
    """The colours of the first units of a row."""
    finite = np.nan_to_num(values[:MOST_CELLS], nan=0.0, posinf=0.0, neginf=0.0)
    scale = max(float(finite.max(initial=0.0)), 1e-12)
    levels = np.rint(255 * np.clip(finite / scale, 0, 1)).astype(np.uint8)
    return [QColor(*map(int, theme.maps_table()[level])) for level in levels]


def map_places(count: int) -> list[QRectF]:
    """Where `count` maps (at most 16) stand on a card."""
    if count == 1:
        tile, gap, columns = 64.0, 0.0, 1
    elif count <= 8:
        tile, gap = 28.0, 4.0
        columns = {2: 2, 4: 2}.get(count, 3 if count <= 6 else 4)
    else:
        tile, gap, columns = 18.0, 3.0, 8
    rows = -(-count // columns)
    width, height = columns * (tile + gap) - gap, rows * (tile + gap) - gap
    left = round(AREA.center().x() - width / 2)
    top = round(AREA.center().y() - height / 2)
    step = tile + gap
    return [
        QRectF(left + step * (i % columns), top + step * (i // columns), tile, tile)
        for i in range(count)
    ]


def draw_map(painter: QPainter, maps: Maps, index: int, place: QRectF) -> None:
    """Draw one map: enlarged without smoothing, reduced with."""
    part = maps.part(index)
    shrinks = part.width() > place.width() or part.height() > place.height()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
    painter.drawImage(_kept_proportions(part, place), maps.picture, part)


def draw_maps(painter: QPainter, maps: Maps, theme: Theme) -> None:
    """Draw the maps of a card."""
    for index, place in enumerate(map_places(maps.count)):
        draw_map(painter, maps, index, place)
        round_corners(painter, place, theme.color("card"))


def round_corners(painter: QPainter, place: QRectF, ground: QColor) -> None:
    """Round the corners of a picture that is drawn already: cheaper than to clip it."""
    painter.save()
    painter.translate(place.topLeft())
    painter.fillPath(_corners(place.width(), place.height()), ground)
    painter.restore()


@lru_cache(maxsize=16)
def _corners(width: float, height: float) -> QPainterPath:
    """What a rounded rectangle leaves of a rectangle."""
    outer, inner = QPainterPath(), QPainterPath()
    outer.addRect(QRectF(0, 0, width, height))
    inner.addRoundedRect(QRectF(0, 0, width, height), _ROUND, _ROUND)
    return outer - inner


def draw_empty_maps(painter: QPainter, count: int, theme: Theme) -> None:
    """The places of maps whose values are not there yet."""
    for place in map_places(min(count, MOST_MAPS)):
        box(painter, place, 2, theme.color("inset"))


def draw_cells(painter: QPainter, colors: Sequence[QColor], ground: QColor) -> None:
    """Draw a row of units as cells on `ground`: one enlarged picture, then the gaps over it.

    Two calls instead of one for each cell, because beside training threads each call into Qt may
    have to wait for its turn.
    """
    columns = min(CELL_COLUMNS, len(colors))
    rows = -(-len(colors) // columns)
    left = round(AREA.center().x() - (columns * _CELL_PITCH - 1) / 2)
    top = round(AREA.center().y() - (rows * _CELL_PITCH - 1) / 2)
    pixels = np.zeros((rows, columns), np.uint32)
    pixels.flat[: len(colors)] = [color.rgba() for color in colors]
    picture = QImage(
        pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied
    )
    place = QRectF(left, top, columns * _CELL_PITCH, rows * _CELL_PITCH)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(place, picture)
    painter.save()
    painter.translate(left, top)
    painter.fillPath(_gaps(columns, rows), ground)
    painter.restore()


@lru_cache(maxsize=16)
def _gaps(columns: int, rows: int) -> QPainterPath:
    """What cells leave of their pitch: a strip right of each column and below each row."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    width, height, gap = columns * _CELL_PITCH, rows * _CELL_PITCH, _CELL_PITCH - _CELL
    for column in range(columns):
        path.addRect(QRectF(column * _CELL_PITCH + _CELL, 0, gap, height))
    for row in range(rows):
        path.addRect(QRectF(0, row * _CELL_PITCH + _CELL, width, gap))
    return path


def draw_bars(
    painter: QPainter,
    shares: NDArray[np.floating],
    names: Sequence[str],
    color: QColor,
    theme: Theme,
) -> None:
    """Draw one bar for each class, its name below, the winner in `color`."""
    count = len(shares)
    pitch, foot, tallest = 160 / count, 100.0, 40.0
    winner = int(np.argmax(shares))
    for index, share in enumerate(np.nan_to_num(shares)):
        middle = 12 + pitch * (index + 0.5)
        height = max(2.0, tallest * float(share))
        bar = QRectF(middle - 6, foot - height, 12, height)
        first = index == winner
        box(painter, bar, min(2.0, height / 2), color if first else theme.color("strong"))
        tone, weight = (theme.color("text"), 600) if first else (theme.color("text3"), 400)
        center = Qt.AlignmentFlag.AlignHCenter
        words(painter, QPointF(middle, 116), names[index], tone, 11, weight, center)


def _kept_proportions(part: QRectF, place: QRectF) -> QRectF:
    size = part.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    result = QRectF(QPointF(0, 0), size)
    result.moveCenter(place.center())
    return result
