"""The palette: tiles of the blocks to drag into the row, or to insert with Enter."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Block, Family
from cnnstudio.blocks.palette import PALETTE, Tile, TileGroup
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import box, elided, glyph_tile, grip, words
from cnnstudio.ui.drag_picture import drag_picture, hot_spot
from cnnstudio.ui.mime import encode_block
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme, ThemeManager, faded, mix

TILE_HEIGHT = 28
HEADING_HEIGHT = 22
_MARGIN = 12
_WIDE_FAMILIES = (Family.CONV, Family.POOL, Family.FC)
_FORWARD = (Qt.Key.Key_Down, Qt.Key.Key_Right)
_BACKWARD = (Qt.Key.Key_Up, Qt.Key.Key_Left)


class TileButton(QWidget):
    """One tile: a block's glyph and name, to drag, double-click or press Enter on."""

    chosen = Signal(object)
    """The tile's Block shall be inserted."""
    stepped = Signal(int)
    """The focus shall go so many tiles on."""

    def __init__(self, tile: Tile, themes: ThemeManager) -> None:
        super().__init__()
        self.tile = tile
        self._themes = themes
        self._pressed: QPointF | None = None
        self._is_origin = False
        self._is_hovered = False
        self.setFixedHeight(TILE_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tile.label)
        self.setAccessibleDescription("Enter inserts it after the selected block")
        self.setToolTip(
            f"{tile.block.title}: {tile.block.help}\nDrag it into the row, double-click it, or "
            "press Enter to insert it after the selected block."
        )
        self.set_locked(False)

    def set_locked(self, locked: bool) -> None:
        """Take no drags while nothing may be edited."""
        self.setEnabled(not locked)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if locked else Qt.CursorShape.OpenHandCursor
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for half a row."""
        return QSize(92, TILE_HEIGHT)

    def start_drag(self) -> None:
        """Drag the block until it is dropped somewhere."""
        drag = QDrag(self)
        drag.setMimeData(encode_block(self.tile.block))
        ratio = self.devicePixelRatioF()
        theme = self._themes.theme
        drag.setPixmap(drag_picture(self.tile.block, self.tile.label, theme, ratio))
        drag.setHotSpot(hot_spot())
        self._set_origin(True)
        drag.exec(Qt.DropAction.CopyAction)
        self._set_origin(False)

    def _set_origin(self, is_origin: bool) -> None:
        self._is_origin = is_origin
        self._pressed = None
        self.update()

    # ---- for Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Wait for a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Start the drag once the pointer has gone far enough."""
        if self._pressed is None:
            return
        distance = (event.position() - self._pressed).manhattanLength()
        if distance >= QApplication.startDragDistance():
            self.start_drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """No drag."""
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Insert the block."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = None
            self.chosen.emit(self.tile.block)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter inserts, the arrows go from tile to tile."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.tile.block)
        elif event.key() in _FORWARD:
            self.stepped.emit(1)
        elif event.key() in _BACKWARD:
            self.stepped.emit(-1)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        self._is_hovered = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Rest."""
        self._is_hovered = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it has gone."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tile."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        self._paint_ground(painter, self._themes.theme)
        self._paint_content(painter, self._themes.theme)
        painter.end()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        rect, family = QRectF(self.rect()), theme.family(self.tile.block.family)
        fill, line = theme.color("card"), theme.color("fieldline")
        if self._is_origin:
            fill = mix(theme.color("window"), theme.color("accent"), 0.06)
            box(painter, rect, 6, fill, theme.color("accent"), 1, (3, 3))
            return
        if self._is_hovered and self.isEnabled():
            fill, line = mix(fill, family, 0.10), mix(fill, family, 0.55)
        box(painter, rect, 6, fill, line)
        if self.hasFocus():
            box(painter, rect, 6, None, theme.color("accent"), 2)

    def _paint_content(self, painter: QPainter, theme: Theme) -> None:
        if self._is_origin:
            painter.setOpacity(0.35)
        glyph_tile(painter, QRectF(5, 5, 18, 18), self.tile.block, theme)
        lit = self._is_hovered and self.isEnabled() and not self._is_origin
        weight = 500 if lit else 400
        has_grip = lit and self.width() > 120
        room = self.width() - 28 - (24 if has_grip else 4)
        text = elided(self.tile.label, room, 12, weight)
        words(painter, QPointF(28, 18.5), text, theme.color("text"), 12, weight)
        if has_grip:
            grip(painter, QPointF(self.width() - 16, 10), theme.color("text2"))


class Group(QWidget):
    """A heading and its tiles."""

    def __init__(self, group: TileGroup, themes: ThemeManager) -> None:
        super().__init__()
        self.tiles = [TileButton(tile, themes) for tile in group.tiles]
        self._is_wide = group.tiles[0].block.family in _WIDE_FAMILIES
        heading = QLabel(group.title)
        heading.setProperty("role", "heading")
        heading.setFixedHeight(HEADING_HEIGHT)
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addWidget(heading)
        column.addLayout(self._grid)
        self.show_matching("")

    def show_matching(self, text: str) -> None:
        """Show only tiles that have `text` in their name or their block's title."""
        found = [tile for tile in self.tiles if _matches(tile.tile, text)]
        columns = 1 if self._is_wide else 2
        for tile in self.tiles:
            self._grid.removeWidget(tile)
            tile.setVisible(tile in found)
        for number, tile in enumerate(found):
            self._grid.addWidget(tile, number // columns, number % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self.setVisible(bool(found))


class BinOverlay(QWidget):
    """Covers the palette while a card is held over it: a release removes the block."""

    def __init__(self, parent: QWidget, themes: ThemeManager) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the place and the words."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), faded(theme.color("window"), 0.85))
        area = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        box(painter, area, 8, theme.color("slotError"), theme.color("error"), 1.5, (5, 4))
        icon_place = QRectF(0, 0, 20, 20)
        icon_place.moveCenter(area.center() - QPointF(0, 16))
        icons.draw(painter, "delete", theme.color("errortext"), icon_place)
        center = Qt.AlignmentFlag.AlignHCenter
        at = area.center() + QPointF(0, 16)
        words(painter, at, "Drop here to remove", theme.color("errortext"), 12, 600, center)
        painter.end()


class Palette(QWidget):
    """All tiles; follows the session's lock, and removes cards that are dropped on it."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("palette")
        self.setAccessibleName("Blocks")
        self._session = session
        self._themes = themes
        self._groups = [Group(group, themes) for group in PALETTE]
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
        column = QVBoxLayout(content)
        column.setContentsMargins(_MARGIN, 0, _MARGIN, 4)
        column.setSpacing(0)
        for group in self._groups:
            column.addWidget(group)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        found = QHBoxLayout()
        found.setContentsMargins(_MARGIN, 0, _MARGIN + 28, 0)
        found.addWidget(self._search)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(found)
        outer.addWidget(scroll)

    def _connect(self) -> None:
        for group in self._groups:
            for tile in group.tiles:
                tile.chosen.connect(self._insert)
                tile.stepped.connect(self._step)
        self._search.textChanged.connect(self.search)
        self._search.returnPressed.connect(self._insert_first)
        self._corner.clicked.connect(self._toggle_search)
        self._session.training_changed.connect(self._follow_lock)
        self._themes.changed.connect(self._follow_theme)

    def _insert(self, block: Block) -> None:
        self._session.insert_after_selection(block)

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
            for tile in group.tiles:
                tile.set_locked(locked)
        self._search.setEnabled(not locked)
        self._corner.setEnabled(not locked)
        tip = "Locked while training" if locked else "Find a block"
        self._corner.setToolTip(tip)
        self._corner.setAccessibleName(tip)
        self._rove(None)
        self._follow_theme()

    def _follow_theme(self) -> None:
        theme = self._themes.theme
        name = "lock" if self._session.locked else "search"
        tone = theme.color("text3")
        self._corner.setIcon(icons.icon(name, tone, disabled=tone))
        self.update()

    # ---- for Qt

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


