"""The ghost slot: where a dragged block would land, and what it would become there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Block, Shape
from cnnstudio.network import BlockReport, Report
from cnnstudio.network.inner import Path
from cnnstudio.ui import icons
from cnnstudio.ui.canvas import volume
from cnnstudio.ui.canvas.button import Button
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.paint import (
    SEPARATOR,
    box,
    elided,
    fitting_line,
    fitting_parts,
    words,
)
from cnnstudio.ui.theme import Theme, ThemeManager
from cnnstudio.ui.typography import pretty, size

_RECT = QRectF(QPointF(0, 0), CARD)
_HEADROOM = 112.0
_ROOM = CARD.width() - 16

INSERT, COPY, QUICK = "Drop to insert here", "Drop to copy here", "Enter inserts here"
"""What the slot says will happen."""
LOST = "sizes after it become unknown"


@dataclass(frozen=True)
class Offer:
    """What would result from a drop: words for the slot; `shape` is None where it is not known."""

    block: Block
    settings: str
    size: str
    cost: str
    total: str
    action: str
    fits: bool
    shape: Shape | None = None


def insertion_offer(
    entries: Sequence[BlockReport], report: Report, present: Report, action: str = INSERT
) -> Offer:
    """The offer to insert the blocks of `entries`, which leads from `present` to `report`."""
    entry = next((entry for entry in entries if not entry.fits), entries[-1])
    settings = _settings(entry.block) if len(entries) == 1 else f"{len(entries)} blocks"
    if not entry.fits:
        return Offer(
            entry.block,
            settings,
            f"{size(entry.input_shape)} → ?",
            "does not fit here",
            "",
            "Drop anyway, repair later" if action != QUICK else "Insert anyway, repair later",
            False,
        )
    return Offer(
        entry.block,
        settings,
        size(entry.output_shape),
        _cost(entries),
        _total(report, present),
        action,
        True,
        entry.output_shape,
    )


def _cost(entries: Sequence[BlockReport]) -> str:
    counts = [entry.parameters for entry in entries]
    known = [number for number in counts if number is not None]
    return f"+{sum(known):,} params" if len(known) == len(counts) else "? params"


def _settings(block: Block) -> str:
    parts = pretty(block.summary()).split(SEPARATOR)
    return fitting_line(fitting_parts(parts, _ROOM), _ROOM)


def movement_offer(entries: Sequence[BlockReport], report: Report, present: Report) -> Offer:
    """The offer to move the blocks of `entries`, which leads from `present` to `report`."""
    entry = next((entry for entry in entries if not entry.fits), entries[-1])
    fits = entry.fits
    one = len(entries) == 1
    names = _settings(entry.block) if one else f"{len(entries)} blocks"
    return Offer(
        entry.block,
        names,
        size(entry.output_shape) if fits else f"{size(entry.input_shape)} → ?",
        _total(report, present) if fits else "does not fit here",
        "",
        "Drop to move here" if fits else "Drop anyway, repair later",
        fits,
        entry.output_shape,
    )


def _total(report: Report, present: Report) -> str:
    if not report.ok:
        return LOST if present.ok else ""
    return f"{report.parameters:,} in total"


class Slot(QGraphicsItem):
    """A dashed place in the row."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._offer: Offer | None = None
        self.setZValue(-2)
        self.hide()

    @property
    def offer(self) -> Offer | None:
        """What the slot says."""
        return self._offer

    def show_offer(self, offer: Offer) -> None:
        """Show other words."""
        if offer != self._offer:
            self._offer = offer
            self.update()

    def boundingRect(self) -> QRectF:
        """The slot and the volume above it."""
        return _RECT.adjusted(-2, -_HEADROOM, 2, 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the slot."""
        offer = self._offer
        if offer is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        ground, line = ("slot", "accent") if offer.fits else ("slotError", "error")
        box(painter, _RECT, 8, theme.color(ground), theme.color(line), 1.5, (5, 4))
        if offer.shape is not None and offer.fits:
            color = theme.family(offer.block.family)
            foot = QPointF(CARD.width() / 2, -volume.FOOT)
            volume.draw_ghost(painter, foot, offer.shape, color, theme)
        self._paint_words(painter, offer, theme)

    def _paint_words(self, painter: QPainter, offer: Offer, theme: Theme) -> None:
        strong = "accenttext" if offer.fits else "errortext"
        lines = (
            (66.0, offer.settings, "text2", 11, 400),
            (89.0, offer.size, strong, 14, 600),
            (108.0, offer.cost, strong, 11, 500),
            (123.0, offer.total, "text2", 11, 400),
            (142.0, offer.action, "text2", 11, 400),
        )
        center = Qt.AlignmentFlag.AlignHCenter
        for y, text, token, px, weight in lines:
            shown = elided(text, _ROOM, px, weight)
            anchor = QPointF(CARD.width() / 2, y)
            words(painter, anchor, shown, theme.color(token), px, weight, center)


class Hint(Button):
    """Where the first block goes, shown while the network has none; a click offers blocks."""

    def __init__(self, themes: ThemeManager, offer: Callable[[Hint], None]) -> None:
        super().__init__(_RECT, themes, lambda: offer(self))
        self.path: Path = (1,)
        """Where a click inserts."""
        self.setZValue(-2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the place and the words."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        tone = "accent" if self.is_hovered else "text3"
        box(painter, _RECT, 8, None, theme.color(tone), 1.5, (5, 4))
        place = QRectF(0, 0, 20, 20)
        place.moveCenter(QPointF(CARD.width() / 2, 46))
        icons.draw(painter, "plus", theme.color(tone), place)
        lines = (
            (80.0, "Add the first block", "text", 12, 600),
            (102.0, "Click here to choose one, drag", "text2", 11, 400),
            (117.0, "one here, or type: conv 6 5×5", "text2", 11, 400),
        )
        center = Qt.AlignmentFlag.AlignHCenter
        for y, text, token, px, weight in lines:
            at = QPointF(CARD.width() / 2, y)
            words(painter, at, text, theme.color(token), px, weight, center)
