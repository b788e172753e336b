"""The label of a setting: a drag changes its number, and a mark puts its default back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QWidget

from cnnstudio.ui import icons
from cnnstudio.ui.parts.fields import HEIGHT, rounded
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager, font

MARK = 16
"""The side of the mark in pixels."""

COLUMN = 88
"""The width that labels have beside their editors, with the gap."""

TRAVEL = 8
"""So many pixels of a drag make one step."""


class ResetMark(QAbstractButton):
    """An arrow behind the label of a changed setting; a click puts the default back."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setFixedSize(QSize(MARK, MARK))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The arrow, on a tint under the pointer."""
        theme, painter = self._themes.theme, QPainter(self)
        if self.underMouse():
            rounded(painter, QRectF(self.rect()), 4, theme.color("accenttint"))
        tone = theme.color("accenttext" if self.underMouse() else "text3")
        icons.draw(painter, "undo", tone, QRectF(2, 2, MARK - 4, MARK - 4))


class DragWords(QLabel):
    """Words that can be dragged to the right and left; a click without a drag is a click."""

    dragged = Signal(int, bool)
    """How many steps, and whether they belong to the drag that has begun before."""
    clicked = Signal()

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "label")
        self._from: QPointF | None = None
        self._again = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from, self._again = event.globalPosition(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Step for every few pixels."""
        if self._from is None:
            return
        steps = int((event.globalPosition().x() - self._from.x()) / TRAVEL)
        if steps:
            self._from += QPointF(steps * TRAVEL, 0)
            self.dragged.emit(steps, self._again)
            self._again = True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag, or a click.

        Of moves that wait Qt delivers the last, even if that one comes after the release.
        """
        self.mouseMoveEvent(event)
        if self._from is not None and not self._again:
            self.clicked.emit()
        self._from = None


class SettingLabel(QWidget):
    """The words of a setting, and behind them the mark while it is not at its default."""

    def __init__(self, words: str, themes: ThemeManager, *, draggable: bool) -> None:
        super().__init__()
        self.words = DragWords(words) if draggable else label("label", words)
        self._draggable = draggable
        self.mark = ResetMark(themes)
        self.mark.setAccessibleName(f"Put {words} back to its default")
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.words)
        row.addWidget(self.mark)
        row.addStretch(1)
        self.show_changed(False, "")

    def sizeHint(self) -> QSize:
        """As wide as the words with the mark, so that nothing moves when it comes.

        Words that fill the column let it stand in the gap behind them.
        """
        words = QFontMetrics(font(12)).horizontalAdvance(self.words.text())
        return QSize(max(words, min(words + 2 + MARK, COLUMN)), HEIGHT)

    def show_changed(self, changed: bool, default: str) -> None:
        """Show the mark or not; `default` is what it goes back to, in words."""
        self.mark.setVisible(changed)
        self.mark.setToolTip(f"Back to the default, {default}  (Alt+Delete)")

    def set_locked(self, locked: bool) -> None:
        """Show whether the number can be dragged."""
        drags = self._draggable and not locked
        shape = Qt.CursorShape.SizeHorCursor if drags else Qt.CursorShape.ArrowCursor
        self.words.setCursor(shape)
        self.words.setEnabled(True)
        self.mark.setEnabled(not locked)
