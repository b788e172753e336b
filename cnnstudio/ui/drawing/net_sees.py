"""The small picture that the network really gets, large in its tooltip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.parts.picture_grid import image_of
from cnnstudio.ui.theme import ThemeManager

SIDE = 28
"""Pixels of its side: one for each of MNIST's."""

_ENLARGED = 140
"""Pixels of the side of the picture in the tooltip."""


class NetSees(QWidget):
    """A picture ``(C, H, W)`` of bytes, grey or in colour; nothing where there is none."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.pixels: NDArray[np.uint8] | None = None
        self._image = QImage()
        self.setFixedSize(SIDE, SIDE)
        self.setAccessibleName("What the network sees")

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show `pixels`, or none."""
        self.pixels = pixels
        self._image = image_of(pixels) if pixels is not None else QImage()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Make the tooltip only when it is wanted: it holds the picture."""
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self._tip())
        return super().event(event)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints: each value as a square of 8 pixels."""
        return self._image.size() * 8

    def draw(self, painter: QPainter) -> None:
        """Paint the picture enlarged, for saving."""
        painter.drawImage(QRectF(0, 0, *self.drawn_size().toTuple()), self._image)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture in its square, or the empty square."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), self._themes.theme.color("field"))
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        left, top = (SIDE - size.width()) / 2, (SIDE - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)

    def _tip(self) -> str:
        if self._image.isNull():
            return "Here stands what the network gets of the drawing."
        height, width = self._image.height(), self._image.width()
        words = f"What the network sees: {width}×{height} pixels"
        side = round(_ENLARGED / max(height, width)) or 1
        large = self._image.scaled(width * side, height * side)
        data, buffer = QByteArray(), QBuffer()
        buffer.setBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(large)
        encoded = bytes(data.toBase64().data()).decode()
        return f'{words}<br><img src="data:image/png;base64,{encoded}">'
