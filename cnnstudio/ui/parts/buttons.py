"""The painted buttons of a form: switch, small push button, chip."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from cnnstudio.ui import icons
from cnnstudio.ui.parts.fields import HEIGHT, RADIUS, rounded
from cnnstudio.ui.theme import ThemeManager, font


class SwitchButton(QAbstractButton):
    """A switch of 28x16 pixels, on or off."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._mixed = False
        self.setCheckable(True)
        self.setFixedSize(34, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_mixed(self, mixed: bool) -> None:
        """Show the knob in the middle: on in some of the selected blocks, off in others."""
        self._mixed = mixed
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The track and its knob."""
        theme = self._themes.theme
        painter = QPainter(self)
        if self.hasFocus() and self.isEnabled():
            rounded(painter, QRectF(0, 2, 32, 20), 10, None, theme.color("accent"), 2.0)
        on = self.isChecked() and self.isEnabled()
        rounded(painter, QRectF(2, 4, 28, 16), 8, theme.color("accentfill" if on else "strong"))
        knob = QColor("#FFFFFF") if self.isEnabled() else theme.color("text2")
        left = 10 if self._mixed else 16 if self.isChecked() else 4
        rounded(painter, QRectF(left, 6, 12, 12), 6, knob)


class PushButton(QAbstractButton):
    """A small button of a form: words or an icon, perhaps one that stays down."""

    def __init__(self, themes: ThemeManager, words: str = "", icon_name: str = "") -> None:
        super().__init__()
        self._themes = themes
        self._icon_name = icon_name
        self.setText(words)
        self.setFont(font(11, 500))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, name: str) -> None:
        """Have another icon."""
        if name != self._icon_name:
            self._icon_name = name
            self.update()

    def sizeHint(self) -> QSize:
        """Square for an icon, else as wide as the words."""
        if self._icon_name:
            return QSize(HEIGHT, HEIGHT)
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 14, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Outlined with words, plain with an icon; tinted while it is down."""
        theme = self._themes.theme
        painter = QPainter(self)
        on = self.isChecked()
        hot = self.isEnabled() and (self.underMouse() or self.isDown())
        fill = theme.color("accenttint") if on else theme.color("field") if hot else None
        line = None if self._icon_name else theme.color("accent" if on else "fieldline")
        if self.hasFocus():
            line = theme.color("accent")
        rounded(painter, QRectF(self.rect()), RADIUS, fill, line)
        tone = "accenttext" if on else "text2"
        tone = tone if self.isEnabled() else "disabled"
        if self._icon_name:
            place = QRectF((self.width() - 14) / 2, (HEIGHT - 14) / 2, 14, 14)
            icons.draw(painter, self._icon_name, theme.color(tone), place)
            return
        painter.setPen(theme.color(tone))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class FoldButton(QAbstractButton):
    """A line of words with an arrow that opens and closes what stands below it."""

    def __init__(self, words: str, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setText(words)
        self.setCheckable(True)
        self.setFont(font(11, 500))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The arrow and the words."""
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 26, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Arrow and words, with a ring while they have the keyboard focus."""
        theme = self._themes.theme
        painter = QPainter(self)
        if self.hasFocus():
            rounded(painter, QRectF(self.rect()), RADIUS, None, theme.color("accent"), 2.0)
        tone = theme.color("text" if self.underMouse() else "text2")
        arrow = "chevron-down" if self.isChecked() else "chevron-right"
        icons.draw(painter, arrow, tone, QRectF(2, (HEIGHT - 14) / 2, 14, 14))
        painter.setPen(tone)
        words = self.rect().adjusted(20, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())


class Chip(QAbstractButton):
    """A suggestion to click, such as "pad 1 -> 3x3"; the first of a row is accented."""

    def __init__(self, words: str, themes: ThemeManager, *, first: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self._first = first
        self.setText(words)
        self.setFont(font(12, 500))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The words and 11 pixels at both ends."""
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 22, HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint for the hover tint."""
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill."""
        theme = self._themes.theme
        hot = self.isEnabled() and (self.underMouse() or self.isDown())
        fill = theme.color("accenttint" if self._first else "field" if hot else "card")
        strong = self._first or self.hasFocus()
        line = theme.color("accent" if strong else "strong")
        painter = QPainter(self)
        width = 2.0 if self.hasFocus() else 1.0
        rounded(painter, QRectF(self.rect()), HEIGHT / 2, fill, line, width)
        tone = "accenttext" if self._first else "text"
        painter.setPen(theme.color(tone if self.isEnabled() else "disabled"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
