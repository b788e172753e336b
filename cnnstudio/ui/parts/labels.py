"""Small parts that the panels share: labels by role, dividers, glyph tiles, rows of facts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from cnnstudio.blocks import Block, Family
from cnnstudio.ui import icons
from cnnstudio.ui.theme import ThemeManager, font

GLYPH_SHARE = 0.62
"""How much of a tile's side its glyph takes."""


def label(role: str, words: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles: plain text, never markup."""
    result = QLabel(words)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("role", role)
    result.setWordWrap(wrap)
    return result


class Elided(QLabel):
    """A line of text in the role "caption" that gives way when there is no room for all of it.

    `short` are fewer words, which then stand in its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.short = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "caption")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, with dots where it is cut; then the tooltip has all of it."""
        words = self.text()
        metrics, room = self.fontMetrics(), self.width()
        fits = not self.short or metrics.horizontalAdvance(words) <= room
        shown = metrics.elidedText(words if fits else self.short, Qt.TextElideMode.ElideRight, room)
        self.setToolTip("" if shown == words else words)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


def set_role(widget: QWidget, role: str) -> None:
    """Give `widget` another role and dress it anew."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def divider() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setProperty("role", "line")
    return line


def draw_tile(
    painter: QPainter, rect: QRectF, family: Family, glyph: str, themes: ThemeManager
) -> None:
    """A block's glyph on a rounded square of its family's colour."""
    theme = themes.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.family(family))
    painter.drawRoundedRect(rect, rect.width() * 0.22, rect.width() * 0.22)
    margin = rect.width() * (1 - GLYPH_SHARE) / 2
    inner = rect.adjusted(margin, margin, -margin, -margin)
    icons.draw(painter, glyph, theme.glyph(family), inner)


class GlyphTile(QWidget):
    """A block's glyph as a tile of `side` pixels."""

    def __init__(self, side: int, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._look: tuple[Family, str] | None = None
        self.setFixedSize(QSize(side, side))

    def show_block(self, block: Block) -> None:
        """Show the glyph of `block`."""
        self.show_glyph(block.family, icons.block_icon_name(block))

    def show_glyph(self, family: Family, glyph: str) -> None:
        """Show any icon on the colour of `family`."""
        self._look = (family, glyph)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tile."""
        if self._look is not None:
            draw_tile(QPainter(self), QRectF(self.rect()), *self._look, self._themes)


class Fact(QWidget):
    """A row with a name at the left, and a value with a paler remark at the right."""

    def __init__(self, name: str, *, px: int = 12) -> None:
        super().__init__()
        self.name = label("caption" if px < 12 else "label", name)
        self.value = QLabel()
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setStyleSheet(f"font-size: {px}px; font-weight: 500;")
        self.value.setFont(font(px, 500, tabular=True))
        self.remark = label("label" if px >= 12 else "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.value)
        row.addWidget(self.remark)
        self.setFixedHeight(20)

    def show_value(self, value: str, remark: str = "", tip: str = "") -> None:
        """Show `value` and `remark`; `tip` is the tooltip of the row."""
        self.value.setText(value)
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))
        self.setToolTip(tip)
