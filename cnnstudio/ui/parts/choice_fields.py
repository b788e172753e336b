"""The painted controls of a choice: segments side by side, and a combo box."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from cnnstudio.ui.parts.fields import HEIGHT, RADIUS, Wheel, rounded
from cnnstudio.ui.theme import Theme, ThemeManager, font


class Segment(QAbstractButton):
    """One option of a segmented control."""

    def __init__(self, words: str, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.used = False
        """Whether some of the selected blocks have this option."""
        self.setText(words)
        self.setCheckable(True)
        self.setFont(font(11, 500))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Wide enough for the word."""
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 10, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chosen one lies on a card; of several blocks, those in use have a dashed line."""
        theme = self._themes.theme
        painter = QPainter(self)
        inside = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self.isChecked():
            line = theme.color("accent" if self.hasFocus() else "strong")
            fill = theme.color("card" if theme.name == "light" else "strong")
            rounded(painter, inside, 4, fill, line)
        elif self.used or self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            style = Qt.PenStyle.SolidLine if self.hasFocus() else Qt.PenStyle.DashLine
            painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "text3"), 1, style))
            painter.drawRoundedRect(inside.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        bright = self.isEnabled() and (self.isChecked() or self.underMouse())
        painter.setPen(theme.color("text" if bright else "text2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QWidget):
    """Up to four short options side by side; arrow keys go from one to the next."""

    chosen = Signal(str, bool)
    """The option, and whether the change belongs to the same gesture as the one before."""

    def __init__(self, options: Mapping[str, str], themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._group = QButtonGroup(self)
        self.buttons: dict[str, Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for word, label in options.items():
            button = self.buttons[word] = Segment(label, themes)
            self._group.addButton(button)
            row.addWidget(button, button.sizeHint().width())
        self._group.buttonClicked.connect(lambda _button: self.chosen.emit(self.value(), False))
        self.setFixedHeight(HEIGHT)

    def value(self) -> str:
        """The chosen option's word."""
        return next((w for w, b in self.buttons.items() if b.isChecked()), "")

    def set_value(self, word: str | None) -> None:
        """Choose `word`, or with None nothing, without a signal."""
        self._group.setExclusive(False)
        for option, button in self.buttons.items():
            button.setChecked(option == word)
        self._group.setExclusive(True)
        self.show_used(set())

    def show_used(self, words: Collection[str]) -> None:
        """Mark the options `words`, which some of the selected blocks have."""
        for option, button in self.buttons.items():
            button.used = option in words
            button.update()

    def parts(self) -> tuple[QWidget, ...]:
        """The widgets that take the keyboard."""
        return tuple(self.buttons.values())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box behind the options."""
        fill = self._themes.theme.color("field")
        rounded(QPainter(self), QRectF(self.rect()), RADIUS, fill)


class Combo(QComboBox):
    """A combo box painted as a field; the wheel changes it only with the keyboard focus."""

    chosen = Signal(str, bool)
    """The option's data, and whether the change belongs to the same gesture as the one before.

    A key held down is one gesture, and so are all turns of the wheel until something else happens.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._wheel = Wheel()
        self._wheeled = self._again = False
        self.activated.connect(self._tell)
        self.setFont(font(12, 500))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def minimumSizeHint(self) -> QSize:
        """Narrower than its longest words, which end with dots then."""
        return QSize(64, HEIGHT)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the options; let the form scroll unless this box has the focus."""
        if not self.hasFocus() or not self.isEnabled():
            event.ignore()
            return
        place = self.currentIndex() - self._wheel.notches(event)
        place = max(0, min(self.count() - 1, place))
        if place != self.currentIndex():
            self._again, self._wheeled = self._wheeled, True
            self.setCurrentIndex(place)
            self.activated.emit(place)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key held down goes on with its gesture."""
        self._again, self._wheeled = event.isAutoRepeat(), False
        super().keyPressEvent(event)
        self._again = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End the gesture."""
        self._wheeled = False
        super().focusOutEvent(event)

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """A choice from the list is a gesture of its own."""
        self._wheeled = self._again = False
        super().showPopup()

    def parts(self) -> tuple[QWidget, ...]:
        """The widgets that take the keyboard."""
        return (self,)

    def _tell(self, place: int) -> None:
        again, self._again = self._again, False
        self.chosen.emit(str(self.itemData(place)), again)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, words and arrow."""
        theme = self._themes.theme
        painter = QPainter(self)
        line, width = None, 1.0
        if self.hasFocus() and self.isEnabled():
            line, width = theme.color("accent"), 2.0
        elif self.underMouse() and self.isEnabled():
            line = theme.color("strong")
        rounded(painter, QRectF(self.rect()), RADIUS, theme.color("field"), line, width)
        arrow = 22 if self.isEnabled() else 8
        known = self.isEnabled() and self.currentIndex() >= 0
        painter.setPen(theme.color("text" if known else "text2"))
        painter.setFont(self.font())
        room = self.rect().adjusted(10, 0, -arrow, 0)
        words = QFontMetrics(self.font()).elidedText(
            self.currentText() or self.placeholderText(),
            Qt.TextElideMode.ElideRight,
            room.width(),
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        if self.isEnabled():
            _chevron(painter, QPointF(self.width() - 13, HEIGHT / 2), theme)


def _chevron(painter: QPainter, middle: QPointF, theme: Theme) -> None:
    painter.setPen(QPen(theme.color("text2"), 1.5))
    tip = middle + QPointF(0, 2)
    painter.drawPolyline([tip + QPointF(-3.5, -3.5), tip, tip + QPointF(3.5, -3.5)])
