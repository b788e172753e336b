"""A block's card: header, settings, activations, size, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Input
from cnnstudio.blocks.row import rows_of
from cnnstudio.ui.canvas.activity import Activity
from cnnstudio.ui.canvas.button import IconButton
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.misfit import draw_misfit
from cnnstudio.ui.canvas.opener import Opener
from cnnstudio.ui.canvas.paint import (
    elided,
    fitting_text,
    glyph_tile,
    grip,
    lines_of,
    type_face,
    words,
)
from cnnstudio.ui.canvas.plate import HEAD, Plate
from cnnstudio.ui.canvas.window_picture import Coverage, draw_coverage
from cnnstudio.ui.theme import Theme, ThemeManager

HEADER = 32.0
_LEFT, _RIGHT = 12.0, CARD.width() - 12
_RIGHT_ALIGNED = Qt.AlignmentFlag.AlignRight
_CENTERED = Qt.AlignmentFlag.AlignHCenter
_SIGN_X = CARD.width() - 44
_COVERAGE = QRectF(16, 58, 62, 60)


class Card(Plate):
    """One block of the row, with what it makes of the probe image."""

    def __init__(
        self,
        face: Face,
        themes: ThemeManager,
        step: Callable[[int], None],
        toggle: Callable[[Plate], None],
    ) -> None:
        super().__init__(CARD, face, themes)
        self.setFlag(Plate.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # exposedRect
        self._activity = Activity(face, themes, self)
        self.opener = Opener(QPointF(_SIGN_X - 3, 6), themes, toggle, self)
        self.opener.setVisible(bool(rows_of(face.block)))
        if isinstance(face.block, Input):
            self._add_arrows(step)

    # ---- for the scene

    def show_values(self, values: NDArray[np.floating] | None) -> None:
        """Show activations ``(C, H, W)`` or ``(units,)``."""
        self._activity.show_values(values)

    def value_at(self, point: QPointF) -> tuple[tuple[int, ...], float] | None:
        """Place and value of the activation that is drawn at `point`; None where none is."""
        return self._activity.value_at(point)

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        self._activity.refresh()
        self.opener.update()
        super().refresh()

    # ---- for Qt

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the card."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        self._paint_ground(painter, theme)
        self._paint_header(painter, theme)
        if option.exposedRect.bottom() > HEAD + 2:  # more than a new name
            self._paint_settings(painter, QPointF(_LEFT, 49), _RIGHT - _LEFT, theme)
            self._paint_body(painter, theme)
            self._paint_footer(painter, theme)
        self._paint_outline(painter, theme)

    # ---- parts

    def _change_look(self, before: Face) -> None:
        super()._change_look(before)
        self._activity.show_face(self._face)
        self.opener.setVisible(bool(rows_of(self._face.block)))

    def _add_arrows(self, step: Callable[[int], None]) -> None:
        for icon, x, by, tip in (
            ("chevron-left", 88, -1, "Previous test image"),
            ("chevron-right", 116, 1, "Next test image"),
        ):
            button = IconButton(icon, 24, self._themes, partial(step, by), self)
            button.setPos(x, 96)
            button.setToolTip(tip)

    def _paint_header(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        self._paint_header_ground(painter, HEADER, theme)
        glyph_tile(painter, QRectF(8, 7, 18, 18), face.block, theme)
        words(painter, QPointF(34, 20.5), face.name, theme.color("text"), 12, 600)
        sign = QRectF(_SIGN_X - (22 if self.opener.isVisible() else 0), 8, 16, 16)
        self._paint_sign(painter, sign, theme)
        if self.movable:
            grip(painter, QPointF(CARD.width() - 16, 12), self._grip_color(theme))

    def _paint_body(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        if face.state is State.UNKNOWN:
            tone = theme.color("text3")
            words(painter, QPointF(CARD.width() / 2, 95.5), "?", tone, 20, 500, _CENTERED)
        elif face.state is State.MISFIT:
            self._paint_error(painter, theme)
        elif face.coverage is not None:
            self._paint_coverage(painter, face.coverage, theme)
        elif isinstance(face.block, Input):
            self._paint_probe(painter, theme)

    def _paint_error(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        if face.misfit is not None:
            draw_misfit(painter, face.misfit, theme.family(face.block.family), theme)
            return
        room = QRectF(_LEFT, 55, _RIGHT - _LEFT, 66)
        sentence = face.sentence.split(". ")[0]
        painter.setFont(type_face(11))
        painter.setPen(theme.color("errortext"))
        shown = fitting_text(sentence, room.width(), room.height(), 11)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, shown)

    def _paint_coverage(self, painter: QPainter, coverage: Coverage, theme: Theme) -> None:
        tone = theme.family(self._face.block.family)
        draw_coverage(painter, _COVERAGE, coverage, tone, theme)
        lines = lines_of(coverage.brief, _RIGHT - 94, 11)
        for number, line in enumerate(lines):
            words(painter, QPointF(94, 74 + 15 * number), line, theme.color("text2"))

    def _paint_probe(self, painter: QPainter, theme: Theme) -> None:
        words(painter, QPointF(88, 70), "Probe image", theme.color("text2"))
        words(painter, QPointF(88, 87.5), self._face.probe or "…", theme.color("text"), 12, 600)

    def _paint_footer(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        painter.fillRect(QRectF(_LEFT, CARD.height() - 28, _RIGHT - _LEFT, 1), theme.color("line"))
        tone = "accenttext" if face.is_new else "text"
        tone = {State.MISFIT: "errortext", State.UNKNOWN: "text3"}.get(face.state, tone)
        used = words(painter, QPointF(_LEFT, 142.5), face.size, theme.color(tone), 12, 600)
        tone = "text3" if face.is_new else "text2"
        right = QPointF(_RIGHT, 142)
        note = elided(face.note, _RIGHT - _LEFT - used - 8, 11)
        words(painter, right, note, theme.color(tone), 11, 400, _RIGHT_ALIGNED)
