"""A card that floats over the window until Escape or a click beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.ui.canvas.shadow import FLOATING, draw_shadow
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.keyboard_place import KeyboardPlace
from cnnstudio.ui.theme import ThemeManager, faded

RADIUS = 10
EDGE = 16
"""Pixels that stay free between the card and the edges of the window."""


class Overlay(QWidget):
    """Covers `window` and shows its `card`, `width` pixels wide and at most `height` high.

    While it is open the keyboard stays in it; then it goes back to where it was.
    """

    def __init__(
        self, window: QWidget, themes: ThemeManager, width: int, height: int, top: int
    ) -> None:
        super().__init__(window)
        self.hide()
        self._window = window
        self._themes = themes
        self._wanted, self._top = (width, height), top
        self._before = KeyboardPlace()
        self.card = QWidget(self)
        self.column = QVBoxLayout(self.card)
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(0)
        themes.changed.connect(self.update)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    def open(self) -> None:
        """Show it; the caller gives something in it the keyboard."""
        if not self.is_open:
            self._before.remember()
            self._window.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()

    def close_and_return(self) -> None:
        """Hide it and give the keyboard back."""
        if not self.is_open:
            return
        self._window.removeEventFilter(self)  # which would be asked at each event of the window
        self._before.give_back()
        self.hide()

    def fit(self, height: int) -> None:
        """Make the card `height` pixels high, as far as there is room."""
        self._wanted = (self._wanted[0], height)
        self._place()

    def _place(self) -> None:
        room = self._window.rect()
        self.setGeometry(room)
        width = min(self._wanted[0], room.width() - 2 * EDGE)
        height = min(self._wanted[1], room.height() - self._top - EDGE)
        self.card.setGeometry((room.width() - width) // 2, self._top, width, height)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        """Tab does not leave the overlay while it is open."""
        return self.is_open or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_and_return()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_and_return()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A faint veil, the shadow and the ground of the card."""
        theme, painter = self._themes.theme, QPainter(self)
        painter.fillRect(self.rect(), faded(theme.color("shadow"), 0.30 if theme.is_dark else 0.10))
        card = QRectF(self.card.geometry())
        draw_shadow(painter, card, RADIUS, FLOATING, theme)
        rounded(painter, card, RADIUS, theme.color("card"), theme.color("strong"))
