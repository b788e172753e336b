"""The palette's tiles, and the cover that shows that a card dropped there is removed."""

from __future__ import annotations

from textwrap import fill

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QEnterEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cnnstudio.blocks.palette import Tile
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import box, elided, glyph_tile, grip, words
from cnnstudio.ui.document.edits import LOCKED
from cnnstudio.ui.document.mime import encode_block
from cnnstudio.ui.palette.drag_picture import drag_picture, hot_spot
from cnnstudio.ui.theme import Theme, ThemeManager, faded, mix

TILE_HEIGHT = 28
WORDS_LEFT, WORDS_RIGHT = 28, 4
"""Where a tile's words begin, and how much room is kept behind them, in pixels."""

TIP_WIDTH = 72
"""Characters of a line of a tooltip, at most."""

_USE = fill(
    "Drag it into the row, double-click it, or press Enter to put it after the selected block.",
    TIP_WIDTH,
)

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
        self._what = fill(f"{tile.block.title}: {tile.block.help}", TIP_WIDTH)
        self._follow_lock()

    def _follow_lock(self) -> None:
        """Say how the block is put in, or that nothing may be edited."""
        is_open = self.isEnabled()
        self.setToolTip(f"{self._what}\n{_USE if is_open else LOCKED}")
        self.setCursor(Qt.CursorShape.OpenHandCursor if is_open else Qt.CursorShape.ArrowCursor)

    def sizeHint(self) -> QSize:
        """Wide enough for half a row."""
        return QSize(92, TILE_HEIGHT)

    def start_drag(self) -> None:
        """Drag the block until it is dropped somewhere."""
        drag = QDrag(self)
        drag.setMimeData(encode_block(self.tile.block))
        drag.setPixmap(self._picture())
        drag.setHotSpot(hot_spot())
        self._set_origin(True)
        drag.exec(Qt.DropAction.CopyAction)
        self._set_origin(False)

    def _picture(self) -> QPixmap:
        """The tile; X11 without a compositor would show the shadow as a white blot."""
        ratio, theme = self.devicePixelRatioF(), self._themes.theme
        shaded = QGuiApplication.platformName() != "xcb"
        return drag_picture(self.tile.block, self.tile.label, theme, ratio, shaded=shaded)

    def _set_origin(self, is_origin: bool) -> None:
        self._is_origin = is_origin
        self._pressed = None
        self.update()

    # ---- for Qt

    def changeEvent(self, event: QEvent) -> None:
        """Take no drags while the group that it stands in is locked."""
        if event.type() == QEvent.Type.EnabledChange:
            self._follow_lock()
        super().changeEvent(event)

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

    def leaveEvent(self, event: QEvent) -> None:
        """Rest."""
        self._is_hovered = False
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
        room = self.width() - WORDS_LEFT - (24 if has_grip else WORDS_RIGHT)
        text = elided(self.tile.label, room, 12, weight)
        words(painter, QPointF(WORDS_LEFT, 18.5), text, theme.color("text"), 12, weight)
        if has_grip:
            grip(painter, QPointF(self.width() - 16, 10), theme.color("text2"))


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
