"""The palette: the blocks in groups, a search, and the place where dragged cards are removed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Block, Family
from cnnstudio.blocks.palette import PALETTE, Tile, TileGroup
from cnnstudio.ui import icons
from cnnstudio.ui.document.edits import LOCKED
from cnnstudio.ui.document.insertion import put_after_selection
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.palette.tiles import BinOverlay, TileButton
from cnnstudio.ui.parts.buttons import FoldButton
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.theme import ThemeManager

HEADING_HEIGHT = 22
_MARGIN = 12
_WIDE_FAMILIES = (Family.CONV, Family.POOL, Family.FC)


class Group(QWidget):
    """A heading and its tiles; the rare ones are folded away until they are asked for.

    `folded` comes when they are opened or closed.
    """

    folded = Signal()

    def __init__(self, parent: QWidget, group: TileGroup, themes: ThemeManager) -> None:
        super().__init__(parent)
        self.tiles = [TileButton(tile, themes) for tile in group.tiles]
        for tile in self.tiles:
            tile.setParent(self)
        self._is_wide = group.tiles[0].block.family in _WIDE_FAMILIES
        self._text = ""
        heading = QLabel(group.title)
        heading.setProperty("role", "heading")
        heading.setFixedHeight(HEADING_HEIGHT)
        self.fold = FoldButton(f"{sum(tile.rare for tile in group.tiles)} more", themes)
        self.fold.setAccessibleName(f"More blocks of {group.title}")
        self.fold.setFixedHeight(HEADING_HEIGHT)
        self.fold.toggled.connect(self._take_fold)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(heading)
        head.addWidget(self.fold)
        head.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._grid)
        self.show_matching("")

    def show_matching(self, text: str) -> None:
        """Show only tiles that have `text` in their name or their block's title."""
        self._text = text
        found = [tile for tile in self.tiles if self._is_wanted(tile.tile)]
        columns = 1 if self._is_wide else 2
        for tile in self.tiles:
            self._grid.removeWidget(tile)
            tile.setVisible(tile in found)
        for number, tile in enumerate(found):
            self._grid.addWidget(tile, number // columns, number % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self.fold.setVisible(not text and any(tile.tile.rare for tile in self.tiles))
        self.setVisible(bool(found))

    def _is_wanted(self, tile: Tile) -> bool:
        if self._text:
            return _matches(tile, self._text)
        return self.fold.isChecked() or not tile.rare

    def _take_fold(self, is_open: bool) -> None:
        number = sum(tile.tile.rare for tile in self.tiles)
        self.fold.setText("fewer" if is_open else f"{number} more")
        self.fold.updateGeometry()
        self.show_matching(self._text)
        self.folded.emit()


class Palette(QWidget):
    """All tiles; follows the session's lock, and removes cards that are dropped on it."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("palette")
        self.setAccessibleName("Blocks")
        self._session = session
        self._themes = themes
        self._lock = Later(self, self._follow_lock)
        self._pressed: QPointF | None = None
        self._groups = [Group(self, group, themes) for group in PALETTE]
        self._search = QLineEdit()
        self._search.setPlaceholderText("Find a block")
        self._search.setAccessibleName("Find a block")
        self._search.setClearButtonEnabled(True)
        self._search.hide()
        self._corner = QToolButton(self)
        self._corner.setProperty("role", "bare")
        self._corner.setFixedSize(24, 24)
        self._overlay = BinOverlay(self, themes)
        self._arrange()
        self._connect()
        self._follow_lock()

    @property
    def tiles(self) -> list[TileButton]:
        """The tiles that are shown, in order."""
        self._lock.flush()
        every = [tile for group in self._groups for tile in group.tiles]
        return [tile for tile in every if not tile.isHidden()]

    def show_bin(self, shown: bool) -> None:
        """Say whether a card is held over the palette, so that a release removes it."""
        self._overlay.setVisible(shown)
        self._overlay.raise_()

    def search(self, text: str) -> None:
        """Show only tiles with `text` in their name."""
        for group in self._groups:
            group.show_matching(text.strip())
        self._rove(None)

    def _arrange(self) -> None:
        content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setSpacing(0)
        for group in self._groups:
            column.addWidget(group)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self._bar = scroll.verticalScrollBar()
        self._bar.rangeChanged.connect(self._fit_margin)
        self._fit_margin()
        found = QHBoxLayout()
        found.setContentsMargins(_MARGIN, 0, _MARGIN + 28, 0)
        found.addWidget(self._search)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(found)
        outer.addWidget(scroll)

    def _fit_margin(self) -> None:
        """Let the scroll bar stand in the margin, so that the tiles keep their width."""
        right = _MARGIN - self._bar.sizeHint().width() if self._bar.maximum() else _MARGIN
        self._column.setContentsMargins(_MARGIN, 0, right, 4)

    def _connect(self) -> None:
        for group in self._groups:
            group.folded.connect(self._take_fold)
            for tile in group.tiles:
                tile.chosen.connect(self._insert)
                tile.stepped.connect(self._step)
        self._search.textChanged.connect(self.search)
        self._search.returnPressed.connect(self._insert_first)
        self._corner.clicked.connect(self._toggle_search)
        self._session.training_changed.connect(self._lock.ask)
        self._themes.changed.connect(self._tint)

    def _insert(self, block: Block) -> None:
        put_after_selection(self._session, block)

    def _insert_first(self) -> None:
        if self.tiles and self._search.text().strip():
            self._insert(self.tiles[0].tile.block)

    def _step(self, by: int) -> None:
        tiles = self.tiles
        sender = self.focusWidget()
        if isinstance(sender, TileButton) and sender in tiles:
            target = tiles[min(max(tiles.index(sender) + by, 0), len(tiles) - 1)]
            self._rove(target)
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def _rove(self, current: TileButton | None) -> None:
        """Only one tile is a stop of the Tab key; the arrows reach the others."""
        tiles = self.tiles
        chosen = current or (tiles[0] if tiles else None)
        for tile in tiles:
            policy = Qt.FocusPolicy.StrongFocus if tile is chosen else Qt.FocusPolicy.ClickFocus
            tile.setFocusPolicy(policy)

    def _take_fold(self) -> None:
        self._rove(None)

    def _toggle_search(self) -> None:
        shown = self._search.isHidden()
        self._search.setVisible(shown)
        if shown:
            self._search.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._search.clear()

    def _follow_lock(self) -> None:
        locked = self._session.locked
        for group in self._groups:
            group.setEnabled(not locked)
        self._search.setEnabled(not locked)
        self._corner.setEnabled(not locked)
        tip = LOCKED if locked else "Find a block"
        self._corner.setToolTip(tip)
        self._corner.setAccessibleName(tip)
        self._rove(None)
        self._tint()

    def _tint(self) -> None:
        """Put the lock or the search into the corner."""
        name = "lock" if self._session.locked else "search"
        tone = self._themes.theme.color("text3")
        self._corner.setIcon(icons.icon(name, tone, disabled=tone))

    # ---- for Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._lock.flush()
        super().showEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wait for a drag of a tile that is locked: Qt hands its events to what it stands in."""
        self._pressed = event.position() if self._is_locked_tile(event) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say why a locked tile cannot be dragged."""
        if self._pressed is None:
            return
        distance = (event.position() - self._pressed).manhattanLength()
        if distance >= QApplication.startDragDistance():
            self._pressed = None
            self._session.refuses_edit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """No drag."""
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Say why a locked tile cannot be put in."""
        if self._is_locked_tile(event):
            self._session.refuses_edit()

    def _is_locked_tile(self, event: QMouseEvent) -> bool:
        under = self.childAt(event.position().toPoint())
        is_tile = isinstance(under, TileButton) and not under.isEnabled()
        return is_tile and event.button() == Qt.MouseButton.LeftButton

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the corner in its corner, and the cover on everything."""
        self._corner.move(self.width() - 32, 0)
        self._corner.raise_()
        self._overlay.setGeometry(self.rect())
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters go to the search field, Escape empties it."""
        text = event.text()
        if event.key() == Qt.Key.Key_Escape and not self._search.isHidden():
            self._toggle_search()
        elif text.isalnum() and self._search.isEnabled():
            self._search.show()
            self._search.setFocus(Qt.FocusReason.OtherFocusReason)
            self._search.setText(self._search.text() + text)
        else:
            super().keyPressEvent(event)


def _matches(tile: Tile, text: str) -> bool:
    haystack = f"{tile.label} {tile.block.title} {type(tile.block).__name__}".lower()
    return all(word in haystack for word in text.lower().split())
