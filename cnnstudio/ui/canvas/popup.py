"""A card that floats over the canvas with a list, and goes when the person goes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.ui.canvas.shadow import FLOATING, draw_shadow
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.keyboard_place import KeyboardPlace

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

SHADOW = 36
"""The room around the card for its shadow."""
_RADIUS = 10
_EDGE = 8
"""Pixels that stay free between the card and the edges of the canvas."""


class Popup(QWidget):
    """The card; what is chosen in it is previewed on the canvas, and nothing is changed before.

    Its parts go into `column`. `appear` shows it, `dismiss` closes it with nothing changed.
    """

    def __init__(self, canvas: Canvas, name: str, spoken: str) -> None:
        super().__init__(canvas)
        self.hide()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._canvas = canvas
        self._before = KeyboardPlace()
        self.column = QVBoxLayout(self)
        edge = SHADOW + 1
        self.column.setContentsMargins(edge, edge, edge, edge)
        self.column.setSpacing(0)
        canvas.session.training_changed.connect(self.dismiss)
        canvas.themes.changed.connect(self.update)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    @property
    def card(self) -> QRect:
        """The card without its shadow, in its own coordinates."""
        return self.rect().adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)

    @property
    def room(self) -> QRect:
        """Where on the canvas the card may stand."""
        return self._canvas.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def appear(self) -> None:
        """Show it, and remember who had the keyboard."""
        if not self.is_open:
            self._before.remember()
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Close it with nothing changed; the keyboard goes back to where it was."""
        if not self.is_open:
            return
        self.end_preview()
        if self.isAncestorOf(self.window().focusWidget() or self._canvas):
            self._before.give_back(self._canvas)  # perhaps the window is not active
        self.hide()

    def end_preview(self) -> None:
        """Show the network as it is."""
        raise NotImplementedError

    def put_card(self, place: QRect) -> None:
        """Move the card to `place` on the canvas."""
        self.setGeometry(place.adjusted(-SHADOW, -SHADOW, SHADOW, SHADOW))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its shadow."""
        theme, painter = self._canvas.themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.card)
        draw_shadow(painter, card, _RADIUS, FLOATING, theme)
        rounded(painter, card, _RADIUS, theme.color("card"), theme.color("strong"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the card is none on the canvas; one on its shadow closes it."""
        if not self.card.contains(event.position().toPoint()):
            self.dismiss()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nor is the release."""
        event.accept()
