"""What floor and ceil do, as a picture: pixels that no window sees, windows that hang over."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.window import Window, Windowed
from cnnstudio.errors import SizeError
from cnnstudio.network import BlockReport
from cnnstudio.ui.canvas.paint import box, lines_of, words
from cnnstudio.ui.theme import Theme, ThemeManager, faded, mix

SIDE = 84.0
"""The side of the picture in the widget."""

MOST_CELLS = 26
"""Of larger maps only the last pixels are drawn, where the windows end."""

_LARGEST_CELL = 9.0
_SMALLEST_LINES = 3.0
"""Cells smaller than this have no lines between them."""
_LINE = 15


@dataclass(frozen=True)
class Side:
    """The windows along rows or along columns of a map of `size` pixels."""

    window: Window
    size: int

    @property
    def padded(self) -> int:
        """The pixels with their padding."""
        return self.size + 2 * self.window.padding

    @property
    def starts(self) -> range:
        """Where each window begins, counted in padded pixels."""
        count = self.window.count(self.size) or 0
        return range(0, count * self.window.stride, self.window.stride)

    @property
    def unseen(self) -> int:
        """Padded pixels behind the last window."""
        return self.window.unseen(self.size)

    @property
    def over(self) -> int:
        """Pixels by which the last window hangs over."""
        return self.window.overhang(self.size)

    @property
    def first(self) -> int:
        """The first padded pixel that is drawn: of a large map, one window's begin near its end."""
        if self.padded + self.over <= MOST_CELLS:
            return 0
        reach = max(MOST_CELLS, self.window.extent + self.window.stride)
        shown = (start for start in self.starts if start >= self.padded + self.over - reach)
        return next(shown, 0)

    @property
    def cells(self) -> int:
        """How many pixels are drawn, the overhang with them."""
        return self.padded + self.over - self.first


@dataclass(frozen=True)
class Coverage:
    """How windows cover a map."""

    rows: Side
    columns: Side

    @property
    def is_corner(self) -> bool:
        """Whether only the lower right corner is drawn."""
        return bool(self.rows.first or self.columns.first)

    @property
    def sentence(self) -> str:
        """What is not seen or hangs over, such as "The last 1 row and 1 column are never seen"."""
        return " ".join(part for part in (self._overhang(), self._loss()) if part)

    @property
    def brief(self) -> str:
        """The same in a few words, such as "1 row and 1 column never seen"."""
        rows, columns = self.rows, self.columns
        over = _counted(rows.over, columns.over)
        return f"{over} outside" if over else f"{_counted(rows.unseen, columns.unseen)} never seen"

    def _overhang(self) -> str:
        what = _counted(self.rows.over, self.columns.over)
        if not what:
            return ""
        return f"The last windows hang over the edge by {what}, where there is nothing."

    def _loss(self) -> str:
        rows, columns = self.rows, self.columns
        if not (rows.unseen or columns.unseen):
            return ""
        lost = [max(0, side.unseen - side.window.padding) for side in (rows, columns)]
        of = "" if any(lost) else " of the padding"
        seen = lost if any(lost) else [rows.unseen, columns.unseen]
        verb = "is" if sum(seen) == 1 else "are"
        return f"The last {_counted(*seen)}{of} {verb} never seen."


def _counted(rows: int, columns: int) -> str:
    parts = [
        f"{count} {name}" + ("s" if count > 1 else "")
        for count, name in ((rows, "row"), (columns, "column"))
        if count
    ]
    return " and ".join(parts)


def coverage_of(block: Block, shape: Shape | None) -> Coverage | None:
    """How the windows of `block` cover a map of `shape`; None where they end with it, or misfit."""
    if shape is None or shape.is_flat or not isinstance(block, Windowed):
        return None
    try:
        down, right = block.windows()
    except SizeError:
        return None
    rows, columns = Side(down, shape[1]), Side(right, shape[2])
    if not (rows.starts and columns.starts):
        return None
    ends_exactly = not any(side.unseen or side.over for side in (rows, columns))
    return None if ends_exactly else Coverage(rows, columns)


def draw_coverage(
    painter: QPainter, rect: QRectF, coverage: Coverage, color: QColor, theme: Theme
) -> QRectF:
    """Draw the map with its windows in `color` into the corner of `rect`; returns what it takes.

    Pixels that no window sees are hatched, what a window looks at outside the map is dashed.
    """
    rows, columns = coverage.rows, coverage.columns
    cell = min(_LARGEST_CELL, (rect.width() - 2) / columns.cells, (rect.height() - 2) / rows.cells)
    painter.save()
    painter.translate(rect.topLeft() + QPointF(0.5, 0.5))
    _draw_map(painter, rows, columns, cell, theme)
    _draw_windows(painter, rows, columns, cell, color, theme)
    _draw_unseen(painter, rows, columns, cell, theme)
    painter.restore()
    return QRectF(rect.topLeft(), _extent(rows, columns, cell).size())


def _extent(rows: Side, columns: Side, cell: float) -> QRectF:
    return QRectF(0, 0, columns.cells * cell + 1, rows.cells * cell + 1)


def _drawn(side: Side, begin: int, end: int, cell: float) -> tuple[float, float]:
    """Where the padded pixels from `begin` to `end` lie in the picture: start and length."""
    start = max(begin - side.first, 0) * cell
    return start, max(0.0, (end - side.first) * cell - start)


def _area(
    rows: Side, columns: Side, down: tuple[int, int], right: tuple[int, int], cell: float
) -> QRectF:
    top, height = _drawn(rows, *down, cell)
    left, width = _drawn(columns, *right, cell)
    return QRectF(left, top, width, height)


def _draw_map(painter: QPainter, rows: Side, columns: Side, cell: float, theme: Theme) -> None:
    """The padded map, its padding paler, with lines between the pixels."""
    whole = _area(rows, columns, (0, rows.padded), (0, columns.padded), cell)
    painter.fillRect(whole, theme.color("card"))
    pads = rows.window.padding, columns.window.padding
    inner = _area(
        rows, columns, (pads[0], rows.padded - pads[0]), (pads[1], columns.padded - pads[1]), cell
    )
    painter.fillRect(inner, theme.color("inset"))
    tone = theme.color("strong")
    if cell >= _SMALLEST_LINES:
        for line in range(columns.padded - columns.first + 1):
            painter.fillRect(QRectF(line * cell, 0, 1, whole.height() + 1), tone)
        for line in range(rows.padded - rows.first + 1):
            painter.fillRect(QRectF(0, line * cell, whole.width() + 1, 1), tone)
    else:
        box(painter, whole.adjusted(0, 0, 1, 1), 0, None, tone)


def _draw_windows(
    painter: QPainter, rows: Side, columns: Side, cell: float, color: QColor, theme: Theme
) -> None:
    """All that windows see, and the last window's outline; dashed where it hangs over."""
    down = (0, min(rows.starts[-1] + rows.window.extent, rows.padded))
    right = (0, min(columns.starts[-1] + columns.window.extent, columns.padded))
    seen = _area(rows, columns, down, right, cell)
    painter.fillRect(seen.adjusted(0, 0, 1, 1), faded(mix(theme.color("card"), color, 0.45), 0.45))
    last = _area(
        rows,
        columns,
        (rows.starts[-1], rows.starts[-1] + rows.window.extent),
        (columns.starts[-1], columns.starts[-1] + columns.window.extent),
        cell,
    ).adjusted(0, 0, 1, 1)
    hangs = bool(rows.over or columns.over)
    fill = faded(theme.color("warning") if hangs else color, 0.18)
    line = theme.color("warning") if hangs else color
    box(painter, last, 2, fill, line, 1.5, (3, 2) if hangs else None)


def _draw_unseen(painter: QPainter, rows: Side, columns: Side, cell: float, theme: Theme) -> None:
    """The rows and columns behind the last window, hatched."""
    tone = theme.color("warning")
    bottom = rows.padded - rows.unseen
    edge = columns.padded - columns.unseen
    strips = (
        _area(rows, columns, (bottom, rows.padded), (0, columns.padded), cell),
        _area(rows, columns, (0, bottom), (edge, columns.padded), cell),
    )
    for strip in strips:
        if strip.width() > 0 and strip.height() > 0:
            painter.fillRect(strip.adjusted(1, 1, 0, 0), faded(tone, 0.22))
            painter.fillRect(strip.adjusted(1, 1, 0, 0), QBrush(tone, Qt.BrushStyle.BDiagPattern))
            box(painter, strip.adjusted(0, 0, 1, 1), 0, None, tone, 1)


class WindowPicture(QWidget):
    """The picture with its sentence beside it; hidden where the windows end with the map."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._coverage: Coverage | None = None
        self._tone = QColor()
        self._block: Block | None = None
        self.setObjectName("windowPicture")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)
        self.hide()

    @property
    def coverage(self) -> Coverage | None:
        """What is drawn."""
        return self._coverage

    def show_block(self, entry: BlockReport) -> None:
        """Show how the windows of the block cover its input, if there is something to see."""
        known = entry.output_shape is not None
        self._block = entry.block
        self._coverage = coverage_of(entry.block, entry.input_shape) if known else None
        sentence = "" if self._coverage is None else self._coverage.sentence
        self.setAccessibleName(sentence)
        self.setToolTip(sentence)
        self.setVisible(self._coverage is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """The picture and some room for words."""
        return QSize(220, int(SIDE) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture at the left, the sentence at the right."""
        if self._coverage is None or self._block is None:
            return
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = theme.family(self._block.family)
        place = QRectF(0, 1, SIDE, SIDE)
        taken = draw_coverage(painter, place, self._coverage, tone, theme)
        left = max(taken.width(), 48) + 14
        lines = lines_of(self._coverage.sentence, self.width() - left, 11)
        for number, line in enumerate(lines):
            at = QPointF(left, 13 + number * _LINE)
            words(painter, at, line, theme.color("text2"), 11)
        if self._coverage.is_corner:
            at = QPointF(left, 13 + len(lines) * _LINE)
            words(painter, at, "Drawn is the corner.", theme.color("text3"), 11)
