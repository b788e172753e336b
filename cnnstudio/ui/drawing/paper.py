"""The sheet that one draws on with the mouse, a pen or a finger."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.drawing.ink import ERASER, SIDE, Ink
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import Theme, ThemeManager, font, mix

SMALLEST = 120
FIRST = 160
"""Pixels of its side, at least and as designed."""

RADIUS = 8
IDLE_SHARE = 0.35
"""How strongly a drawing is shown that the cards do not show."""

Standard = QKeySequence.StandardKey
_KEYS = {
    Standard.Undo: "undo",
    Standard.Redo: "redo",
    Standard.Paste: "paste",
    Standard.Copy: "copy",
    Standard.Delete: "clear",
}
_TOUCHES = (
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TouchEnd,
    QEvent.Type.TouchCancel,
)


class Paper(QWidget):
    """A square of ink. `changed` tells of every change during a stroke, `finished` of its end.

    `asked` gives the name of what a key wants ("undo", "redo", "paste", "copy", "clear"), which
    the window does not get while the sheet has the keyboard; `dropped` gives a picture's QMimeData.
    """

    changed = Signal()
    finished = Signal()
    asked = Signal(str)
    dropped = Signal(QMimeData)
    menu_wanted = Signal(QContextMenuEvent)

    def __init__(self, ink: Ink, themes: ThemeManager) -> None:
        super().__init__()
        self.ink = ink
        self._themes = themes
        self.is_eraser = False
        self._is_idle = False
        self._way: list[QPointF] = []
        self._colours: tuple[str, list[int]] = ("", [])
        self.setObjectName("paper")
        self.setAccessibleName("Sheet to draw on")
        self.setAccessibleDescription(
            "Draw with the mouse, a pen or a finger. Control Z takes a stroke back, Delete clears, "
            "Control V puts a picture of the clipboard on it."
        )
        self.setMinimumSize(SMALLEST, SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAcceptDrops(True)
        themes.changed.connect(self.update)

    def set_idle(self, idle: bool) -> None:
        """Show the drawing faintly, as the cards show another picture."""
        if idle != self._is_idle:
            self._is_idle = idle
            self.update()

    def sizeHint(self) -> QSize:
        """As designed."""
        return QSize(FIRST, FIRST)

    # ---- strokes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button puts the pen down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position(), self.is_eraser)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        self._extend(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the pen."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """As the mouse, with the pressure as the width, and the pen's other end as eraser."""
        pressure = event.pressure() or 1.0
        if event.type() == QEvent.Type.TabletPress:
            other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._begin(event.position(), self.is_eraser or other_end, pressure)
        elif event.type() == QEvent.Type.TabletMove:
            self._extend(event.position(), pressure)
        else:
            self._end()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Take touches, and the keys that would else go to the window's actions."""
        if isinstance(event, QTouchEvent) and event.type() in _TOUCHES:
            self._touch(event)
            return True
        is_key = event.type() == QEvent.Type.ShortcutOverride
        if is_key and isinstance(event, QKeyEvent) and self._wish(event):
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        """One finger draws; more do not."""
        event.accept()
        points = event.points()
        if event.type() == QEvent.Type.TouchBegin:
            self._begin(points[0].position(), self.is_eraser)
        elif event.type() == QEvent.Type.TouchUpdate:
            self._extend(points[0].position())
        elif event.type() == QEvent.Type.TouchEnd:
            self._end()
        else:
            self._abandon()

    def _begin(self, place: QPointF, erasing: bool, pressure: float = 1.0) -> None:
        self.ink.begin(self._to_sheet(place), erasing=erasing, pressure=pressure)
        self._way = [place] * 3
        self._tell()

    def _extend(self, place: QPointF, pressure: float = 1.0) -> None:
        if self.ink.is_drawing:
            self.ink.extend(self._to_sheet(place), pressure)
            self._way = [*self._way[1:], place]
            self.update(self._inked())
            self.changed.emit()

    def _inked(self) -> QRect:
        """What the last part of the stroke can have changed, in pixels of the screen."""
        xs, ys = [place.x() for place in self._way], [place.y() for place in self._way]
        reach = ERASER / 2 * self._place().width() / SIDE + 2
        around = QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        return around.adjusted(-reach, -reach, reach, reach).toAlignedRect()

    def _end(self) -> None:
        if self.ink.is_drawing:
            self.ink.end()
            self._tell()
            self.finished.emit()

    def _abandon(self) -> None:
        if self.ink.is_drawing:
            self.ink.abandon()
            self._tell()

    def _tell(self) -> None:
        self.update()
        self.changed.emit()

    # ---- keys, drops, menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo, redo, paste, copy, clear; Escape gives the stroke in the making up."""
        wish = self._wish(event)
        if event.key() == Qt.Key.Key_Escape and self.ink.is_drawing:
            self._abandon()
        elif wish:
            self.asked.emit(wish)
        else:
            super().keyPressEvent(event)

    def _wish(self, event: QKeyEvent) -> str:
        return next((wish for key, wish in _KEYS.items() if event.matches(key)), "")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures may be dropped; files are the window's."""
        if event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take a picture."""
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu, unless a stroke is being drawn."""
        if not self.ink.is_drawing:
            self.menu_wanted.emit(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The stroke ends where it is."""
        self._end()
        super().hideEvent(event)

    # ---- painting

    def picture(self) -> QImage:
        """The drawing in the theme's colours, SIDE pixels large."""
        source, theme = self.ink.drawing.image, self._themes.theme
        tinted = QImage(
            source.constBits(),
            SIDE,
            SIDE,
            source.bytesPerLine(),
            QImage.Format.Format_Indexed8,
        ).copy()
        if self._colours[0] != theme.name:
            sheet, ink = sheet_colour(theme), theme.color("text")
            table = [mix(sheet, ink, level / 255).rgb() for level in range(256)]
            self._colours = (theme.name, table)
        tinted.setColorTable(self._colours[1])
        return tinted

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(FIRST, FIRST)

    def draw(self, painter: QPainter) -> None:
        """Paint the drawing alone, for saving."""
        painter.drawImage(QRectF(0, 0, FIRST, FIRST), self.picture())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sheet with its drawing, or an invitation to draw."""
        theme, place = self._themes.theme, self._place()
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.save()
        outline = QPainterPath()
        outline.addRoundedRect(place, RADIUS, RADIUS)
        painter.setClipPath(outline)
        painter.fillPath(outline, sheet_colour(theme))
        if self.ink.is_blank:
            self._paint_invitation(painter, place)
        else:
            painter.setOpacity(IDLE_SHARE if self._is_idle else 1.0)
            painter.drawImage(place, self.picture())
        painter.restore()
        line, width = ("accent", 2.0) if self.hasFocus() else ("strong", 1.0)
        rounded(painter, place, RADIUS, None, theme.color(line), width)

    def _paint_invitation(self, painter: QPainter, place: QRectF) -> None:
        theme, middle = self._themes.theme, place.center()
        painter.setPen(QPen(theme.color("strong"), 1, Qt.PenStyle.DotLine))
        reach, gap = place.width() * 0.4, 34.0
        for way in (QPointF(0, 1), QPointF(0, -1), QPointF(1, 0), QPointF(-1, 0)):
            inner = gap if way.x() else 14.0
            painter.drawLine(middle + way * inner, middle + way * reach)
        painter.setFont(font(12))
        painter.setPen(theme.color("text3"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Draw here")

    def _place(self) -> QRectF:
        """Where the square is: as large as there is room, at the top left."""
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def _to_sheet(self, place: QPointF) -> QPointF:
        square = self._place()
        return (place - square.topLeft()) * (SIDE / max(1.0, square.width()))


def sheet_colour(theme: Theme) -> QColor:
    """The colour of the sheet."""
    return theme.color("inset" if theme.is_dark else "card")
