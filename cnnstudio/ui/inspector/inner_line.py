"""A block inside another one as a line: glyph, name, settings in words, size or what is wrong."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.row import Blocks, keys, name_of
from cnnstudio.errors import SizeError
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.parts.fields import RADIUS, rounded
from cnnstudio.ui.parts.labels import draw_tile
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty, size

LINE = 28
TILE = 16


class Inner(NamedTuple):
    """A block in a row, and what is known about it there; `problem` is why it does not fit."""

    name: str
    block: Block
    input_shape: Shape | None
    output_shape: Shape | None
    problem: str = ""


def inner_blocks(blocks: Blocks, shape: Shape | None) -> list[Inner]:
    """The blocks of a row that gets `shape`; behind one that does not fit nothing is known."""
    found = []
    for key, block in zip(keys(blocks), blocks, strict=True):
        output, problem = None, ""
        if shape is not None:
            try:
                output = block.output_shape(shape)
            except SizeError as error:
                problem = f"Does not fit: {error}."
        found.append(Inner(name_of(key), block, shape, output, problem))
        shape = output
    return found


class InnerLine(QAbstractButton):
    """One block as a line: glyph, name, settings in words, size or what is wrong."""

    pressed_key = Signal(object)
    """A key that is not the button's own, as a QKeyEvent; accepted where it meant something."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._inner: Inner | None = None
        self.setCheckable(True)
        self.setFixedHeight(LINE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_inner(self, inner: Inner) -> None:
        """Show a block."""
        if inner == self._inner:
            return
        self._inner = inner
        state = inner.problem or f"output {size(inner.output_shape)}"
        words = f"{inner.name}, {pretty(inner.block.summary())}"
        self.setAccessibleName(f"{words}, {pretty(state)}")
        self.setToolTip(f"{words}\n{pretty(inner.problem)}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens as Space does; the other keys are the row's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        event.ignore()
        self.pressed_key.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line."""
        inner = self._inner
        if inner is None:
            return
        theme = self._themes.theme
        painter = QPainter(self)
        hot = self.underMouse()
        fill = theme.color("accenttint" if self.isChecked() else "field")
        line = theme.color("accent") if self.hasFocus() else theme.color("strong") if hot else None
        rounded(painter, QRectF(self.rect()), RADIUS, fill, line, 1.5 if self.hasFocus() else 1.0)
        glyph = icons.block_icon_name(inner.block)
        tile = QRectF(6, (LINE - TILE) / 2, TILE, TILE)
        draw_tile(painter, tile, inner.block.family, glyph, self._themes)
        self._paint_words(painter, inner)

    def _paint_words(self, painter: QPainter, inner: Inner) -> None:
        theme = self._themes.theme
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        name = elided(inner.name, self.width() - 60, 12, 500)
        painter.setFont(font(12, 500))
        painter.setPen(theme.color("errortext" if inner.problem else "text"))
        painter.drawText(self.rect().adjusted(28, 0, 0, 0), middle, name)
        left = 28 + width_of(name, 12, 500) + 8
        shown = "" if inner.problem else size(inner.output_shape)
        room = self.width() - left - 14 - max(14.0, width_of(shown, 11, 500))
        painter.setFont(font(11, 500, tabular=True))
        painter.drawText(self.rect().adjusted(0, 0, -8, 0), middle | right, shown)
        if inner.problem:
            mark = QRectF(self.width() - 22, (LINE - 14) / 2, 14, 14)
            icons.draw(painter, "alert", theme.color("error"), mark)
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        words = elided(pretty(inner.block.summary()), max(0.0, room - 4), 11)
        painter.drawText(self.rect().adjusted(round(left), 0, 0, 0), middle, words)
