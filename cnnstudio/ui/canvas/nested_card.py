"""The card of a block inside another one: as those of the network, but small and without maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks.row import rows_of
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.network import BlockReport
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.face import Face, State, ailing, face_of, previewed_face
from cnnstudio.ui.canvas.nested_layout import CARD
from cnnstudio.ui.canvas.opener import Opener
from cnnstudio.ui.canvas.paint import elided, glyph_tile, grip, width_of, words
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.theme import Theme, ThemeManager

HEADER = 27.0
_LEFT, _RIGHT = 10.0, CARD.width() - 10
_WIDTH = _RIGHT - _LEFT
NAME = 27.0
"""Where the name begins: that of a 12th RESIDUAL has room."""
_SIGN = QRectF(CARD.width() - 38, 6, 15, 15)
_SIGN_BELOW = QRectF(_RIGHT - 15, 32, 15, 15)
"""Where the opener takes the place of the sign in the header."""


class InnerCard(Plate):
    """One block of an inner row."""

    def __init__(
        self,
        path: Path,
        entry: BlockReport,
        themes: ThemeManager,
        toggle: Callable[[Plate], None],
        frame: QGraphicsItem,
    ) -> None:
        super().__init__(CARD, face_of(entry, _WIDTH), themes)
        self.setParentItem(frame)
        self.path = path
        self._present = self._face
        self.opener = Opener(QPointF(_SIGN.x() - 2, 3.5), themes, toggle, self)
        self.opener.setVisible(bool(rows_of(entry.block)))
        self.setZValue(1)

    def show_entry(self, entry: BlockReport, findings: Sequence[Finding] = ()) -> None:
        """Show what is known about the block, and what ails it in training."""
        self._present = ailing(face_of(entry, _WIDTH), self.path, findings)
        self.show_face(self._present)
        self.opener.setVisible(bool(rows_of(entry.block)))

    def preview_entry(self, entry: BlockReport) -> None:
        """Show what would be known about the block."""
        self.show_face(previewed_face(self._present, face_of(entry, _WIDTH)))

    def show_present(self) -> None:
        """Show what is known again."""
        self.show_face(self._present)

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        self.opener.update()
        super().refresh()

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
        is_beside = self.opener.isVisible() and self.face.sign
        width = _SIGN_BELOW.left() - 4 - _LEFT if is_beside else _WIDTH
        self._paint_settings(painter, QPointF(_LEFT, 44.5), width, theme)
        self._paint_footer(painter, self._face, theme)
        self._paint_outline(painter, theme)

    def _paint_header(self, painter: QPainter, theme: Theme) -> None:
        face = self._face
        self._paint_header_ground(painter, HEADER, theme)
        glyph_tile(painter, QRectF(6, 5.5, 16, 16), face.block, theme)
        end = self.opener.x() if self.opener.isVisible() else _SIGN.x()
        name = elided(face.name, end - NAME, 12, 600)
        words(painter, QPointF(NAME, 18), name, theme.color("text"), 12, 600)
        self._paint_sign(painter, _SIGN_BELOW if self.opener.isVisible() else _SIGN, theme)
        grip(painter, QPointF(CARD.width() - 14, 9.5), self._grip_color(theme))

    def _paint_footer(self, painter: QPainter, face: Face, theme: Theme) -> None:
        painter.fillRect(QRectF(_LEFT, 53, _WIDTH, 1), theme.color("line"))
        tone = "accenttext" if face.is_new else "text"
        tone = {State.MISFIT: "errortext", State.UNKNOWN: "text3"}.get(face.state, tone)
        used = words(painter, QPointF(_LEFT, 69), face.size, theme.color(tone), 11, 600)
        note, room = face.note, _WIDTH - used - 4
        if width_of(note, 11) > room:
            note = elided(note.removesuffix(" params"), room, 11)
        tone = "text3" if face.is_new else "text2"
        right = Qt.AlignmentFlag.AlignRight
        words(painter, QPointF(_RIGHT, 69), note, theme.color(tone), 11, 400, right)
