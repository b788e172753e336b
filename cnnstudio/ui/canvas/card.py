"""A block's card: header, settings, activations, size, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Family, Input
from cnnstudio.ui import icons
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.activity import Activity
from cnnstudio.ui.canvas.button import IconButton
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.misfit import draw_misfit
from cnnstudio.ui.canvas.paint import (
    SEPARATOR,
    WIDE_SEPARATOR,
    box,
    elided,
    fitting_text,
    glyph_tile,
    grip,
    type_face,
    width_of,
    words,
)
from cnnstudio.ui.theme import Theme, ThemeManager, faded, mix

RADIUS = 8.0
HEADER = 32.0
_HALO = 4.0
_RECT = QRectF(QPointF(0, 0), CARD)
_LEFT, _RIGHT = 12.0, CARD.width() - 12
_RIGHT_ALIGNED = Qt.AlignmentFlag.AlignRight
_CENTERED = Qt.AlignmentFlag.AlignHCenter


class Card(QGraphicsItem):
    """One block of the row; it repaints only when what it shows has changed."""

    def __init__(self, face: Face, themes: ThemeManager, step: Callable[[int], None]) -> None:
        super().__init__()
        self.index = 0
        """The block's place in the row; the scene keeps it up to date."""
        self._themes = themes
        self._face = face
        self._activity = Activity(face, themes, self)
        self._flags = {"hovered": False, "selected": False, "locked": False, "lifted": False}
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setToolTip(face.tip)
        self._set_opacity()
        if isinstance(face.block, Input):
            self._add_arrows(step)

    # ---- for the scene

    @property
    def face(self) -> Face:
        """What the card says."""
        return self._face

    @property
    def movable(self) -> bool:
        """Whether the block can be moved and removed: all but the Input."""
        return not isinstance(self._face.block, Input)

    def scene_center(self) -> QPointF:
        """The middle of the card in scene coordinates."""
        return self.mapToScene(_RECT.center())

    def scene_rect(self) -> QRectF:
        """The card without its volume, in scene coordinates."""
        return self.mapRectToScene(_RECT)

    def show_face(self, face: Face) -> None:
        """Show other words, if they are other."""
        if face == self._face:
            return
        self._face = face
        self._activity.show_face(face)
        self.setToolTip(face.tip)
        self._set_opacity()
        self.update()

    def show_values(
        self,
        values: NDArray[np.floating] | None,
        shares: NDArray[np.floating] | None = None,
        class_names: Sequence[str] = (),
    ) -> None:
        """Show activations ``(C, H, W)`` or ``(units,)``; with `shares` probabilities instead."""
        self._activity.show_values(values, shares, class_names)

    def set_flags(self, **flags: bool) -> None:
        """Say whether the card is ``hovered``, ``selected``, ``locked`` or ``lifted`` by a drag."""
        if any(self._flags[name] != value for name, value in flags.items()):
            self._flags.update(flags)
            self._set_opacity()
            self.update()

    @property
    def pointer(self) -> Qt.CursorShape:
        """The mouse pointer over it: an open hand where it can be dragged."""
        can_move = self.movable and not self._flags["locked"]
        return Qt.CursorShape.OpenHandCursor if can_move else Qt.CursorShape.ArrowCursor

    def has_flag(self, name: str) -> bool:
        """Whether one of the flags is set."""
        return self._flags[name]

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        self._activity.refresh()
        self.update()

    # ---- for Qt

    def boundingRect(self) -> QRectF:
        """The card with its halo and shadow."""
        reach = 14.0
        return _RECT.adjusted(-reach, -reach, reach, reach)

    def shape(self) -> QPainterPath:
        """The card alone takes the mouse."""
        path = QPainterPath()
        path.addRoundedRect(_RECT, RADIUS, RADIUS)
        return path

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
        self._paint_settings(painter, theme)
        self._paint_body(painter, theme)
        self._paint_footer(painter, theme)
        self._paint_outline(painter, theme)

    # ---- parts

    def _add_arrows(self, step: Callable[[int], None]) -> None:
        for icon, x, by, tip in (
            ("chevron-left", 88, -1, "Previous test image"),
            ("chevron-right", 116, 1, "Next test image"),
        ):
            button = IconButton(icon, 24, self._themes, partial(step, by), self)
            button.setPos(x, 96)
            button.setToolTip(tip)

    def _set_opacity(self) -> None:
        if self._flags["lifted"]:
            self.setOpacity(0.35)
        else:
            self.setOpacity(0.62 if self._face.state is State.UNKNOWN else 1.0)

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        tone = self._alarm()
        if tone is not None:
            halo = _RECT.adjusted(-_HALO, -_HALO, _HALO, _HALO)
            box(painter, halo, RADIUS + _HALO, self._halo_color(theme))
        raised = self._flags["selected"] or self._flags["hovered"]
        level = shadow.RAISED if raised else shadow.RESTING
        shadow.draw_shadow(painter, _RECT, RADIUS, level, theme)
        box(painter, _RECT, RADIUS, theme.color("card"))

    def _paint_header(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        family = Family.SHAPE if face.state is State.UNKNOWN else face.block.family
        header = QPainterPath()
        header.addRoundedRect(_RECT, RADIUS, RADIUS)
        lower = QPainterPath()
        lower.addRect(QRectF(0, HEADER, CARD.width(), CARD.height()))
        painter.fillPath(header - lower, theme.header_tint(family))
        glyph_tile(painter, QRectF(8, 7, 18, 18), face.block, theme)
        words(painter, QPointF(34, 20.5), face.name, theme.color("text"), 12, 600)
        alert = QRectF(CARD.width() - 44, 8, 16, 16)
        if face.state is State.MISFIT:
            icons.draw(painter, "alert", theme.color("error"), alert)
        elif face.warnings:
            icons.draw(painter, "warning", theme.color("warning"), alert)
        if self.movable:
            grip(painter, QPointF(CARD.width() - 16, 12), self._grip_color(theme))

    def _grip_color(self, theme: Theme) -> QColor:
        if self._flags["locked"]:
            return faded(theme.color("disabled"), 0.45)
        lit = self._flags["hovered"] or self._flags["selected"]
        return theme.color("text2" if lit else "text3")

    def _paint_settings(self, painter: QPainter, theme: Theme) -> None:
        parts = self._face.parts
        width = _RIGHT - _LEFT
        wide = width_of(WIDE_SEPARATOR.join(part.text for part in parts), 11) <= width
        separator = WIDE_SEPARATOR if wide else SEPARATOR
        x, room = _LEFT, width
        for number, part in enumerate(parts):
            lead = separator if number else ""
            tone, weight = ("errortext", 600) if part.offends else ("text2", 400)
            x += words(painter, QPointF(x, 49), elided(lead, room, 11), theme.color("text2"))
            room = _RIGHT - x
            shown = elided(part.text, room, 11, weight)
            x += words(painter, QPointF(x, 49), shown, theme.color(tone), 11, weight)
            room = _RIGHT - x
            if shown != part.text:
                return

    def _paint_body(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        if face.state is State.UNKNOWN:
            tone = theme.color("text3")
            words(painter, QPointF(CARD.width() / 2, 95.5), "?", tone, 20, 500, _CENTERED)
        elif face.state is State.MISFIT:
            self._paint_error(painter, theme)
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

    def _paint_probe(self, painter: QPainter, theme: Theme) -> None:
        words(painter, QPointF(88, 70), "Probe image", theme.color("text2"))
        words(painter, QPointF(88, 87.5), self._face.probe or "…", theme.color("text"), 12, 600)

    def _paint_footer(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        painter.fillRect(QRectF(_LEFT, CARD.height() - 28, _RIGHT - _LEFT, 1), theme.color("line"))
        tone = "accenttext" if face.is_new else "text"
        tone = {State.MISFIT: "errortext", State.UNKNOWN: "text3"}.get(face.state, tone)
        words(painter, QPointF(_LEFT, 142.5), face.size, theme.color(tone), 12, 600)
        tone = "text3" if face.is_new else "text2"
        right = QPointF(_RIGHT, 142)
        words(painter, right, face.note, theme.color(tone), 11, 400, _RIGHT_ALIGNED)

    def _paint_outline(self, painter: QPainter, theme: Theme) -> None:
        tone = self._alarm()
        if tone is not None:
            box(painter, _RECT, RADIUS, None, theme.color(tone), 2)
        elif self._face.state is State.UNKNOWN:
            box(painter, _RECT, RADIUS, None, theme.color("strong"), 1, (4, 3))
        elif self._flags["hovered"]:
            line = mix(theme.color("card"), theme.family(self._face.block.family), 0.6)
            box(painter, _RECT, RADIUS, None, line)
        else:
            box(painter, _RECT, RADIUS, None, theme.color("line" if theme.is_dark else "fieldline"))

    def _halo_color(self, theme: Theme) -> QColor:
        """The ring around the outline, which also tells that a card with an error is selected."""
        if not self._flags["selected"]:
            return faded(theme.color("error"), 0.14)
        alpha = 0.5 if self._face.state is State.MISFIT else 0.16
        return faded(theme.color("accent"), alpha)

    def _alarm(self) -> str | None:
        """The colour of a strong outline: of an error, else of the selection."""
        if self._face.state is State.MISFIT:
            return "error"
        return "accent" if self._flags["selected"] else None
