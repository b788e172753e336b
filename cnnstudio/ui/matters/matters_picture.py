"""A picture with what matters in it laid over: orange for, blue against, more opaque the more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import ThemeManager, font

Floats = NDArray[np.floating]
Box = tuple[int, int, int, int]

FOR, AGAINST = QColor("#FF9A2E"), QColor("#4D8DFF")
"""Both stand out from black and from white, and from each other for colour-blind eyes."""

OPAQUE = 0.92
"""How much of the picture the strongest colour hides."""

WIDEST = 240
"""Pixels that a picture takes to the side at the most."""

DIMMED = 0.62
"""How bright the picture is below the colours."""

PALE = 0.4
"""How much its own colours are kept there, so that they are not taken for those of the key."""


def colours_of(picture: NDArray[np.generic]) -> Floats:
    """``(H, W, 3)`` in 0..1 of a picture ``(C, H, W)``, bytes or numbers in 0..1.

    Three channels are red, green and blue; of any other number the mean is shown in grey.
    """
    values = picture.astype(np.float32)
    if picture.dtype == np.uint8:
        values /= 255
    if len(values) != 3:
        values = np.repeat(values.mean(axis=0, keepdims=True), 3, axis=0)
    return np.ascontiguousarray(values.transpose(1, 2, 0))


def laid_over(base: Floats, heat: Floats | None) -> NDArray[np.uint8]:
    """Colours ``(H, W, 3)`` of a picture in 0..1 below `heat` in -1..1, or of it alone."""
    colours = base * 255
    if heat is not None:
        grey = colours.mean(axis=2, keepdims=True)
        opacity = OPAQUE * np.abs(heat)[..., np.newaxis] ** 0.8
        tints = np.array([AGAINST.getRgb()[:3], FOR.getRgb()[:3]])  # type: ignore[index]
        tint = tints[(heat > 0).astype(int)]
        colours = DIMMED * (grey + PALE * (colours - grey)) * (1 - opacity) + tint * opacity
    return np.asarray(np.clip(colours, 0, 255).astype(np.uint8))


class HeatPicture(QWidget):
    """Magnified by a whole factor as far as there is room; tells the pixel under the pointer."""

    hovered = Signal(object)
    """``(row, column)`` or None."""

    def __init__(self, name: str, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._name = name
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, 3), np.uint8)
        self._box: Box | None = None
        self.shown = False
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_picture(
        self, base: Floats, heat: Floats | None = None, box: Box | None = None
    ) -> None:
        """Show a picture (H, W, 3) in 0..1 below `heat` in -1..1; `box` is outlined."""
        before = self._pixels.shape
        self._pixels = np.ascontiguousarray(laid_over(base, heat))
        self._box, self.shown = box, True
        if self._pixels.shape != before:
            self._fit()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Small pictures may be seen at their own size."""
        return QSize(28, 28)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The width follows the height."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as wide as the picture is at the present height."""
        self.setFixedWidth(self._extent(WIDEST, max(28, self.height())).width())

    def _extent(self, width: int, height: int) -> QSize:
        """The size of the picture in so much room: a whole factor, or less than 1."""
        rows, columns = self._pixels.shape[:2]
        factor: float = min(width / columns, height / rows)
        if factor >= 1:
            factor = int(factor)
        return QSize(max(1, int(columns * factor)), max(1, int(rows * factor)))

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self._extent(self.width(), self.height())

    def draw(self, painter: QPainter) -> None:
        """Paint the picture; also for saving."""
        size, (rows, columns, _) = self.drawn_size(), self._pixels.shape
        image = QImage(self._pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        shrunk = size.width() < columns
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(QRectF(0, 0, size.width(), size.height()), image)
        if self._box is not None and self._box[2:] != (rows, columns):
            draw_box(painter, self._box, size.width() / columns, QPointF(0, 0))

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Row and column of the pixel there."""
        size, (rows, columns, _) = self.drawn_size(), self._pixels.shape
        column = int(position.x() * columns // size.width())
        row = int(position.y() * rows // size.height())
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or a frame with a dash."""
        painter = QPainter(self)
        if self.shown:
            self.draw(painter)
            return
        painter.fillRect(QRectF(self._empty()), self._themes.theme.color("inset"))
        painter.setPen(self._themes.theme.color("text3"))
        painter.setFont(font(12))
        painter.drawText(self._empty(), Qt.AlignmentFlag.AlignCenter, "–")

    def _empty(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        self.hovered.emit(self.pixel_at(event.position()) if self.shown else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is."""
        self.hovered.emit(None)


def draw_box(painter: QPainter, box: Box, factor: float, corner: QPointF) -> None:
    """Outline a rectangle of pixels of a picture magnified by `factor`."""
    top, left, height, width = box
    place = QRectF(
        corner.x() + left * factor, corner.y() + top * factor, width * factor, height * factor
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(FOR, 1.5))
    painter.drawRect(place.adjusted(0.75, 0.75, -0.75, -0.75))


class HeatBar(QWidget):
    """The key to the colours: from what speaks against to what speaks for, words at both ends."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._ends = ("", "")
        self._signed = False
        self.setFixedHeight(30)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_ends(self, low: str, high: str, *, signed: bool) -> None:
        """Show the words at the ends; `signed` begins with blue."""
        self._ends, self._signed = (low, high), signed
        self.setAccessibleName(f"Colours from {low} to {high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A strip, and the words below."""
        painter = QPainter(self)
        heat = np.linspace(-1 if self._signed else 0, 1, 256, dtype=np.float32)[np.newaxis]
        strip = np.ascontiguousarray(laid_over(np.zeros((1, 256, 3), np.float32), heat))
        image = QImage(strip.data, 256, 1, 768, QImage.Format.Format_RGB888)
        painter.drawImage(QRectF(0, 2, self.width(), 8), image)
        painter.setFont(font(11, tabular=True))
        painter.setPen(self._themes.theme.color("text2"))
        below = self.rect().adjusted(0, 12, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._ends[0])
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._ends[1])
