"""What the mouse does on the canvas: one class per gesture, which can be cancelled at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QRubberBand

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.edge_scroller import EdgeScroller
from cnnstudio.ui.canvas.paint import box
from cnnstudio.ui.theme import faded

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas


class Gesture(Protocol):
    """A gesture from the press of a button to its release."""

    def move(self, event: QMouseEvent) -> None:
        """The pointer has moved."""

    def scrolled(self) -> None:
        """The scene has moved under the pointer."""

    def turn(self, modifiers: Qt.KeyboardModifier) -> None:
        """A modifier key was pressed or released."""

    def release(self, event: QMouseEvent) -> None:
        """The button was released: do it."""

    def cancel(self) -> None:
        """Leave all as it was."""


class Band(QRubberBand):
    """The rectangle, light enough for the cards below it to be read."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(QRubberBand.Shape.Rectangle, canvas.viewport())
        self._accent = canvas.themes.theme.color("accent")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint and a thin line."""
        painter = QPainter(self)
        box(painter, QRectF(self.rect()), 2, faded(self._accent, 0.12), self._accent)
        painter.end()


class BandSelection:
    """Selects the cards of one row that a rectangle touches; `kept` ones of it stay selected.

    Begun inside an open block it selects in the nearest of its rows that it touches.
    """

    def __init__(self, canvas: Canvas, pressed: QPoint, kept: Sequence[Path]) -> None:
        self._canvas = canvas
        self._pressed = canvas.mapToScene(pressed)
        self._pointer = pressed
        self._kept = tuple(kept)
        self._before = canvas.session.selected_paths
        self._rows = canvas.pipeline.rows_near(self._pressed)
        self._band = Band(canvas)
        self._scroller = EdgeScroller(canvas, beyond=True)
        canvas.session.select_paths(self._kept)

    def move(self, event: QMouseEvent) -> None:
        """Stretch the rectangle."""
        self._pointer = event.position().toPoint()
        self._stretch()
        self._scroller.follow(self._pointer)

    def scrolled(self) -> None:
        """Stretch the rectangle over what has come into sight."""
        if self._band.isVisible():
            self._stretch()

    def turn(self, modifiers: Qt.KeyboardModifier) -> None:
        """The modifiers count when the button is pressed."""

    def release(self, event: QMouseEvent) -> None:
        """Keep what is selected."""
        self._remove()

    def cancel(self) -> None:
        """Select what was selected before."""
        self._remove()
        self._canvas.session.select_paths(self._before)

    def _stretch(self) -> None:
        corner = self._canvas.mapFromScene(self._pressed)
        area = QRect(corner, self._pointer).normalized()
        self._band.setGeometry(QRect(area.topLeft(), area.size().expandedTo(QSize(1, 1))))
        self._band.show()
        touched = self._touched(self._canvas.mapToScene(area).boundingRect())
        beside = (p for p in self._kept if not touched or p[:-1] == touched[0][:-1])
        self._canvas.session.select_paths((*beside, *touched))

    def _touched(self, area: QRectF) -> list[Path]:
        """The cards that an area of the scene touches, of the nearest row that it does."""
        rows = ([c.path for c in row if c.scene_rect().intersects(area)] for row in self._rows)
        return next(filter(None, rows), [])

    def _remove(self) -> None:
        self._scroller.stop()
        self._scroller.deleteLater()
        self._band.hide()
        self._band.deleteLater()


class Pan:
    """Shifts the view with the pointer, a closed hand."""

    def __init__(self, canvas: Canvas, pressed: QPoint) -> None:
        self._canvas = canvas
        self._last = pressed
        self._start = canvas.lens.corner
        canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        point = event.position().toPoint()
        step, self._last = point - self._last, point
        self._canvas.lens.shift(step)

    def scrolled(self) -> None:
        """It scrolls itself."""

    def turn(self, modifiers: Qt.KeyboardModifier) -> None:
        """No modifier changes it."""

    def release(self, event: QMouseEvent) -> None:
        """Stop here."""

    def cancel(self) -> None:
        """Go back to where it began."""
        self._canvas.lens.go_to(self._start)
