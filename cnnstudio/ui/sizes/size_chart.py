"""The strip chart of sizes by depth: how maps shrink, channels grow, and what one value sees."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.sizes.size_drawing import Drawing, Frame, frame
from cnnstudio.ui.sizes.size_stops import Stop, shrinking_runs, stops, table
from cnnstudio.ui.theme import ThemeManager


class SizeChart(QWidget):
    """Height and width of the maps from block to block, channels or units, and the field.

    A click selects a block, and so do Left and Right, Home and End; the pointer tells the values.
    Blocks that do not fit and those behind them are marked, and so are maps that shrink too fast.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("sizeChart")
        self.setAccessibleName("Sizes by depth")
        self._session, self._themes = session, themes
        self._hovered: int | None = None
        self._stops: list[Stop] = []
        self._later = Later(self, self._refresh)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        session.network_changed.connect(self._later.ask)
        session.selection_changed.connect(self._later.ask)
        themes.changed.connect(self.update)
        self._refresh()

    @property
    def stops(self) -> list[Stop]:
        """What stands where, of the present network."""
        self._later.flush()
        return self._stops

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._later.flush()
        super().showEvent(event)

    def _refresh(self) -> None:
        self._stops = stops(self._session.report)
        self._runs = shrinking_runs(self._session.report)
        chosen = [self._stops[i].words for i in self._session.selection if i < len(self._stops)]
        self.setAccessibleDescription("; ".join(chosen) or f"{len(self._stops)} blocks")
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint the chart without selection and pointer, for saving."""
        self._drawing().paint(painter, self.place(), (), None)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.size())

    def place(self) -> Frame:
        """Where everything lies now."""
        return frame(self.width(), self.height(), self.stops)

    def minimumSizeHint(self) -> QSize:
        """The least that can be read."""
        return QSize(240, 120)

    def _drawing(self) -> Drawing:
        return Drawing(self._themes.theme, self.stops, self._runs)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chart, and a ring while it has the keyboard."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._themes.theme.color("window"))
        self._drawing().paint(painter, self.place(), self._session.selection, self._hovered)
        if self.hasFocus():
            painter.setPen(self._themes.theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    # ---- the mouse and the keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values of the block under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.place().at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the block under the pointer; with Ctrl or Shift, it too."""
        index = self.place().at(event.position().x())
        if event.button() != Qt.MouseButton.LeftButton or index is None:
            super().mousePressEvent(event)
            return
        chosen = self._session.selection
        several = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if not event.modifiers() & several:
            self._session.select((index,))
        elif index in chosen:
            self._session.select(set(chosen) - {index})
        else:
            self._session.select({*chosen, index})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select the block before or after the selected one, the first or the last."""
        last = len(self.stops) - 1
        chosen = self._session.selection
        first, end = min(chosen, default=0), max(chosen, default=-1)
        places = {
            Qt.Key.Key_Left: max(0, first - 1),
            Qt.Key.Key_Right: min(last, end + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        index = places.get(Qt.Key(event.key()))
        if index is None:
            super().keyPressEvent(event)
        else:
            self._session.select((index,))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the chart."""
        ground = self._themes.theme.color("window")
        report = self._session.report
        menu = save_menu(self, "sizes", self, lambda: table(report), self._session, ground)
        menu.popup(event.globalPos())

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.setToolTip("" if index is None else self.stops[index].words)
            self.update()
