"""The drawing of an open block: frame, header, what goes in, trunk, shortcut, join and result."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from cnnstudio.blocks.activation import activation_words
from cnnstudio.blocks.composite import Composite, Entries
from cnnstudio.blocks.row import rows_of
from cnnstudio.errors import SizeError
from cnnstudio.network import BlockReport
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.layout import arrow, round_line
from cnnstudio.ui.canvas.nested_layout import LABEL, NODE, PADDING, TAIL, Ends, Frame
from cnnstudio.ui.canvas.paint import box, glyph_tile, width_of, words
from cnnstudio.ui.theme import Theme, faded, mix
from cnnstudio.ui.typography import count, size

RADIUS = 10.0
Line = tuple[QPointF, ...]
"""The corners of a line, from its beginning to its end."""

_PILL = 22.0
_CENTERED = Qt.AlignmentFlag.AlignHCenter


class Sketch:
    """What stands around the rows of one block; `moving` while something is dragged into it."""

    def __init__(self, entry: BlockReport, noted: bool, moving: bool) -> None:
        self._entry = entry
        self._noted = noted
        self._moving = moving
        self._known = entry.output_shape is not None
        self._count = len(rows_of(entry.block))
        self._shortcut = _shortcut_of(entry)
        self._before, self._after = size(entry.input_shape), size(entry.output_shape)
        self.ends = self._ends()

    @staticmethod
    def label_width(count: int) -> float:
        """The room for the title of a branch among `count`."""
        return width_of(f"Branch {max(count, 8)}", 11, 500) + 2

    def with_notes(self, height: float) -> Ends:
        """The ends of a frame with something said at its foot."""
        return replace(self.ends, notes=height)

    def _ends(self) -> Ends:
        after = max(width_of(self._after, 11, 600), width_of(self._function(), 11))
        title = (
            width_of(self._entry.name, 12, 600)
            + width_of(self._caption(), 11)
            + (196 if self._shortcut is None else 96)
        )
        several = self._count > 1 or self._shortcut is None
        return Ends(
            width_of(self._before, 11, 600) + 16,
            after + 16,
            title,
            labelled=several,
            shortcut=self._shortcut is not None,
        )

    def _caption(self) -> str:
        if self._shortcut is not None:
            return "what goes in is added to what its row makes of it"
        what = "1 branch" if self._count == 1 else f"{self._count} branches"
        return f"{what}, {'added' if self._adds else 'their maps stacked'}"

    @property
    def _adds(self) -> bool:
        block = self._entry.block
        return isinstance(block, Composite) and block.joins_by_sum

    def _function(self) -> str:
        name = getattr(self._entry.block, "activation", "none")
        return "" if name == "none" else f"after {activation_words(name)}"

    # ---- drawing

    def draw(self, painter: QPainter, frame: Frame, line: Line, theme: Theme) -> None:
        """Draw it all, and the `line` that leads to it from its card."""
        self._draw_ground(painter, frame, line, theme)
        self._draw_header(painter, theme)
        self._draw_labels(painter, frame, theme)
        self._draw_trunk(painter, frame, theme)
        if frame.shortcut is not None:
            self._draw_shortcut(painter, frame, frame.shortcut, theme)
        self._draw_join(painter, frame, theme)

    def _draw_ground(self, painter: QPainter, frame: Frame, line: Line, theme: Theme) -> None:
        rect = QRectF(QPointF(0, 0), frame.size)
        family = theme.family(self._entry.block.family)
        tone = (
            theme.color("error")
            if not self._entry.fits
            else mix(theme.color("canvas"), family, 0.55)
        )
        fill = mix(theme.color("canvas"), family, 0.10 if theme.is_dark else 0.07)
        painter.setPen(QPen(tone, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_rounded(line))
        shadow.draw_shadow(painter, rect, RADIUS, shadow.RESTING, theme)
        box(painter, rect, RADIUS, fill, tone, 1.25)
        tip = line[-1]
        points = [QPointF(tip.x() - TAIL, 1.2), tip, QPointF(tip.x() + TAIL, 1.2)]
        painter.setBrush(fill)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygonF(points))
        painter.setPen(QPen(tone, 1.25))
        painter.drawPolyline(QPolygonF(points))

    def _draw_header(self, painter: QPainter, theme: Theme) -> None:
        glyph_tile(painter, QRectF(12, 10, 20, 20), self._entry.block, theme)
        tone = theme.color("text")
        used = words(painter, QPointF(40, 24.5), self._entry.name, tone, 12, 600)
        words(painter, QPointF(40 + used + 10, 24), self._caption(), theme.color("text2"))

    def _draw_labels(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        for number, strip in enumerate(frame.strips):
            left, top = strip.grid.metrics.corner.x(), strip.area.top()
            if self.ends.labelled:
                at = QPointF(left, top + LABEL - 9)
                words(painter, at, f"Branch {number + 1}", theme.color("text2"), 11, 500)
            if not strip.cells:
                middle = (strip.entry.x() + strip.exit.x()) / 2 + 16
                at = QPointF(middle, strip.entry.y() - 5)
                text = "no blocks: it hands on what goes in"
                words(painter, at, text, theme.color("text2"), 11, 400, Qt.AlignmentFlag.AlignLeft)

    def _pen(self, theme: Theme, known: bool) -> QPen:
        pen = QPen(theme.color("wire" if known else "strong"), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if not known:
            pen.setDashPattern([2, 2])
        return pen

    def _draw_trunk(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        start = frame.start
        pill = QRectF(PADDING, start.y() - _PILL / 2, self.ends.before, _PILL)
        known = self._entry.input_shape is not None
        painter.setPen(self._pen(theme, known))
        painter.drawLine(QPointF(pill.right(), start.y()), start)
        heights = [strip.entry.y() for strip in frame.strips]
        painter.drawLine(QPointF(start.x(), min(heights)), QPointF(start.x(), max(heights)))
        self._pill(painter, pill, self._before, theme)
        if len(heights) > 1 or frame.shortcut is not None:
            _dot(painter, start, theme.color("wire"))

    def _draw_shortcut(self, painter: QPainter, frame: Frame, height: float, theme: Theme) -> None:
        start, join = frame.start, frame.join
        end = QPointF(join.x(), join.y() + NODE + 1)
        path = QPainterPath(start)
        turns = (QPointF(start.x(), height), QPointF(join.x(), height))
        round_line(path, start, turns, end)
        path.lineTo(end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen(theme, self._known))
        painter.drawPath(path)
        painter.setPen(QPen(self._pen(theme, True).color(), 1.5))
        painter.drawPolyline(QPolygonF([end + QPointF(-4, 5), end, end + QPointF(4, 5)]))
        text = self._shortcut_words()
        width = width_of(text, 11) + 20
        place = QRectF(0, 0, width, _PILL)
        place.moveCenter(QPointF((start.x() + join.x()) / 2, height))
        box(painter, place, _PILL / 2, theme.color("card"), theme.color("fieldline"))
        at = QPointF(place.center().x(), place.center().y() + 4)
        words(painter, at, text, theme.color("text2"), 11, 400, _CENTERED)

    def _shortcut_words(self) -> str:
        if self._shortcut is None or not self._known:
            return "shortcut"
        if not self._shortcut:
            return "shortcut: what goes in, unchanged"
        entry = self._shortcut[-1]
        parameters = count(entry.block.parameters(entry.input_shape), "params")
        return f"shortcut: projection to {size(entry.output_shape)}  ·  {parameters}"

    def _draw_join(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        join, strips = frame.join, frame.strips
        x, heights = strips[0].exit.x(), [strip.exit.y() for strip in strips]
        painter.setPen(self._pen(theme, self._known))
        painter.drawLine(QPointF(x, min(heights)), QPointF(x, max(heights)))
        after = QRectF(0, join.y() - _PILL / 2, self.ends.after, _PILL)
        after.moveRight(frame.size.width() - PADDING)
        if len(strips) > 1:
            tip = QPointF(join.x() - NODE - 1, join.y())
            self._arrow(painter, QPointF(x, join.y()), tip, theme)
        self._arrow(painter, QPointF(join.x() + NODE, join.y()), after.center(), theme, after)
        self._node(painter, join, theme)
        self._pill(painter, after, self._after, theme, known=self._known)
        if self._function():
            at = QPointF(after.center().x(), after.bottom() + 14)
            words(painter, at, self._function(), theme.color("text2"), 11, 400, _CENTERED)

    def _arrow(
        self,
        painter: QPainter,
        begin: QPointF,
        end: QPointF,
        theme: Theme,
        pill: QRectF | None = None,
    ) -> None:
        if pill is not None:
            end = QPointF(pill.left() - 2, end.y())
        path = QPainterPath(begin)
        path.lineTo(end.x() - 3, end.y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen(theme, self._known))
        painter.drawPath(path)
        painter.setPen(QPen(self._pen(theme, self._known).color(), 1.5))
        painter.drawPath(arrow(path))

    def _node(self, painter: QPainter, center: QPointF, theme: Theme) -> None:
        """The circle where the rows meet: a plus where they are added, else stacked bars."""
        fits = self._entry.fits
        tone = theme.family(self._entry.block.family) if fits else theme.color("error")
        painter.setPen(QPen(tone, 1.75))
        painter.setBrush(theme.color("card"))
        painter.drawEllipse(center, NODE, NODE)
        painter.setPen(QPen(theme.color("text"), 1.75, c=Qt.PenCapStyle.RoundCap))
        if self._adds:
            painter.drawLine(center - QPointF(5, 0), center + QPointF(5, 0))
            painter.drawLine(center - QPointF(0, 5), center + QPointF(0, 5))
            return
        for step in (-4, 0, 4):
            painter.drawLine(center + QPointF(-5, step), center + QPointF(5, step))

    def _pill(
        self, painter: QPainter, place: QRectF, text: str, theme: Theme, *, known: bool = True
    ) -> None:
        line = theme.color("fieldline" if known else "error")
        moved = self._moving and known and place.left() > PADDING
        box(painter, place, _PILL / 2, theme.color("card"), line)
        tone = theme.color("accenttext" if moved else "text" if known else "errortext")
        at = QPointF(place.center().x(), place.center().y() + 4)
        words(painter, at, text, tone, 11, 600, _CENTERED)


def _rounded(line: Line) -> QPainterPath:
    path = QPainterPath(line[0])
    round_line(path, line[0], line[1:-1], line[-1])
    path.lineTo(line[-1])
    return path


def _dot(painter: QPainter, center: QPointF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(color, 1.0))
    painter.drawEllipse(center, 3, 3)


def _shortcut_of(entry: BlockReport) -> Entries | None:
    """The row beside those that the block declares: empty where its input goes on unchanged.

    None where a block has no such row; an empty one, too, where the sizes are not known.
    """
    block, shape = entry.block, entry.input_shape
    if not isinstance(block, Composite):
        return None
    if not block.has_shortcut:
        return None
    if shape is None:
        return ()
    try:
        return block.rows(shape)[-1]
    except SizeError:
        return ()
