"""Small things to click inside the scene: chips, arrows, the plus of a connector."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import box, width_of, words
from cnnstudio.ui.theme import ThemeManager


class Button(QGraphicsItem):
    """Something of `size` that calls `clicked` when it is pressed and released."""

    def __init__(
        self,
        size: QRectF,
        themes: ThemeManager,
        clicked: Callable[[], None],
        parent: QGraphicsItem | None = None,
    ) -> None:
        super().__init__(parent)
        self._size = size
        self._themes = themes
        self._clicked = clicked
        self.is_hovered = False
        self.is_pressed = False
        self.setAcceptHoverEvents(True)

    @property
    def pointer(self) -> Qt.CursorShape:
        """The mouse pointer over it, which the view shows.

        A QGraphicsItem's own cursor crashes Qt 6.11 when it is taken away under a mouse that has
        not moved yet.
        """
        return Qt.CursorShape.PointingHandCursor

    def boundingRect(self) -> QRectF:
        """The button's rectangle."""
        return self._size

    def click(self) -> None:
        """Do what the button does."""
        self._clicked()

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Show that it can be clicked."""
        self._set(hovered=True)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Rest."""
        self._set(hovered=False)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Wait for the release."""
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)
        self.is_pressed = event.isAccepted()
        self.update()

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Click, if the pointer is still on the button."""
        was_pressed, self.is_pressed = self.is_pressed, False
        self.update()
        if was_pressed and self.shape().contains(event.pos()):
            self.click()

    def _set(self, *, hovered: bool) -> None:
        self.is_hovered = hovered
        self.update()


class IconButton(Button):
    """A square with an icon on a field."""

    def __init__(
        self,
        icon: str,
        side: float,
        themes: ThemeManager,
        clicked: Callable[[], None],
        parent: QGraphicsItem | None = None,
        *,
        icon_size: float = 16,
        bare: bool = False,
    ) -> None:
        super().__init__(QRectF(0, 0, side, side), themes, clicked, parent)
        self._icon = icon
        self._icon_size = icon_size
        self._bare = bare

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the field and the icon."""
        theme = self._themes.theme
        if not self._bare or self.is_hovered:
            token = "strong" if self.is_pressed else "line" if self.is_hovered else "field"
            box(painter, self._size, 4, theme.color(token))
        place = QRectF(0, 0, self._icon_size, self._icon_size)
        place.moveCenter(self._size.center())
        icons.draw(painter, self._icon, theme.color("text2"), place)


class Chip(Button):
    """A pill with words, accented when it is the `first` choice."""

    HEIGHT = 24.0
    _PADDING = 12.0

    def __init__(
        self,
        text: str,
        first: bool,
        themes: ThemeManager,
        clicked: Callable[[], None],
        parent: QGraphicsItem | None = None,
    ) -> None:
        width = round(width_of(text, 12, 500) + 2 * self._PADDING)
        super().__init__(QRectF(0, 0, width, self.HEIGHT), themes, clicked, parent)
        self.text = text
        self._first = first

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the pill."""
        theme = self._themes.theme
        fill, line, tone = ("accenttint", "accent", "accenttext")
        if not self._first:
            fill, line, tone = ("card", "strong", "text")
        if self.is_hovered:
            fill = "field" if not self._first else "card"
        if self.is_pressed:
            fill = "line"
        width = 1.5 if self.is_hovered and self._first else 1.0
        box(painter, self._size, 12, theme.color(fill), theme.color(line), width)
        middle = self._size.center()
        middle.setY(16.5)
        center = Qt.AlignmentFlag.AlignHCenter
        words(painter, middle, self.text, theme.color(tone), 12, 500, center)
