"""The painted field of a form: a line of text, with steppers where it holds a number."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from cnnstudio.ui.theme import ThemeManager, font

Standard = QKeySequence.StandardKey

HEIGHT = 24
RADIUS = 5
STEPPER = 24

ROOMY = 100
"""A field narrower than this has no steppers, so that a word can be read in it."""

PAGE = 10
"""So many steps are made by Page Up and Page Down."""

NOTCH = 120
"""What a wheel's notch turns, in eighths of a degree; a touch pad sends many small parts of it."""

KEYS: Mapping[Qt.Key, int] = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: PAGE,
    Qt.Key.Key_PageDown: -PAGE,
}
"""How many steps a key makes."""


class Wheel:
    """Adds up the turns of a wheel until they make a notch."""

    def __init__(self) -> None:
        self._turned = 0

    def notches(self, event: QWheelEvent) -> int:
        """The whole notches, upwards above zero, that `event` completes."""
        turned = event.angleDelta().y()
        if (turned > 0) != (self._turned > 0):
            self._turned = 0
        self._turned += turned
        whole = int(self._turned / NOTCH)
        self._turned -= whole * NOTCH
        return whole


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    line: QColor | None = None,
    width: float = 1.0,
) -> None:
    """A rounded rectangle whose line lies inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(line, width) if line is not None else Qt.PenStyle.NoPen)
    inset = width / 2 if line is not None else 0.0
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)


class Stepper(QAbstractButton):
    """The - or + at the end of a field; held down it repeats, as one gesture."""

    stepped = Signal(int, bool)
    """The direction, and whether this step belongs to the same gesture as the one before."""

    def __init__(self, direction: int, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._direction = direction
        self._themes = themes
        self._again = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRepeat(True)
        self.pressed.connect(self._step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._again = False
        super().mousePressEvent(event)

    def _step(self) -> None:
        self.stepped.emit(self._direction, self._again)
        self._again = True

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin line to the left, and the sign."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 5, 1, 14), theme.color("line"))
        hot = self.isEnabled() and self.underMouse()
        if self.isDown() or hot:
            tone = "strong" if self.isDown() else "fieldline"
            rounded(painter, QRectF(3, 3, self.width() - 6, HEIGHT - 6), 4, theme.color(tone))
        middle = QPointF(self.width() / 2, HEIGHT / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("text2" if self.isEnabled() else "disabled"), 1.5))
        painter.drawLine(QLineF(middle - QPointF(4, 0), middle + QPointF(4, 0)))
        if self._direction > 0:
            painter.drawLine(QLineF(middle - QPointF(0, 4), middle + QPointF(0, 4)))


class Field(QWidget):
    """A line of text in a tinted box, with - and + where it holds a number.

    The wheel changes it only while it has the keyboard focus, so that scrolling a form is safe.
    """

    finished = Signal()
    """Enter, or the person goes elsewhere; in a menu or another window what is typed stays."""
    typed = Signal(str)
    stepped = Signal(int, bool)
    """How many steps up, and whether they belong to the same gesture as those before."""
    wheeled = Signal(int)
    cancelled = Signal()

    def __init__(self, themes: ThemeManager, *, steppers: bool) -> None:
        super().__init__()
        self._themes = themes
        self._wrong = self._marked = False
        self._wheel = Wheel()
        self.text = QLineEdit(self)
        self.text.setFrame(False)
        self.text.setStyleSheet("background: transparent; border: none; padding: 0; min-height: 0;")
        self.text.setFont(font(12, 500, tabular=True))
        self.text.textEdited.connect(self.typed)
        self.text.returnPressed.connect(self.finished)
        self.text.installEventFilter(self)
        self._steppers = [Stepper(d, themes, self) for d in (-1, 1)] if steppers else []
        for stepper in self._steppers:
            stepper.stepped.connect(self._take_step)
        self.setFocusProxy(self.text)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def name(self, label: str, help_text: str) -> None:
        """Words for a screen reader."""
        self.text.setAccessibleName(label)
        self.text.setAccessibleDescription(help_text)
        for stepper, word in zip(self._steppers, ("Decrease", "Increase"), strict=False):
            stepper.setAccessibleName(f"{word} {label}")

    def set_wrong(self, wrong: bool) -> None:
        """Show the error outline, or take it away."""
        self._wrong = wrong
        self.update()

    def set_marked(self, marked: bool) -> None:
        """Show the outline of a field whose number is pointed at elsewhere."""
        self._marked = marked
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Read-only: paler text and no steppers."""
        self.text.setReadOnly(locked)
        for stepper in self._steppers:
            stepper.setVisible(not locked)
        self._place()
        self.update()  # its ring, too

    def _take_step(self, direction: int, again: bool) -> None:
        self.text.setFocus(Qt.FocusReason.MouseFocusReason)
        self.stepped.emit(direction, again)

    def _place(self) -> None:
        steppers = [s for s in self._steppers if not s.isHidden()]
        if self.width() < ROOMY:
            steppers = []
        right = self.width() - STEPPER * len(steppers)
        for place, stepper in enumerate(self._steppers):
            stepper.setGeometry(right + STEPPER * place, 0, STEPPER, HEIGHT)
        self.text.setGeometry(8, 1, max(10, right - 10), HEIGHT - 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the steppers at the right end."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box in its state: normal, hover, focus or error."""
        theme = self._themes.theme
        line, width = None, 1.0
        if self._wrong:
            line, width = theme.color("error"), 1.5
        elif self._marked or (self.text.hasFocus() and not self.text.isReadOnly()):
            line, width = theme.color("accent"), 2.0
        elif self.underMouse() and not self.text.isReadOnly():
            line = theme.color("strong")
        rounded(QPainter(self), QRectF(self.rect()), RADIUS, theme.color("field"), line, width)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Steps by keys, Escape, a repaint when the focus changes, and undo left to the window.

        The line of text would undo letters, but knows nothing of steps; the window takes the whole
        gesture back.
        """
        if event.type() == QEvent.Type.ShortcutOverride and _travels(event):
            event.ignore()
            return True
        if isinstance(event, QFocusEvent):
            self.update()
            if event.lostFocus() and self._is_left(event):
                self.finished.emit()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def _is_left(self, event: QFocusEvent) -> bool:
        """Whether the keyboard goes elsewhere: not to another program, nor to the field's menu."""
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            menu = QApplication.activePopupWidget()
            return menu is None or menu.parentWidget() is not self.text
        return event.reason() != Qt.FocusReason.ActiveWindowFocusReason

    def _take_key(self, event: QKeyEvent) -> bool:
        if self.text.isReadOnly():
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return True
        steps = KEYS.get(Qt.Key(event.key()))
        if steps is None or not self._steppers:
            return False
        self.stepped.emit(steps, event.isAutoRepeat())
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, but only with the keyboard focus; otherwise the form scrolls."""
        if not self.text.hasFocus() or self.text.isReadOnly() or not self._steppers:
            event.ignore()
            return
        steps = self._wheel.notches(event)
        if steps:
            self.wheeled.emit(steps)
        event.accept()


def _travels(event: QEvent) -> bool:
    """Whether a key is that of undo or redo."""
    if not isinstance(event, QKeyEvent):
        return False
    return event.matches(Standard.Undo) or event.matches(Standard.Redo)
