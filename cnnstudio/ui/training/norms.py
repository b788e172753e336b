"""The health of a network in training: gradient, update and idle units of every block."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QStackedWidget, QToolTip, QVBoxLayout, QWidget

from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.map_panel import scrolling
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.norms_drawing import HEAD, ROW, NormsDrawing, has_figures, table, words
from cnnstudio.ui.typography import pretty

PAUSE = 500
"""Milliseconds between two states: nobody reads a table faster."""

EMPTY = (
    "Train the network: once a second its gradients, its updates and its idle units are measured "
    "and shown here, block by block."
)

KEYS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Home: -(10**6),
    Qt.Key.Key_End: 10**6,
}


class NormsTable(QWidget):
    """The rows. A click selects a block, and so do Up and Down, Home and End."""

    revealed = Signal(int)
    """The row at this pixel was chosen with the keyboard."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("norms")
        self.setAccessibleName("Gradients, updates and idle units by block")
        self._session, self._themes = session, themes
        self.rows: tuple[BlockFigures, ...] = ()
        self.found: dict[Path, str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_rows(self, rows: tuple[BlockFigures, ...], found: dict[Path, str]) -> None:
        """Show the figures of a look; `found` names what ails a block, by path."""
        self.rows, self.found = rows, found
        self.setMinimumHeight(HEAD + ROW * len(rows))
        self.describe()
        self.update()

    def describe(self) -> None:
        """Tell those who hear of the selected blocks, or of those that something ails."""
        chosen = self._session.selected_paths
        told = [each for each in self.rows if each.path in chosen]
        told = told or [each for each in self.rows if each.path in self.found]
        spoken = "; ".join(self._words(each) for each in told)
        self.setAccessibleDescription(spoken or f"{len(self.rows)} blocks, nothing ails them")

    def row_at(self, y: float) -> BlockFigures | None:
        """The row at a pixel; None beside them."""
        place = int(y - HEAD) // ROW if y >= HEAD else -1
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def draw(self, painter: QPainter) -> None:
        """Paint all rows without selection, for saving."""
        self._drawing().paint(painter, ())

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.width(), HEAD + ROW * len(self.rows))

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(640, HEAD + ROW * len(self.rows))

    def _drawing(self) -> NormsDrawing:
        return NormsDrawing(self._themes.theme, self.rows, self.found, self.width())

    def _words(self, each: BlockFigures) -> str:
        return pretty(words(each, self.found.get(each.path, "")))

    # ---- Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows below their titles, which stay in sight, and a ring for the keyboard."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._themes.theme.color("window"))
        self._drawing().paint(painter, self._session.selected_paths, max(0, -self.pos().y()))
        if self.hasFocus():
            painter.setPen(self._themes.theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.visibleRegion().boundingRect().adjusted(0, 0, -1, -1))

    def event(self, event: QEvent) -> bool:
        """Tell all of a row where the pointer rests."""
        if isinstance(event, QHelpEvent):
            each = self.row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), "" if each is None else self._words(each), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the block of a row."""
        each = self.row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and each is not None:
            self._session.select_path(each.path)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select the block above or below the selected one, the first or the last."""
        step = KEYS.get(Qt.Key(event.key()))
        if step is None or not self.rows:
            super().keyPressEvent(event)
            return
        known = [each.path for each in self.rows]
        first, last = known[0], known[-1]
        beyond: Path = () if step > 0 else (last[0] + 1,)
        present = max(self._session.selected_paths, default=beyond)
        if abs(step) > 1:
            path = first if step < 0 else last
        elif step > 0:
            path = next((each for each in known if each > present), last)
        else:
            path = next((each for each in reversed(known) if each < present), first)
        self._session.select_path(path)
        self.revealed.emit(HEAD + known.index(path) * ROW)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the figures."""
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            where = self.mapToGlobal(QPoint(24, HEAD))
        ground, rows, found = self._themes.theme.color("window"), self.rows, self.found
        menu = save_menu(self, "health", self, lambda: table(rows, found), self._session, ground)
        menu.popup(where)


class Norms(QWidget):
    """The tab: the rows of the last look, while it can be seen; before any, what will be there."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("health")
        self._session = session
        self.table = NormsTable(session, themes)
        self.empty = label("caption", EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self._area = scrolling(self.table)
        self._area.verticalScrollBar().valueChanged.connect(lambda _: self.table.update())
        self.table.revealed.connect(lambda y: self._area.ensureVisible(0, y, 0, HEAD + ROW))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._throttle = Throttle(self.refresh, PAUSE, self)
        for signal in (session.diagnosis_changed, session.network_changed, session.restarted):
            signal.connect(self._ask)
        session.selection_changed.connect(self._show_selection)
        themes.changed.connect(self.table.update)

    def refresh(self) -> None:
        """Show the figures of the last look, if they can be seen."""
        if not self.isVisible():
            return
        rows = tuple(filter(has_figures, self._session.norms))
        self._stack.setCurrentIndex(1 if rows else 0)
        found: dict[Path, str] = {}
        for finding in self._session.diagnosis:
            both = filter(None, (found.get(finding.path, ""), finding.kind))
            found[finding.path] = ", ".join(both)
        self.table.show_rows(rows, found)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def _ask(self) -> None:
        if self.isVisible():
            self._throttle.ask()

    def _show_selection(self) -> None:
        if self.isVisible():
            self.table.describe()
            self.table.update()
