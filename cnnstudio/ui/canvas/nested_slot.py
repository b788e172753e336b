"""The ghost slot in a row inside a block: where a dragged block would land."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.ui.canvas.nested_layout import CARD
from cnnstudio.ui.canvas.paint import box, elided, words
from cnnstudio.ui.canvas.slot import LOST, Offer
from cnnstudio.ui.theme import ThemeManager

_RECT = QRectF(QPointF(0, 0), CARD)
_ROOM = CARD.width() - 14


class InnerSlot(QGraphicsItem):
    """A dashed place in an inner row with what a block would become there."""

    def __init__(self, themes: ThemeManager, frame: QGraphicsItem) -> None:
        super().__init__(frame)
        self._themes = themes
        self.offer: Offer | None = None
        self.hide()

    def show_offer(self, offer: Offer) -> None:
        """Show other words."""
        if offer != self.offer:
            self.offer = offer
            self.update()
        self.show()

    def boundingRect(self) -> QRectF:
        """The place of a card."""
        return _RECT.adjusted(-2, -2, 2, 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the place and the words."""
        offer = self.offer
        if offer is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        ground, line = ("slot", "accent") if offer.fits else ("slotError", "error")
        strong = "accenttext" if offer.fits else "errortext"
        box(painter, _RECT, 8, theme.color(ground), theme.color(line), 1.5, (5, 4))
        lines = (
            (18.0, offer.settings, "text2", 11, 400),
            (36.0, offer.size, strong, 13, 600),
            (53.0, offer.cost or offer.total, strong, 11, 500),
            (69.0, _last_line(offer), "text2", 11, 400),
        )
        for y, text, token, px, weight in lines:
            shown = elided(text, _ROOM, px, weight)
            anchor = QPointF(CARD.width() / 2, y)
            center = Qt.AlignmentFlag.AlignHCenter
            words(painter, anchor, shown, theme.color(token), px, weight, center)


def _last_line(offer: Offer) -> str:
    """The new total, or what will happen; there is less room than in the network's own slot."""
    if offer.total == LOST:
        return "later sizes unknown"
    return offer.total if offer.cost and offer.total else offer.action
