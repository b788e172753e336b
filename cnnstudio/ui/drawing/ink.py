"""The drawing on the pad: light ink on a dark sheet, with the steps that made it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from cnnstudio.data.drawn import Manner, ink_of, seen, seen_picture

SIDE = 320
"""Pixels of the sheet's side, however large it is shown."""

PEN, ERASER = 26.0, 52.0
"""Widths in pixels of the sheet: a digit that fills two thirds of it has strokes as MNIST's."""

MOST_STEPS = 100
"""So many steps can be taken back; a sheet has 100 KB."""


def _blank() -> QImage:
    image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    return image


@dataclass(frozen=True, eq=False)
class Drawing:
    """One state of the sheet; `source` (H, W, 1 or 3) is the picture that alone is on it."""

    image: QImage = field(default_factory=_blank)
    source: NDArray[np.uint8] | None = None

    @property
    def values(self) -> NDArray[np.uint8]:
        """The ink (SIDE, SIDE), 0 where there is none."""
        bits = np.frombuffer(self.image.constBits(), np.uint8)
        return bits.reshape(SIDE, self.image.bytesPerLine())[:, :SIDE].copy()

    def seen(self, shape: tuple[int, ...], manner: Manner) -> NDArray[np.uint8]:
        """What a network with pictures of `shape` gets; raises DataError for a blank sheet."""
        if self.source is not None:
            return seen_picture(self.source, shape, manner)
        return seen(self.values, shape, manner)


class Ink:
    """The drawing, its stroke in the making, and the way back and forth."""

    def __init__(self) -> None:
        self.drawing = Drawing()
        self._past: list[Drawing] = []
        self._future: list[Drawing] = []
        self._last: tuple[QPointF, QPointF] | None = None
        self._is_eraser, self._pressure = False, 1.0

    # ---- strokes, in pixels of the sheet

    @property
    def is_drawing(self) -> bool:
        """Whether a stroke has begun that has not ended."""
        return self._last is not None

    def begin(self, point: QPointF, *, erasing: bool = False, pressure: float = 1.0) -> None:
        """Put the pen down: a dot."""
        self.end()
        self._keep(Drawing(self.drawing.image.copy()))
        self._is_eraser, self._last = erasing, (point, point)
        path = QPainterPath(point)
        path.lineTo(point + QPointF(0.01, 0))
        self._draw(path, pressure)

    def extend(self, point: QPointF, pressure: float = 1.0) -> None:
        """Go on to `point`; corners become round, as the ends lie half-way between two points."""
        if self._last is None:
            return
        middle, before = self._last
        path, self._last = QPainterPath(middle), ((before + point) / 2, point)
        path.quadTo(before, self._last[0])
        self._draw(path, pressure)

    def end(self) -> None:
        """Lift the pen: the rest of the way to where it was last."""
        if self._last is not None:
            middle, before = self._last
            path = QPainterPath(middle)
            path.lineTo(before)
            self._draw(path, self._pressure)
            self._last = None

    def abandon(self) -> None:
        """Take the stroke in the making away."""
        if self._last is not None:
            self._last = None
            self.drawing = self._past.pop()

    def _draw(self, path: QPainterPath, pressure: float) -> None:
        self._pressure = pressure
        width = ERASER if self._is_eraser else PEN * (0.4 + 0.6 * pressure)
        colour = QColor(Qt.GlobalColor.black if self._is_eraser else Qt.GlobalColor.white)
        round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter = QPainter(self.drawing.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, round_cap, round_join))
        painter.drawPath(path)
        painter.end()

    # ---- steps

    @property
    def is_blank(self) -> bool:
        """Whether nothing is on the sheet."""
        return not self.drawing.values.any()

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._future)

    def load(self, source: NDArray[np.uint8]) -> None:
        """Put the picture (H, W, 1 or 3) on the sheet in place of what is there; one step."""
        self.end()
        values = ink_of(source, SIDE)
        image = QImage(values.data, SIDE, SIDE, SIDE, QImage.Format.Format_Grayscale8)
        self._keep(Drawing(image.copy(), source))

    def clear(self) -> None:
        """A blank sheet; one step, which can be taken back."""
        self.end()
        if not self.is_blank:
            self._keep(Drawing())

    def undo(self) -> None:
        """One step back; a stroke in the making is that step."""
        self.end()
        if self._past:
            self._future.append(self.drawing)
            self.drawing = self._past.pop()

    def redo(self) -> None:
        """One step forward."""
        self.end()
        if self._future:
            self._past.append(self.drawing)
            self.drawing = self._future.pop()

    def _keep(self, drawing: Drawing) -> None:
        self._past = [*self._past, self.drawing][-MOST_STEPS:]
        self._future = []
        self.drawing = drawing
