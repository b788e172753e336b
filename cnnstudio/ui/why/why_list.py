"""Terms as a list: the heaviest first, with a bar for each product, and the rest as one line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from cnnstudio.engine.parallel import quiet
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import font
from cnnstudio.ui.typography import pretty
from cnnstudio.ui.why.why_numbers import full, short
from cnnstudio.ui.why.why_sheet import PRODUCT, VALUE, WEIGHT, Sheet, Spot, Sums, scale_of

ROW = 20
MOST = 200
"""So many terms are listed; the others are one line."""

NUMBER = 64
WHERE = (96, 190)
BARS = 48
"""Pixels: the width of a number, of the words (least and most), and the least of the bars."""

SIGNS = {VALUE: "", WEIGHT: "×", PRODUCT: "="}


class TermList(Sheet):
    """Where each value is from, the value, its weight, the product, and a bar for it."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.setAccessibleName("Products, the heaviest first")
        self._order: list[int] = []

    def show_sums(self, sums: Sums) -> None:
        """Sort the terms by the size of their products; the one that counts comes first."""
        order = sums.terms.largest(MOST).tolist()
        if sums.chosen is not None:
            order = [sums.chosen, *(index for index in order if index != sums.chosen)]
        self._order = order[:MOST]
        super().show_sums(sums)

    def order(self) -> list[int]:
        """The terms that are listed."""
        return self._order

    @property
    def rest(self) -> tuple[int, float]:
        """How many terms are not listed, and what their products come to."""
        if self._sums is None:
            return 0, 0.0
        products = self._sums.terms.products
        with quiet():
            listed = float(products[self._order].sum()) if self._order else 0.0
            return len(products) - len(self._order), float(products.sum()) - listed

    def arrange(self) -> None:
        """A line for the titles, for each term and for the rest."""
        self.setMinimumHeight(ROW * (len(self._order) + 1 + (self.rest[0] > 0)))

    def drawn_size(self) -> QSize:
        """All lines."""
        return QSize(self.width(), self.minimumHeight())

    def _columns(self) -> list[tuple[int, float]]:
        """The left end of every column of numbers."""
        assert self._sums is not None
        left = self._where_width()
        return [(column, left + i * NUMBER) for i, column in enumerate(self._sums.columns)]

    def _where_width(self) -> float:
        assert self._sums is not None
        left = self.width() - NUMBER * len(self._sums.columns) - BARS
        return max(WHERE[0], min(WHERE[1], left))

    def place_of(self, spot: Spot) -> QRectF:
        """Where a number is painted."""
        lefts = dict(self._columns())
        line = self._order.index(spot.term) + 1 if spot.term in self._order else 0
        return QRectF(lefts.get(spot.column, 0.0), line * ROW, NUMBER, ROW)

    def spot_at(self, position: QPoint) -> Spot | None:
        """The number at `position`; the words belong to the value."""
        line = position.y() // ROW - 1
        if self._sums is None or not 0 <= line < len(self._order):
            return None
        column = self._sums.columns[0]
        for each, left in self._columns():
            if position.x() >= left:
                column = each
        return Spot(self._order[line], column)

    def neighbour(self, spot: Spot, down: int, right: int) -> Spot:
        """The line above or below, the column beside."""
        assert self._sums is not None
        line = max(0, min(len(self._order) - 1, self._order.index(spot.term) + down))
        columns = self._sums.columns
        place = max(0, min(len(columns) - 1, columns.index(spot.column) + right))
        return Spot(self._order[line], columns[place])

    def draw(self, painter: QPainter, clip: QRectF | None = None) -> None:
        """The titles and the lines in sight."""
        assert self._sums is not None
        theme = self._themes.theme
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, left in self._columns():
            painter.drawText(
                QRectF(left - 20, 0, NUMBER + 12, ROW), right, self._sums.titles[column]
            )
        first, last = 0, len(self._order)
        if clip is not None:
            first = max(0, int(clip.top()) // ROW - 1)
            last = min(last, int(clip.bottom()) // ROW + 1)
        scale = scale_of(self._sums.terms.products)
        for line in range(first, last):
            self._draw_line(painter, line, scale)
        self._draw_rest(painter)

    def _draw_line(self, painter: QPainter, line: int, scale: float) -> None:
        assert self._sums is not None
        theme, index = self._themes.theme, self._order[line]
        top = (line + 1) * ROW
        is_chosen = index == self._sums.chosen
        painter.setFont(font(11, 600 if is_chosen else 400))
        painter.setPen(theme.color("text" if is_chosen else "text2"))
        words = QRectF(2, top, self._where_width() - 4, ROW)
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(
            self._sums.where(index), Qt.TextElideMode.ElideRight, int(words.width())
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(font(11, 600 if is_chosen else 400, tabular=True))
        for column, left in self._columns():
            self._draw_number(painter, Spot(index, column), QRectF(left, top, NUMBER, ROW))
        self._draw_bar(painter, top, float(self._sums.terms.products[index]) / scale)

    def _draw_number(self, painter: QPainter, spot: Spot, place: QRectF) -> None:
        assert self._sums is not None
        theme = self._themes.theme
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.color("text3"))
        painter.drawText(
            place.adjusted(4, 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter,
            SIGNS[spot.column] if len(self._sums.columns) == 3 else "",
        )
        painter.setPen(theme.color("text"))
        painter.drawText(place.adjusted(0, 0, -8, 0), right, short(self._sums.number(*spot)))

    def _draw_bar(self, painter: QPainter, top: float, share: float) -> None:
        """To the right where the product is positive, to the left where it is negative."""
        assert self._sums is not None
        left = self._where_width() + NUMBER * len(self._sums.columns) + 8
        room = min(160.0, self.width() - left - 8)
        if room < BARS / 2:
            return
        middle, length = left + room / 2, abs(share) * room / 2
        table = self._themes.theme.filters_table()
        red, green, blue = (int(part) for part in table[224 if share > 0 else 31])
        x = middle if share > 0 else middle - length
        rounded(painter, QRectF(x, top + 6, length, ROW - 12), 2, QColor(red, green, blue))
        painter.fillRect(
            QRectF(middle - 0.5, top + 3, 1, ROW - 6), self._themes.theme.color("strong")
        )

    def _draw_rest(self, painter: QPainter) -> None:
        count, total = self.rest
        if not count:
            return
        painter.setFont(font(11))
        painter.setPen(self._themes.theme.color("text2"))
        top = (len(self._order) + 1) * ROW
        words = f"{count:,} others come to {full(total)}"
        place = QRectF(2, top, self.width() - 4, ROW)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, pretty(words))
