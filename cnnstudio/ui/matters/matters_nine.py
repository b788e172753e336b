"""The pictures that most excite a map, each with the part that the strongest cell sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QResizeEvent

from cnnstudio.ui.matters.matters_picture import Box, draw_box
from cnnstudio.ui.parts.mosaic import INSET, Mosaic
from cnnstudio.ui.parts.tiling import LARGEST
from cnnstudio.ui.theme import ThemeManager, packed

SPACING, SMALLEST = 6, 16
"""Pixels between two pictures, and the least side of one."""


class Nine(Mosaic):
    """The strongest images, each with what the strongest cell sees."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self.set_spacing(SPACING, (SMALLEST, LARGEST))
        self.boxes: Sequence[Box] = ()
        self._sides: tuple[int, ...] = (1, 1)
        self._whole = np.zeros((0, 1, 1, 3), np.uint8)
        self._packed = np.zeros((0, 1, 1), np.uint32)
        self._words: Sequence[tuple[str, str]] = ()

    def show_images(
        self, images: np.ndarray, boxes: Sequence[Box], captions: Sequence[tuple[str, str]]
    ) -> None:
        """Show pictures (n, H, W, 3) in 0..1."""
        self.boxes, self._sides = boxes, images.shape[1:3]
        self._whole = np.rint(255 * images).astype(np.uint8)
        self._words = captions
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the size of the pictures anew."""
        super().resizeEvent(event)
        if len(self._whole):
            self._fit()

    def _fit(self) -> None:
        """Show the pictures as large as there is room; smooth below twice their size."""
        side, whole = self._side(len(self._whole)), self._whole
        if side < 2 * max(self._sides):
            whole = np.stack([resized(each, side / max(self._sides)) for each in whole])
        self._packed = packed(whole.reshape(-1, 3)).reshape(whole.shape[:3])
        self.show_maps(whole[..., 0], self._themes.theme.maps_table(), self._words)

    def _colours(self, skip: int) -> np.ndarray:
        return self._packed[:, ::skip, ::skip]

    def _side(self, count: int) -> int:
        """The longer side of a picture, in device pixels."""
        ratio = self.devicePixelRatioF()
        parent = self.parentWidget()
        width, height = self.width() - 2 * INSET, (parent or self).height() - 2 * INSET
        best = 0.0
        for columns in range(1, count + 1):
            rows = -(-count // columns)
            across = (width - SPACING * (columns - 1)) / columns
            best = max(best, min(across, (height - SPACING * (rows - 1)) / rows))
        return max(SMALLEST, int(best * ratio))

    def draw(self, painter: QPainter) -> None:
        """The pictures and the outlines; also for saving."""
        super().draw(painter)
        for index, box in enumerate(self.boxes[: self.count]):
            if box[2:] != tuple(self._sides):
                place = self.place(index)
                factor = place.width() / self._sides[1]
                draw_box(painter, box, factor, QPointF(place.x(), place.y()))


def resized(picture: np.ndarray, factor: float) -> np.ndarray:
    """A picture of bytes (H, W, 3) magnified smoothly by a factor that need not be whole."""
    rows, columns, _ = picture.shape
    picture, form = np.ascontiguousarray(picture), QImage.Format.Format_RGB888
    image = QImage(picture.data, columns, rows, 3 * columns, form)
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    smooth = Qt.TransformationMode.SmoothTransformation
    scaled = image.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth).convertToFormat(form)
    lines = np.frombuffer(scaled.constBits(), np.uint8).reshape(size[1], scaled.bytesPerLine())
    return lines[:, : 3 * size[0]].reshape(size[1], size[0], 3).copy()
