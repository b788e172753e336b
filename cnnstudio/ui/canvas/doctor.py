"""The fit doctor: every repair of a block with what it leads to, previewed on the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.buttons import PushButton
from cnnstudio.ui.canvas.doctor_rows import EDGE, Entry, EntryDelegate, EntryModel, entries_of
from cnnstudio.ui.canvas.shadow import FLOATING, draw_shadow
from cnnstudio.ui.fields import rounded
from cnnstudio.ui.keyboard_place import KeyboardPlace
from cnnstudio.ui.labels import divider, label

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

WIDTH = 392
MOST_HEIGHT = 480
LEAST_HEIGHT = 220
"""It is made no lower than this to leave later cards in sight."""
_HEAD, _FOOT = 40, 28
_RADIUS = 10
_SHADOW = 24
"""The room around the card for its shadow."""
_GAP = 16
"""Pixels between the block's card and the doctor."""
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RepairList(QListView):
    """The list: Enter applies, Escape closes, and no shortcut of the window fires meanwhile."""

    def __init__(self, owner: Doctor) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setObjectName("doctorList")
        self.setAccessibleName("Repairs")
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { background: transparent; border: none; }")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Escape, and the list's own keys."""
        if event.key() == Qt.Key.Key_Escape:
            self._owner.dismiss()
        elif event.key() in _ENTER:
            self._owner.apply()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The doctor goes when the person goes elsewhere, but not with the window or a menu."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self._owner.dismiss()


class Doctor(QWidget):
    """A card beside a block's card; the chosen repair is previewed on all cards.

    Nothing is changed before Enter or a click.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.hide()
        self.setObjectName("doctor")
        self.setAccessibleName("Repairs")
        self._canvas = canvas
        self._place = 0
        self._before = KeyboardPlace()
        self.title = label("title")
        self.view = RepairList(self)
        self._model = EntryModel(self.view)
        self._delegate = EntryDelegate(self.view, canvas.themes)
        self.view.setModel(self._model)
        self.view.setItemDelegate(self._delegate)
        self.setFocusProxy(self.view)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()
        self.view.clicked.connect(self._click)
        self.view.entered.connect(self._choose)
        self.view.selectionModel().currentChanged.connect(self._preview)
        canvas.session.network_changed.connect(self._follow_network)
        canvas.session.training_changed.connect(self.dismiss)
        canvas.themes.changed.connect(self.update)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    @property
    def entries(self) -> list[Entry]:
        """What is listed: each problem's sentence, and its repairs behind it."""
        return self._model.entries

    @property
    def place(self) -> int:
        """The place of the block whose repairs are listed."""
        return self._place

    def open(self, place: int) -> None:
        """List the repairs of the block at `place` and preview the best one."""
        if not self.is_open:
            self._before.remember()
        self._place = place
        self._show_entries()
        self.show()
        self._stand()
        self.raise_()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose_first()

    def dismiss(self) -> None:
        """Close it with nothing changed; the keyboard goes back to where it was."""
        if not self.is_open:
            return
        self._canvas.pipeline.end_repair_preview()
        if self.isAncestorOf(self.window().focusWidget() or self._canvas):
            self._before.give_back(self._canvas)
        self.hide()

    def apply(self) -> None:
        """Apply the chosen repair as one step."""
        entry = self._chosen()
        if entry is not None and entry.repair is not None:
            self.dismiss()
            self._canvas.session.repair(entry.repair)

    def follow_room(self) -> None:
        """Stay beside the card when the canvas becomes larger or smaller."""
        if self.is_open:
            self._stand()

    # ---- what is listed, chosen and previewed

    def _show_entries(self) -> None:
        report = self._canvas.session.report.blocks[self._place]
        self.title.setText(f"Repair {report.name}")
        self._model.show(entries_of(self._canvas.session, self._place))

    def _follow_network(self) -> None:
        """An edit from elsewhere makes other repairs."""
        if not self.is_open:
            return
        blocks = self._canvas.session.report.blocks
        if self._place >= len(blocks) or not any(p.repairs for p in blocks[self._place].problems):
            self.dismiss()
            return
        self._show_entries()
        self._stand()
        self._choose_first()

    def _choose_first(self) -> None:
        rows = (row for row, entry in enumerate(self.entries) if entry.repair is not None)
        row = next(rows, None)
        if row is not None:
            self._choose(self._model.index(row))
            self.view.scrollToTop()

    def _choose(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, select)

    def _click(self, index: QModelIndex) -> None:
        self._choose(index)
        self.apply()

    def _chosen(self) -> Entry | None:
        index = self.view.currentIndex()
        return self.entries[index.row()] if index.isValid() else None

    def _preview(self) -> None:
        entry = self._chosen()
        if entry is not None and entry.consequence is not None:
            found = entry.consequence
            self._canvas.pipeline.preview_repair(found.after, found.places)

    # ---- looks

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(EDGE, 8, 8, 4)
        close = PushButton(self._canvas.themes, icon_name="close")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setAccessibleName("Close")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.dismiss)
        head.addWidget(self.title, 1)
        head.addWidget(close)
        foot = label("hint", "Enter applies · one step to undo · Esc closes")
        foot.setContentsMargins(EDGE, 0, EDGE, 0)
        foot.setFixedHeight(_FOOT)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(_SHADOW + 1, _SHADOW + 1, _SHADOW + 1, _SHADOW + 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(divider())
        column.addSpacing(4)
        column.addWidget(self.view, 1)
        column.addSpacing(4)
        column.addWidget(divider())
        column.addWidget(foot)

    def _stand(self) -> None:
        """Take a place beside the block's card that hides as few as can be of those behind it."""
        canvas = self._canvas
        canvas.reveal(self._place)
        room = canvas.rect().adjusted(8, 8, -8, -8)
        width = min(WIDTH, room.width())
        self.resize(width + 2 * _SHADOW, 2 * _SHADOW + MOST_HEIGHT)  # the lines ask how wide it is
        self._column.activate()
        self.view.doItemsLayout()
        size = QSize(width, min(self._height(), room.height()))
        later = [canvas.slot_rect((i,)) for i in range(self._place, len(canvas.pipeline.cards))]
        choices = _places(later[0], size, room)
        place = min(choices, key=lambda rect: (_hidden(rect, later), -rect.height()))
        self.setGeometry(place.adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW))

    def _height(self) -> int:
        rows = sum(map(self._delegate.height, self.entries))
        return min(_HEAD + _FOOT + 16 + rows, MOST_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card and its shadow."""
        theme, painter = self._canvas.themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW))
        draw_shadow(painter, card, _RADIUS, FLOATING, theme)
        rounded(painter, card, _RADIUS, theme.color("card"), theme.color("strong"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the card is none on the canvas; one on its shadow closes it."""
        card = self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        if not card.contains(event.position().toPoint()):
            self.dismiss()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nor is the release."""
        event.accept()


def _places(card: QRect, size: QSize, room: QRect) -> list[QRect]:
    """At the edges of `room`, and beside, above and below `card`, less high where that helps."""
    left = min(max(card.left(), room.left()), room.left() + room.width() - size.width())
    lowest = room.top() + room.height() - size.height()
    top = min(max(card.top() - 24, room.top()), lowest)
    places = [
        QRect(QPoint(room.left(), top), size),
        QRect(QPoint(room.left() + room.width() - size.width(), top), size),
        QRect(QPoint(card.right() + _GAP, top), size),
        QRect(QPoint(card.left() - _GAP - size.width(), top), size),
    ]
    above = QSize(size.width(), min(size.height(), card.top() - _GAP - room.top()))
    below = QSize(size.width(), min(size.height(), room.bottom() - card.bottom() - _GAP))
    for lower, y in ((above, card.top() - _GAP - above.height()), (below, card.bottom() + _GAP)):
        if lower.height() >= min(size.height(), LEAST_HEIGHT):
            places.append(QRect(QPoint(left, y), lower))
    foot = QRect(QPoint(left, lowest), size)
    return [foot, *(place for place in places if room.contains(place))]


def _hidden(place: QRect, cards: list[QRect]) -> int:
    """How many pixels of the cards are under `place`."""
    covers = (place.intersected(card) for card in cards)
    return sum(cover.width() * cover.height() for cover in covers)
