"""The OUTPUT card at the end of the row: what the network says about the probe image."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Family
from cnnstudio.network import Repair
from cnnstudio.ui import icons
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.button import Chip
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.output_face import OutputFace, Verdict, bar_length
from cnnstudio.ui.canvas.output_strip import MARKS, VERDICT_TONES, draw_strip, winner_tone
from cnnstudio.ui.canvas.paint import box, elided, fitting_text, type_face, width_of, words
from cnnstudio.ui.theme import Theme, ThemeManager
from cnnstudio.ui.typography import pretty

MOST_BARS = 10
MOST_LINES = 4
_RECT = QRectF(QPointF(0, 0), CARD)
_RADIUS = 8.0
_LEFT, _RIGHT = 12.0, CARD.width() - 12
_CENTERED = Qt.AlignmentFlag.AlignHCenter


class OutputCard(QGraphicsItem):
    """No block: it cannot be selected or dragged, and what is dropped on it goes before it.

    It is a card, or a strip where a card would stand alone in a row.
    """

    def __init__(
        self, themes: ThemeManager, attic: Attic, repair: Callable[[Repair], None]
    ) -> None:
        super().__init__()
        self._themes = themes
        self._attic = attic
        self._repair = repair
        self._locked = False
        self._rect = _RECT
        self.face = OutputFace(Verdict.UNKNOWN, "")
        self.chips: list[Chip] = []
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    # ---- for the scene

    def show_face(self, face: OutputFace) -> None:
        """Show other words, if they are other."""
        if face == self.face:
            return
        if face.repairs != self.face.repairs:
            self._offer(face.repairs)
        self.face = face
        self.setToolTip(face.tip)
        self.setOpacity(0.62 if face.verdict is Verdict.UNKNOWN else 1.0)
        self.update()

    @property
    def can_be_strip(self) -> bool:
        """Whether a strip has room for what it says: not for a sentence with repairs."""
        return self.face.verdict is not Verdict.MISFIT

    @property
    def is_strip(self) -> bool:
        """Whether it is a strip."""
        return self._rect != _RECT

    def take(self, place: QRectF) -> None:
        """Stand at a place of the scene, in which a card or a strip has room."""
        self.setPos(place.topLeft())
        rect = QRectF(QPointF(0, 0), place.size())
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
            self.update()

    def set_locked(self, locked: bool) -> None:
        """Offer no repair while nothing may be edited."""
        self._locked = locked
        for chip in self.chips:
            chip.setVisible(not locked)

    def scene_rect(self) -> QRectF:
        """The card in scene coordinates."""
        return self.mapRectToScene(self._rect)

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        for chip in self.chips:
            chip.update()
        self.update()

    def _offer(self, repairs: tuple[Repair, ...]) -> None:
        for chip in self.chips:
            self._attic.take(chip)
        self.chips, x = [], _LEFT - 2
        for number, repair in enumerate(repairs):
            chip = Chip(
                pretty(repair.change),
                number == 0,
                self._themes,
                partial(self._repair, repair),
                self,
            )
            if number and x + chip.boundingRect().width() > _RIGHT + 4:
                self._attic.take(chip)
                break
            chip.setPos(x, 94)
            chip.setToolTip(f"{pretty(str(repair))}: one click, one step to undo")
            chip.setVisible(not self._locked)
            x += chip.boundingRect().width() + 6
            self.chips.append(chip)

    # ---- for Qt

    def boundingRect(self) -> QRectF:
        """The card with its shadow."""
        return self._rect.adjusted(-6, -6, 6, 6)

    def shape(self) -> QPainterPath:
        """The card."""
        path = QPainterPath()
        path.addRoundedRect(self._rect, _RADIUS, _RADIUS)
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
        if self.is_strip:
            draw_strip(painter, self._rect, self.face, theme)
            return
        shadow.draw_shadow(painter, _RECT, _RADIUS, shadow.RESTING, theme)
        box(painter, _RECT, _RADIUS, theme.color("card"))
        self._paint_header(painter, theme)
        if self.face.verdict is Verdict.MISFIT:
            self._paint_misfit(painter, theme)
        else:
            self._paint_verdict(painter, theme)
            self._paint_classes(painter, theme)
        self._paint_footer(painter, theme)
        self._paint_outline(painter, theme)

    def _paint_header(self, painter: QPainter, theme: Theme) -> None:
        header, lower = QPainterPath(), QPainterPath()
        header.addRoundedRect(_RECT, _RADIUS, _RADIUS)
        lower.addRect(QRectF(0, 32, CARD.width(), CARD.height()))
        painter.fillPath(header - lower, theme.header_tint(Family.INPUT))
        tile = QRectF(8, 7, 18, 18)
        box(painter, tile, 4, theme.family(Family.INPUT))
        icons.draw(
            painter, "block-softmax", theme.glyph(Family.INPUT), tile.adjusted(3.5, 3.5, -3.5, -3.5)
        )
        words(painter, QPointF(34, 20.5), "OUTPUT", theme.color("text"), 12, 600)
        mark = MARKS.get(self.face.verdict)
        if mark is not None:
            place = QRectF(CARD.width() - 28, 8, 16, 16)
            icons.draw(painter, mark[0], theme.color(mark[1]), place)

    def _paint_verdict(self, painter: QPainter, theme: Theme) -> None:
        tone, weight = VERDICT_TONES.get(self.face.verdict, ("text2", 400))
        shown = elided(self.face.words, _RIGHT - _LEFT, 11, weight)
        words(painter, QPointF(_LEFT, 49), shown, theme.color(tone), 11, weight)

    def _paint_misfit(self, painter: QPainter, theme: Theme) -> None:
        room = QRectF(_LEFT, 38, _RIGHT - _LEFT, 54)
        painter.setFont(type_face(11))
        painter.setPen(theme.color("errortext"))
        shown = fitting_text(self.face.words, room.width(), room.height(), 11)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, shown)

    def _paint_classes(self, painter: QPainter, theme: Theme) -> None:
        names = self.face.names
        if not names and self.face.verdict is Verdict.UNKNOWN:
            words(
                painter,
                QPointF(CARD.width() / 2, 95.5),
                "?",
                theme.color("text3"),
                20,
                500,
                _CENTERED,
            )
            return
        if not names:
            return
        pitch = (_RIGHT - _LEFT) / len(names)
        if len(names) <= MOST_BARS and all(width_of(name, 11, 600) <= pitch - 2 for name in names):
            self._paint_bars(painter, pitch, theme)
        else:
            self._paint_lines(painter, theme)

    def _paint_bars(self, painter: QPainter, pitch: float, theme: Theme) -> None:
        """One upright bar for each class, its name below."""
        foot, face = 103.0, self.face
        for number, (name, share) in enumerate(zip(face.names, face.shares, strict=True)):
            middle = _LEFT + pitch * (number + 0.5)
            height = max(2.0, bar_length(share, 44))
            first = bool(face.percents) and number == face.winner
            tone = theme.color(winner_tone(self.face) if first else "strong")
            box(painter, QRectF(middle - 6, foot - height, 12, height), min(2.0, height / 2), tone)
            tone, weight = (theme.color("text"), 600) if first else (theme.color("text3"), 400)
            words(painter, QPointF(middle, 118), name, tone, 11, weight, _CENTERED)

    def _paint_lines(self, painter: QPainter, theme: Theme) -> None:
        """The likeliest classes, one line each: name, bar and percents."""
        face = self.face
        order = sorted(range(len(face.names)), key=lambda i: -face.shares[i])[:MOST_LINES]
        for line, number in enumerate(order):
            y, first = 66.0 + 16 * line, bool(face.percents) and number == face.winner
            tone = theme.color("text" if first else "text2")
            name = elided(face.names[number], 62, 11, 600 if first else 400)
            words(painter, QPointF(_LEFT, y), name, tone, 11, 600 if first else 400)
            length = max(2.0, bar_length(face.shares[number], 46))
            bar = QRectF(80, y - 8, length, 8)
            box(painter, bar, 2, theme.color(winner_tone(self.face) if first else "strong"))
            if face.percents:
                right = Qt.AlignmentFlag.AlignRight
                words(painter, QPointF(_RIGHT, y), face.percents[number], tone, 11, 400, right)

    def _paint_footer(self, painter: QPainter, theme: Theme) -> None:
        painter.fillRect(QRectF(_LEFT, CARD.height() - 28, _RIGHT - _LEFT, 1), theme.color("line"))
        bad = self.face.verdict is Verdict.MISFIT
        tone = theme.color("errortext" if bad else "text")
        words(painter, QPointF(_LEFT, 142.5), self.face.size, tone, 12, 600)
        right = Qt.AlignmentFlag.AlignRight
        note = elided(self.face.note, 90, 11)
        words(painter, QPointF(_RIGHT, 142), note, theme.color("text2"), 11, 400, right)

    def _paint_outline(self, painter: QPainter, theme: Theme) -> None:
        if self.face.verdict is Verdict.MISFIT:
            box(painter, _RECT, _RADIUS, None, theme.color("error"), 2)
        elif self.face.verdict is Verdict.UNKNOWN:
            box(painter, _RECT, _RADIUS, None, theme.color("strong"), 1, (4, 3))
        else:
            box(
                painter, _RECT, _RADIUS, None, theme.color("line" if theme.is_dark else "fieldline")
            )
