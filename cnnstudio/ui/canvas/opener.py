"""The small button on the card of a block that holds rows: opens them below, and closes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.ui import icons
from cnnstudio.ui.canvas.button import Button
from cnnstudio.ui.canvas.paint import box
from cnnstudio.ui.theme import ThemeManager

SIDE = 20.0


class Opener(Button):
    """A chevron that points down while the rows are closed and up while they are open."""

    def __init__(
        self,
        corner: QPointF,
        themes: ThemeManager,
        toggle: Callable[..., None],
        card: QGraphicsItem,
    ) -> None:
        super().__init__(QRectF(0, 0, SIDE, SIDE), themes, lambda: toggle(card), card)
        self.is_open = False
        self.setPos(corner)
        self.show_open(False)

    def show_open(self, is_open: bool) -> None:
        """Say whether the rows are open."""
        self.is_open = is_open
        words = "Close its rows" if is_open else "Open its rows: see and change the blocks inside"
        self.setToolTip(f"{words}  (Enter)")
        self.update()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the field and the chevron."""
        theme = self._themes.theme
        token = "strong" if self.is_pressed else "line" if self.is_hovered else "card"
        line = theme.color("accent" if self.is_open else "strong")
        box(painter, self._size, 5, theme.color(token), line)
        tone = theme.color("accent" if self.is_open else "text2")
        name = "chevron-up" if self.is_open else "chevron-down"
        icons.draw(painter, name, tone, self._size.adjusted(3, 3, -3, -3))
