"""The quick-add list: type what is wanted, see what it would come to, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QCursor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.network import inner
from cnnstudio.network.continuations import continuations
from cnnstudio.network.inner import Path
from cnnstudio.network.phrases import Suggestion
from cnnstudio.ui.canvas.beside import Kept, best_place, places_beside
from cnnstudio.ui.canvas.popup import Popup
from cnnstudio.ui.canvas.quick_add_rows import (
    EDGE,
    ROW,
    Entry,
    EntryDelegate,
    entries_for,
    reading_error,
)
from cnnstudio.ui.canvas.slot import QUICK
from cnnstudio.ui.document.insertion import entering, put
from cnnstudio.ui.icons import draw
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.held_field import BARE, HeldField
from cnnstudio.ui.parts.keyboard_place import goes_elsewhere
from cnnstudio.ui.parts.labels import Elided, divider, label
from cnnstudio.ui.parts.row_list import ChoiceList, RowModel
from cnnstudio.ui.typography import size

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

WIDTH, LEAST_WIDTH = 400, 280
MOST_ROWS, LEAST_ROWS = 7, 3
"""The list is made no smaller than this to leave the slot and its neighbours in sight."""
_FIELD, _FOOT = 44, 36
_VOLUME = 80
"""The room above a slot for its volume."""
_SLOT = 20.0
"""What a hidden pixel of the slot costs, against one of a card beside it."""
_BEFORE, _BEHIND = 44, 12
"""Pixels between the list and the slot behind it or before it: the wire into it stays free."""
_STILL = 4
"""Pixels that a pointer may move between two clicks that are one."""
_TABS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
"""Tab goes on in the list, as the arrows do."""
_KEEPS = Qt.KeyboardModifier.ShiftModifier


class QuickAddField(HeldField):
    """The field; going elsewhere closes the list."""

    def __init__(self, owner: QuickAdd) -> None:
        super().__init__(owner.take_key)
        self._owner = owner
        self.setObjectName("quickAddField")
        self.setAccessibleName("Add a block")
        self.setPlaceholderText("conv 16 5x5, pool, fc 120 …")
        self.setStyleSheet(f"{BARE} QLineEdit {{ min-height: {_FIELD}px; }}")

    def event(self, event: QEvent) -> bool:
        """Tab goes on in the list, as the arrows do."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _TABS.get(Qt.Key(event.key()))
            if step is not None:
                self._owner.view.step(step)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The list closes when the person goes elsewhere, but not with the window or a menu."""
        super().focusOutEvent(event)
        if goes_elsewhere(event):
            self._owner.dismiss()


class QuickAdd(Popup):
    """A card over the canvas, beside the slot in which the chosen entry is previewed.

    Nothing is changed before Enter or a click.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, "quickAdd", "Add a block")
        self._place: Path = (1,)
        self._is_inserting = False
        self._opened_at, self._since = QPoint(), QElapsedTimer()
        self.field = QuickAddField(self)
        self.setFocusProxy(self.field)  # a click on a row leaves the keyboard in the field
        self.view = self._make_view()
        self._where = Elided()
        self._none = label("caption", wrap=True)
        self._none.setContentsMargins(EDGE, 10, EDGE, 12)
        self._lay_out()
        self.field.textChanged.connect(self._search)
        self.view.clicked.connect(self._click)
        self.view.entered.connect(self.view.setCurrentIndex)
        self.view.selectionModel().currentChanged.connect(self._preview)
        canvas.session.network_changed.connect(self._follow_network)

    @property
    def entries(self) -> list[Entry]:
        """What is listed."""
        return self._model.rows

    @property
    def place(self) -> Path:
        """Where it inserts."""
        return self._place

    def open(self, place: Path, text: str = "") -> None:
        """Ask what to insert at `place`; `text` is already typed."""
        if self.is_open and place == self._place and not text:
            return
        self._place = place
        self._opened_at = QCursor.pos()
        self._since.start()
        self._open_rows_around(place)
        self.field.setText(text)
        self._search()
        self.appear()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_preview(self) -> None:
        """Close the slot."""
        self._canvas.pipeline.end_preview()

    # ---- keys and clicks

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means for the list; whether it means something."""
        key = Qt.Key(event.key())
        if self.view.take_key(event):
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._insert(keep=bool(event.modifiers() & _KEEPS))
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def _click(self, index: QModelIndex) -> None:
        self.view.setCurrentIndex(index)
        self._insert(keep=bool(QApplication.keyboardModifiers() & _KEEPS))

    def _open_rows_around(self, place: Path) -> None:
        """Show the row in which `place` is."""
        pipeline = self._canvas.pipeline
        for end in range(1, len(place), 2):
            card = pipeline.plate(place[:end])
            if card is not None and not pipeline.nests.is_open(place[:end]):
                pipeline.toggle(card)

    def _insert(self, *, keep: bool) -> None:
        """Insert the chosen entry; to `keep` the list, ask for the next one, which goes behind."""
        entry = self._chosen()
        if entry is None:
            return
        before = len(inner.row_at(self._canvas.session.network, self._place))
        self._is_inserting = True
        done = put(self._canvas.session, self._place, entry.blocks)
        self._is_inserting = False
        if not (done and (keep or self.keep.isChecked())):
            self.dismiss()
            return
        added = len(inner.row_at(self._canvas.session.network, self._place)) - before
        self._place = (*self._place[:-1], self._place[-1] + added)
        self.field.clear()
        self._search()

    def _chosen(self) -> Entry | None:
        index = self.view.currentIndex()
        return self.entries[index.row()] if index.isValid() else None

    def _follow_network(self) -> None:
        """An edit from elsewhere leaves no place to insert at."""
        if not self._is_inserting:
            self.dismiss()

    # ---- what is listed and previewed

    def _search(self) -> None:
        session, text = self._canvas.session, self.field.text()
        shape = entering(session, self._place)
        self._model.show(entries_for(text, shape, self._likely(shape)))
        self._none.setText("" if self.entries else reading_error(text))
        self._none.setVisible(not self.entries)
        self.view.setVisible(bool(self.entries))
        self._where.setText(self._words_for_place())
        if self.entries:
            self.view.choose(0)
        else:
            self._preview()
        self._stand()

    def _likely(self, shape: Shape | None) -> tuple[Suggestion, ...]:
        """What often comes next in the network's row; a row inside a block goes its own ways."""
        if len(self._place) > 1:
            return ()
        session = self._canvas.session
        return continuations(session.network.blocks[: self._place[0]], shape, session.classes)

    def _words_for_place(self) -> str:
        """Such as "After CONV 1, which gives 28×28×6"."""
        network, place = self._canvas.session.network, self._place
        shape = entering(self._canvas.session, place)
        gives = f", gets {size(shape)}" if shape is not None else ""
        if place[-1]:
            return f"After {inner.full_name(network, (*place[:-1], place[-1] - 1))}{gives}"
        return f"First in {inner.owner_name(network, place)}{gives}"

    def _preview(self) -> None:
        """Open the slot for what is chosen, and tell it to a screen reader."""
        entry = self._chosen()
        pipeline = self._canvas.pipeline
        told = "nothing found"
        if entry is not None:
            row = self.view.currentIndex().row() + 1
            told = f"{entry.spoken}; {row} of {len(self.entries)}"
        self.field.setAccessibleDescription(told)
        added = () if entry is None or entry.has_input else entry.blocks
        if added:
            pipeline.preview_insertion_at(self._place, *added, action=QUICK)
        else:
            pipeline.end_preview()

    # ---- looks

    def _make_view(self) -> ChoiceList:
        view = ChoiceList("Blocks that match", MOST_ROWS, self)
        view.setObjectName("quickAddList")
        self._model: RowModel[Entry] = RowModel(view)
        view.setModel(self._model)
        view.setItemDelegate(EntryDelegate(view, self._canvas.themes))
        view.viewport().installEventFilter(self)
        return view

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(EDGE + 28, 0, EDGE, 0)
        top.addWidget(self.field)
        foot = QHBoxLayout()
        foot.setContentsMargins(EDGE, 0, EDGE, 0)
        foot.setSpacing(16)
        self.keep = PushButton(self._canvas.themes, "Keep open  Shift+Enter")
        self.keep.setCheckable(True)
        self.keep.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.keep.setToolTip("Ask for the next block after each; Shift+Enter does so once")
        foot.addWidget(self._where, 1)
        foot.addWidget(self.keep)
        bar = QWidget()
        bar.setFixedHeight(_FOOT)
        bar.setLayout(foot)
        column = self.column
        column.addLayout(top)
        column.addWidget(divider())
        column.addSpacing(4)
        column.addWidget(self.view, 1)
        column.addWidget(self._none)
        column.addSpacing(4)
        column.addWidget(divider())
        column.addWidget(bar)

    def _stand(self) -> None:
        """Take a place beside the slot that leaves its neighbours in sight, if there is one."""
        canvas, room = self._canvas, self.room
        slot_in_scene = canvas.pipeline.place_rect(self._place)
        canvas.ensureVisible(slot_in_scene.adjusted(0, -_VOLUME, 0, 0), 16, 16)
        slot = canvas.slot_rect(self._place)
        size = QSize(min(WIDTH, room.width()), min(self._height(), room.height()))
        least = QSize(min(size.width(), LEAST_WIDTH), min(size.height(), _height_for(LEAST_ROWS)))
        places = places_beside(slot, size, least, room, (_BEFORE, _BEHIND))
        self.put_card(best_place(places, size, self._kept(slot)))

    def _kept(self, slot: QRect) -> list[Kept]:
        """The slot, and the cards before and behind it."""
        *row, place = self._place
        beside = [(*row, each) for each in (place - 1, place + 1) if each >= 0]
        cards = (self._canvas.slot_rect(path) for path in beside)
        return [(slot, _SLOT), *((card, 1.0) for card in cards if card != slot)]

    def _height(self) -> int:
        if not self.entries:
            return _height_for(0) + self._none.heightForWidth(WIDTH) + 4
        return _height_for(min(len(self.entries), MOST_ROWS))

    # ---- for Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the second click of a double click out, which is not meant for the list."""
        return isinstance(event, QMouseEvent) and self._belongs_to_opening(event)

    def _belongs_to_opening(self, event: QMouseEvent) -> bool:
        far = (event.globalPosition().toPoint() - self._opened_at).manhattanLength() > _STILL
        is_click = event.type() != QEvent.Type.MouseMove
        return is_click and not far and self._since.elapsed() < QApplication.doubleClickInterval()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, and the glass at the field."""
        super().paintEvent(event)
        top = QPointF(self.card.topLeft()) + QPointF(EDGE + 1, (_FIELD - 16) / 2 + 1)
        glass = QRectF(top, QSizeF(16, 16))
        draw(QPainter(self), "search", self._canvas.themes.theme.color("text3"), glass)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press beside the card closes it, but not the second one of those that opened it."""
        if not self._belongs_to_opening(event):
            super().mousePressEvent(event)


def _height_for(rows: int) -> int:
    return _FIELD + _FOOT + 12 + ROW * rows
