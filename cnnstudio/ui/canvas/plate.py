"""What the cards of blocks have in common, large or small: face, flags, ground and outline."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.blocks import Family, Input
from cnnstudio.network.inner import Path
from cnnstudio.ui import icons
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.opener import Opener
from cnnstudio.ui.canvas.paint import SEPARATOR, WIDE_SEPARATOR, box, elided, width_of, words
from cnnstudio.ui.document.edits import LOCKED
from cnnstudio.ui.theme import Theme, ThemeManager, faded, mix

RADIUS = 8.0
HEAD = 34.0
"""The upper part of a card that has its name and nothing below the header."""
_HALO = 4.0
_REACH = 14.0


class Plate(QGraphicsItem):
    """A card of a block; it repaints only when what it shows has changed."""

    def __init__(self, size: QSizeF, face: Face, themes: ThemeManager) -> None:
        super().__init__()
        self.path: Path = (0,)
        """The path of its block; what the card stands in keeps it up to date."""
        self._themes = themes
        self._face = face
        self._rect = QRectF(QPointF(0, 0), size)
        self._bounds = self._rect.adjusted(-_REACH, -_REACH, _REACH, _REACH)
        self._flags = {"hovered": False, "selected": False, "locked": False, "lifted": False}
        self.opener: Opener
        """The button that opens its rows; hidden where it has none."""
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._set_opacity()

    # ---- for the scene

    @property
    def face(self) -> Face:
        """What the card says."""
        return self._face

    @property
    def index(self) -> int:
        """The place in the network of the block, or of the one that it is in."""
        return self.path[0]

    @property
    def movable(self) -> bool:
        """Whether the block can be moved and removed: all but the Input."""
        return not isinstance(self._face.block, Input)

    def scene_center(self) -> QPointF:
        """The middle of the card in scene coordinates."""
        return self.mapToScene(self._rect.center())

    def scene_rect(self) -> QRectF:
        """The card without its volume, in scene coordinates."""
        return self.mapRectToScene(self._rect)

    def show_face(self, face: Face) -> None:
        """Show other words, if they are other."""
        before = self._face
        if face is before or face == before:
            return
        self._face = face
        if self._flags["hovered"]:
            self.setToolTip(self._tip())
        if before.has_look_of(face):
            self._update_head()
        else:
            self._change_look(before)

    def _change_look(self, before: Face) -> None:
        """The face has become another than that of `before`, not in its name alone."""
        self._set_opacity()
        self.update()

    def set_flags(self, **flags: bool) -> None:
        """Say whether the card is ``hovered``, ``selected``, ``locked`` or ``lifted`` by a drag."""
        others = dict(flags.items() - self._flags.items())
        self._flags |= others
        if others and self._flags["hovered"]:
            self.setToolTip(self._tip())  # made when it is asked for: there may be hundreds
        if others.keys() - {"locked"}:
            self._set_opacity()
            self.update()
        elif others:
            self._update_head()  # the grip

    def _update_head(self) -> None:
        self.update(QRectF(0, 0, self._rect.width(), HEAD))

    def _tip(self) -> str:
        """What the face says, and why the block cannot be changed."""
        return f"{self._face.tip}\n{LOCKED}" if self._flags["locked"] else self._face.tip

    def has_flag(self, name: str) -> bool:
        """Whether one of the flags is set."""
        return self._flags[name]

    @property
    def pointer(self) -> Qt.CursorShape:
        """The mouse pointer over it: an open hand where it can be dragged."""
        can_move = self.movable and not self._flags["locked"]
        return Qt.CursorShape.OpenHandCursor if can_move else Qt.CursorShape.ArrowCursor

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        self.update()

    # ---- for Qt

    def boundingRect(self) -> QRectF:
        """The card with its halo and shadow."""
        return self._bounds  # Qt asks whenever a card moves, and an insertion moves hundreds

    def shape(self) -> QPainterPath:
        """The card alone takes the mouse."""
        path = QPainterPath()
        path.addRoundedRect(self._rect, RADIUS, RADIUS)
        return path

    # ---- parts

    def _set_opacity(self) -> None:
        if self._flags["lifted"]:
            self.setOpacity(0.35)
        else:
            self.setOpacity(0.62 if self._face.state is State.UNKNOWN else 1.0)

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        tone = self._alarm()
        if tone is not None:
            halo = self._rect.adjusted(-_HALO, -_HALO, _HALO, _HALO)
            box(painter, halo, RADIUS + _HALO, self._halo_color(theme))
        raised = self._flags["selected"] or self._flags["hovered"]
        level = shadow.RAISED if raised else shadow.RESTING
        shadow.draw_shadow(painter, self._rect, RADIUS, level, theme)
        box(painter, self._rect, RADIUS, theme.color("card"))

    def _paint_header_ground(self, painter: QPainter, height: float, theme: Theme) -> None:
        unknown = self._face.state is State.UNKNOWN
        family = Family.SHAPE if unknown else self._face.block.family
        painter.fillPath(_header(self._rect.size(), height), theme.header_tint(family))

    def _paint_sign(self, painter: QPainter, place: QRectF, theme: Theme) -> None:
        """What is wrong with the block as a sign; the tooltip has the words."""
        sign = self._face.sign
        if sign:
            tone = "error" if self._face.state is State.MISFIT else "warning"
            icons.draw(painter, sign, theme.color(tone), place)

    def _grip_color(self, theme: Theme) -> QColor:
        if self._flags["locked"]:
            return faded(theme.color("disabled"), 0.45)
        lit = self._flags["hovered"] or self._flags["selected"]
        return theme.color("text2" if lit else "text3")

    def _paint_settings(
        self, painter: QPainter, start: QPointF, width: float, theme: Theme
    ) -> None:
        parts = self._face.parts
        wide = width_of(WIDE_SEPARATOR.join(part.text for part in parts), 11) <= width
        separator = WIDE_SEPARATOR if wide else SEPARATOR
        x, y, right = start.x(), start.y(), start.x() + width
        for number, part in enumerate(parts):
            lead = separator if number else ""
            tone, weight = ("errortext", 600) if part.offends else ("text2", 400)
            x += words(painter, QPointF(x, y), elided(lead, right - x, 11), theme.color("text2"))
            shown = elided(part.text, right - x, 11, weight)
            x += words(painter, QPointF(x, y), shown, theme.color(tone), 11, weight)
            if shown != part.text:
                return

    def _paint_outline(self, painter: QPainter, theme: Theme) -> None:
        tone = self._alarm()
        if tone is not None:
            box(painter, self._rect, RADIUS, None, theme.color(tone), 2)
        elif self._face.state is State.UNKNOWN:
            box(painter, self._rect, RADIUS, None, theme.color("strong"), 1, (4, 3))
        elif self._flags["hovered"]:
            line = mix(theme.color("card"), theme.family(self._face.block.family), 0.6)
            box(painter, self._rect, RADIUS, None, line)
        else:
            quiet = theme.color("line" if theme.is_dark else "fieldline")
            box(painter, self._rect, RADIUS, None, quiet)

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


def _header(size: QSizeF, height: float) -> QPainterPath:
    """The upper part of a card, round at the top."""
    across = 2 * RADIUS
    path = QPainterPath(QPointF(0, height))
    path.arcTo(QRectF(0, 0, across, across), 180, -90)
    path.arcTo(QRectF(size.width() - across, 0, across, across), 90, -90)
    path.lineTo(size.width(), height)
    path.closeSubpath()
    return path
