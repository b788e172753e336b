"""The fit doctor: every repair of a block with what it leads to, previewed on the cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout

from cnnstudio.ui.canvas.beside import best_place, places_beside
from cnnstudio.ui.canvas.doctor_rows import EDGE, Entry, EntryDelegate, EntryModel, entries_of
from cnnstudio.ui.canvas.popup import SHADOW, Popup
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.keyboard_place import goes_elsewhere
from cnnstudio.ui.parts.labels import divider, label
from cnnstudio.ui.parts.row_list import RowList

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

WIDTH = 392
MOST_HEIGHT = 480
LEAST_HEIGHT = 220
"""It is made no lower than this to leave later cards in sight."""
_HEAD, _FOOT = 40, 28
_GAP = 16
"""Pixels between the block's card and the doctor."""
_KEPT = 4.0
"""What a hidden pixel of a card costs, against one by which the list is smaller."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RepairList(RowList):
    """The list: Enter applies, Escape closes, and no shortcut of the window fires meanwhile."""

    def __init__(self, owner: Doctor) -> None:
        super().__init__("Repairs", owner)
        self._owner = owner
        self.setObjectName("doctorList")

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
        if goes_elsewhere(event):
            self._owner.dismiss()


class Doctor(Popup):
    """A card beside a block's card; the chosen repair is previewed on all cards.

    Nothing is changed before Enter or a click.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, "doctor", "Repairs")
        self._place = 0
        self.title = label("title")
        self.view = RepairList(self)
        self._model = EntryModel(self.view)
        self._delegate = EntryDelegate(self.view, canvas.themes)
        self.view.setModel(self._model)
        self.view.setItemDelegate(self._delegate)
        self.setFocusProxy(self.view)
        self._lay_out()
        self.view.clicked.connect(self._click)
        self.view.entered.connect(self._choose)
        self.view.selectionModel().currentChanged.connect(self._preview)
        canvas.session.network_changed.connect(self._follow_network)

    @property
    def entries(self) -> list[Entry]:
        """What is listed: each problem's sentence, and its repairs behind it."""
        return self._model.rows

    @property
    def place(self) -> int:
        """The place of the block whose repairs are listed."""
        return self._place

    def open(self, place: int) -> None:
        """List the repairs of the block at `place` and preview the best one."""
        self._place = place
        self._show_entries()
        self.appear()
        self._stand()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose_first()

    def end_preview(self) -> None:
        """Show the network without the repair."""
        self._canvas.pipeline.end_repair_preview()

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
        column = self.column
        column.addLayout(head)
        column.addWidget(divider())
        column.addSpacing(4)
        column.addWidget(self.view, 1)
        column.addSpacing(4)
        column.addWidget(divider())
        column.addWidget(foot)

    def _stand(self) -> None:
        """Take a place beside the block's card that hides as few as can be of those behind it."""
        canvas, room = self._canvas, self.room
        canvas.reveal(self._place)
        width = min(WIDTH, room.width())
        self.resize(width + 2 * SHADOW, 2 * SHADOW + MOST_HEIGHT)  # the lines ask how wide it is
        self.column.activate()
        self.view.doItemsLayout()
        size = QSize(width, min(self._height(), room.height()))
        least = QSize(width, min(size.height(), LEAST_HEIGHT))
        later = [canvas.slot_rect((i,)) for i in range(self._place, len(canvas.pipeline.cards))]
        places = places_beside(later[0], size, least, room, (_GAP, _GAP))
        self.put_card(best_place(places, size, [(rect, _KEPT) for rect in later]))

    def _height(self) -> int:
        rows = sum(map(self._delegate.height, self.entries))
        return min(_HEAD + _FOOT + 16 + rows, MOST_HEIGHT)
