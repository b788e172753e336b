"""The isometric box above a card, whose size follows height x width x channels."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from cnnstudio.blocks import Family, Shape
from cnnstudio.ui.canvas.stencil import VECTOR_RATIO, Stencil, ratio_of, slanted
from cnnstudio.ui.theme import Theme, faded, load_theme, mix

FOOT = 10
"""How far the box stands above its card."""
TALLEST = 67.0
"""The most that a box rises, so that it stays below the title and the wire of the row above."""
MOST_SLICES = 16

_RIGHT = QPointF(math.sqrt(0.75), -0.5)
_LEFT = QPointF(-math.sqrt(0.75), -0.5)
_BASE = 9.0
_SLICE_PITCH = 5.0
_WHITE = QColor("#FFFFFF")
_BLACK = QColor("#000000")


class Box:
    """The corners of the box of a size; its feet stand at y = 0, its middle at x = 0."""

    def __init__(self, shape: Shape) -> None:
        if shape.is_flat:
            height, width, depth = 6 + 5 * math.sqrt(shape[0]), _BASE, _BASE
            height = min(TALLEST - _BASE, height)
            self.slices = min(12, max(2, round(height / _SLICE_PITCH)))
        else:
            channels, rows, columns = shape
            height, width, depth = _side(rows), _side(columns), 1.6 + 3.4 * channels**0.62
            self.slices = min(MOST_SLICES, channels)
        self.is_flat = shape.is_flat
        shrink = min(1.0, TALLEST / (height + (width + depth) / 2))
        height, width, depth = (side * shrink for side in (height, width, depth))
        self.front = QPointF((width - depth) / 2 * _RIGHT.x(), 0)
        self.left = _LEFT * width
        self.right = _RIGHT * depth
        self.up = QPointF(0, -height)

    def left_face(self) -> QPolygonF:
        """The face that shows a map."""
        return self._face(self.front, self.left, self.up)

    def right_face(self) -> QPolygonF:
        """The face along the depth."""
        return self._face(self.front, self.right, self.up)

    def top_face(self) -> QPolygonF:
        """The lid."""
        return self._face(self.front + self.up, self.left, self.right)

    def slice_lines(self) -> list[QPolygonF]:
        """Thin lines, one between any two channels, or rings round a row of units."""
        steps = [step / self.slices for step in range(1, self.slices)]
        if self.is_flat:
            rings = [self.front + self.up * step for step in steps]
            return [QPolygonF([at + self.left, at, at + self.right]) for at in rings]
        feet = [self.front + self.right * step for step in steps]
        return [QPolygonF([at, at + self.up, at + self.up + self.left]) for at in feet]

    def picture(self, shape: tuple[int, int], ratio: int) -> Stencil:
        """How a map of ``(rows, columns)`` values stands upright on the left face."""
        return slanted(self.front + self.left + self.up, -self.left, -self.up, shape, ratio)

    @staticmethod
    def _face(corner: QPointF, one: QPointF, other: QPointF) -> QPolygonF:
        return QPolygonF([corner, corner + one, corner + one + other, corner + other])


def draw_volume(
    painter: QPainter,
    foot: QPointF,
    shape: Shape,
    family: Family,
    theme: Theme,
    levels: NDArray[np.uint8] | None = None,
) -> None:
    """Draw the box of `shape` standing at `foot`, with the map `levels` on its left face."""
    ratio = ratio_of(painter)
    layers = _layers(shape, family, theme.name, _layer_ratio(painter, ratio)) if ratio else None
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)  # between whole scales
    painter.translate(foot)
    if layers:
        painter.drawPixmap(extent(shape).topLeft(), layers[0])
    else:
        _draw_faces(painter, shape, family, theme)
    if levels is not None and not shape.is_flat:
        form = _form(shape, ratio or VECTOR_RATIO)
        painter.drawImage(form.place, form.picture(levels, theme.map_pixels))
    if layers:
        painter.drawPixmap(extent(shape).topLeft(), layers[1])
    else:
        _draw_lines(painter, shape, family, theme)
    painter.restore()


def draw_box(painter: QPainter, shape: Shape, family: Family, theme: Theme) -> None:
    """Draw the empty box of `shape`, its foot at the origin, as vectors for any scale."""
    _draw_faces(painter, shape, family, theme)
    _draw_lines(painter, shape, family, theme)


@lru_cache(maxsize=256)
def picture_place(shape: Shape) -> QRectF:
    """The rectangle around the left face, seen from the foot, where new maps are painted."""
    return _box(shape).left_face().boundingRect().adjusted(-1, -1, 1, 1)


def draw_ghost(painter: QPainter, foot: QPointF, shape: Shape, color: QColor, theme: Theme) -> None:
    """Draw the box of a size that would result: dashed."""
    box = Box(shape)
    painter.save()
    painter.translate(foot)
    pen = QPen(color, 1)
    pen.setDashPattern([3, 2.5])
    painter.setPen(pen)
    painter.setBrush(mix(theme.color("canvas"), color, 0.12))
    for face in (box.left_face(), box.right_face(), box.top_face()):
        painter.drawPolygon(face)
    painter.restore()


@lru_cache(maxsize=256)
def extent(shape: Shape) -> QRectF:
    """The rectangle of whole pixels that the box of `shape` takes around its foot."""
    box = _box(shape)
    faces = box.left_face().boundingRect() | box.right_face().boundingRect()
    outside = faces | box.top_face().boundingRect()
    return QRectF(outside.adjusted(-1, -1, 1, 1).toAlignedRect())


def _layer_ratio(painter: QPainter, ratio: int) -> float:
    """Pixels for each unit of kept layers: shrunk to less than a half, they would have gaps."""
    scale = painter.deviceTransform().m11()
    return ratio if scale > 0.5 else 0.5 if scale > 0.25 else 0.25


@lru_cache(maxsize=64)
def _layers(shape: Shape, family: Family, theme: str, ratio: float) -> tuple[QPixmap, QPixmap]:
    """What lies under the map and over it, which stays while the map changes."""
    pictures = []
    for draw in (_draw_faces, _draw_lines):
        place = extent(shape)
        side = math.ceil(place.width() * ratio), math.ceil(place.height() * ratio)
        picture = QPixmap(*side)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-place.topLeft())
        draw(painter, shape, family, load_theme(theme))
        painter.end()
        pictures.append(picture)
    return pictures[0], pictures[1]


@lru_cache(maxsize=64)
def _form(shape: Shape, ratio: int) -> Stencil:
    """The picture of a map on the left face."""
    _, rows, columns = shape
    return _box(shape).picture((rows, columns), ratio)


def _draw_faces(painter: QPainter, shape: Shape, family: Family, theme: Theme) -> None:
    box, color = _box(shape), theme.family(family)
    ground = theme.color("canvas") if theme.is_dark else _WHITE
    shares = (0.576, 0.343, 0.162) if theme.is_dark else (0.62, 0.36, 0.78)
    painter.setPen(Qt.PenStyle.NoPen)
    faces = (box.left_face(), box.right_face(), box.top_face())
    for face, share in zip(faces, shares, strict=True):
        painter.setBrush(mix(color, ground, share))
        painter.drawPolygon(face)


def _draw_lines(painter: QPainter, shape: Shape, family: Family, theme: Theme) -> None:
    color = mix(theme.family(family), _WHITE if theme.is_dark else _BLACK, 0.12)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(faded(color, 0.45), 0.5))
    slices, edges = _lines(shape)
    if not slices.isEmpty():  # an SVG viewer complains about a path without points
        painter.drawPath(slices)
    painter.setPen(QPen(color, 0.9, j=Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(edges)


@lru_cache(maxsize=256)
def _box(shape: Shape) -> Box:
    """The box of a size, which is drawn again and again while the maps change."""
    return Box(shape)


@lru_cache(maxsize=256)
def _lines(shape: Shape) -> tuple[QPainterPath, QPainterPath]:
    """The slices and the edges, each as one path: one call into Qt is faster than many."""
    box, slices, edges = _box(shape), QPainterPath(), QPainterPath()
    for line in box.slice_lines():
        slices.addPolygon(line)
    for face in (box.left_face(), box.right_face(), box.top_face()):
        edges.addPolygon(face)
        edges.closeSubpath()
    return slices, edges


def _side(pixels: int) -> float:
    return float(np.clip(9 + 33 * pixels / 32, 9, 42))
