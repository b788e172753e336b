"""A card of the gallery: the picture of a network, its title and a line of words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from cnnstudio.ui.canvas.paint import elided, width_of, words
from cnnstudio.ui.palette.gallery_entries import Entry
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.network_picture import draw_network
from cnnstudio.ui.theme import ThemeManager

WIDTH, HEIGHT = 226, 140
PICTURE = 88
"""The height of the picture at the top, in pixels."""

RADIUS = 8
MARGIN = 12


class GalleryCard(QAbstractButton):
    """Shows `entry`: a click makes it the current one, a double click opens it (`chosen`)."""

    chosen = Signal()

    def __init__(self, entry: Entry, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._is_current = False
        self._drawn: tuple[object, QPixmap] | None = None
        self.setFixedSize(WIDTH, HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Show another entry, such as the same file when it was read."""
        self.entry = entry
        self._drawn = None
        self.setObjectName(f"gallery_{entry.name}")
        self.setAccessibleName(", ".join(p for p in (entry.title, entry.line, entry.note) if p))
        self.setAccessibleDescription(entry.description)
        self.setToolTip(entry.description)
        self.update()

    def set_current(self, is_current: bool) -> None:
        """Mark it as the one that Enter opens."""
        self._is_current = is_current
        self.update()

    def sizeHint(self) -> QSize:
        """All cards have one size."""
        return QSize(WIDTH, HEIGHT)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, outlined while it is the current one."""
        theme, painter = self._themes.theme, QPainter(self)
        hot = self.underMouse()
        line = "accent" if self._is_current else "strong" if hot else "fieldline"
        rect = QRectF(self.rect())
        rounded(painter, rect, RADIUS, theme.color("card"))
        painter.drawPixmap(0, 0, self._picture())
        width = 2.0 if self._is_current else 1.0
        rounded(painter, rect, RADIUS, None, theme.color(line), width)
        self._write(painter)

    def _write(self, painter: QPainter) -> None:
        theme, entry = self._themes.theme, self.entry
        room, right = WIDTH - 2 * MARGIN, WIDTH - MARGIN
        tone = theme.color("text3" if entry.is_missing else "text")
        title = elided(entry.title, room, 12, 600)
        words(painter, QRectF(MARGIN, PICTURE + 22, 0, 0).topLeft(), title, tone, 12, 600)
        base = PICTURE + 40
        line = elided(entry.line, room - width_of(entry.note, 11, 500) - 8, 11)
        words(painter, QRectF(MARGIN, base, 0, 0).topLeft(), line, theme.color("text2"))
        place, align = QRectF(right, base, 0, 0).topLeft(), Qt.AlignmentFlag.AlignRight
        words(painter, place, entry.note, theme.color("text2"), 11, 500, align)

    def _picture(self) -> QPixmap:
        """The picture on its ground, drawn once for each theme and screen."""
        theme, ratio = self._themes.theme, self.devicePixelRatioF()
        key = (theme.name, ratio)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._draw_picture(ratio))
        return self._drawn[1]

    def _draw_picture(self, ratio: float) -> QPixmap:
        picture = QPixmap(round(WIDTH * ratio), round(PICTURE * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        top = QPainterPath()
        top.addRoundedRect(QRectF(0, 0, WIDTH, PICTURE + RADIUS), RADIUS, RADIUS)
        painter.setClipPath(top)
        painter.fillRect(0, 0, WIDTH, PICTURE, self._themes.theme.color("canvas"))
        self._draw_inside(painter)
        painter.end()
        return picture

    def _draw_inside(self, painter: QPainter) -> None:
        """The network, where it is known: in the theme's colours, unlike a picture in a file."""
        report = self.entry.report
        if report is not None:
            room = QRectF(MARGIN, 10, WIDTH - 2 * MARGIN, PICTURE - 20)
            draw_network(painter, room, report, self._themes.theme)
