"""The quick-add list: type what is wanted, see what it would come to, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QCursor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Shape
from cnnstudio.network import inner
from cnnstudio.network.continuations import continuations
from cnnstudio.network.inner import Path
from cnnstudio.network.phrases import Suggestion
from cnnstudio.ui.buttons import PushButton
from cnnstudio.ui.canvas.quick_add_rows import (
    EDGE,
    ROW,
    Entry,
    EntryDelegate,
    EntryModel,
    entries_for,
    reading_error,
)
from cnnstudio.ui.canvas.shadow import FLOATING, draw_shadow
from cnnstudio.ui.canvas.slot import QUICK
from cnnstudio.ui.fields import rounded
from cnnstudio.ui.icons import draw
from cnnstudio.ui.insertion import entering, put
from cnnstudio.ui.keyboard_place import KeyboardPlace
from cnnstudio.ui.labels import Elided, divider, label
from cnnstudio.ui.typography import size

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

WIDTH = 400
MOST_ROWS = 7
_FIELD, _FOOT = 44, 36
_RADIUS = 10
_VOLUME = 80
"""The room above a slot for its volume."""
_SHADOW = 36
"""The room around the card for its shadow."""
_BEFORE, _BEHIND = 44, 12
"""Pixels between the list and the slot behind it or before it: the wire into it stays free."""
_STILL = 4
"""Pixels that a pointer may move between two clicks that are one."""
_TABS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
"""Tab goes on in the list, as the arrows do."""
_KEEPS = Qt.KeyboardModifier.ShiftModifier
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class QuickAddField(QLineEdit):
    """The field: arrows and Enter go to the list, and no shortcut of the window fires."""

    def __init__(self, owner: QuickAdd) -> None:
        super().__init__()
        self._owner = owner
        self.setObjectName("quickAddField")
        self.setAccessibleName("Add a block")
        self.setPlaceholderText("conv 16 5x5, pool, fc 120 …")
        self.setStyleSheet(
            "QLineEdit, QLineEdit:hover, QLineEdit:focus { border: none; background: transparent;"
            f" padding: 0; font-size: 14px; min-height: {_FIELD}px; }}"
        )

    def event(self, event: QEvent) -> bool:
        """Keep every key here while the list is open, Tab too."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _TABS.get(Qt.Key(event.key()))
            if step is not None:
                self._owner.step(step)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """First the list, then the field."""
        if not self._owner.take_key(event):
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The list closes when the person goes elsewhere, but not with the window or a menu."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self._owner.dismiss()


class QuickAdd(QWidget):
    """A card over the canvas, beside the slot in which the chosen entry is previewed.

    Nothing is changed before Enter or a click.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.hide()
        self.setObjectName("quickAdd")
        self.setAccessibleName("Add a block")
        self._canvas = canvas
        self._place: Path = (1,)
        self._before = KeyboardPlace()
        self._is_inserting = False
        self._opened_at, self._since = QPoint(), QElapsedTimer()
        self.field = QuickAddField(self)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
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
        canvas.session.training_changed.connect(self.dismiss)
        canvas.themes.changed.connect(self.update)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    @property
    def entries(self) -> list[Entry]:
        """What is listed."""
        return self._model.entries

    @property
    def place(self) -> Path:
        """Where it inserts."""
        return self._place

    def open(self, place: Path, text: str = "") -> None:
        """Ask what to insert at `place`; `text` is already typed."""
        if self.is_open and place == self._place and not text:
            return
        if not self.is_open:
            self._before.remember()
        self._place = place
        self._opened_at = QCursor.pos()
        self._since.start()
        self._open_rows_around(place)
        self.field.setText(text)
        self._search()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Close it with nothing changed; the keyboard goes back to where it was."""
        if not self.is_open:
            return
        self._canvas.pipeline.end_preview()
        if self.window().focusWidget() is self.field:  # perhaps the window is not active
            self._before.give_back(self._canvas)
        self.hide()

    # ---- keys and clicks

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means for the list; whether it means something."""
        page = MOST_ROWS - 1
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self.step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._insert(keep=bool(event.modifiers() & _KEEPS))
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def step(self, step: int) -> None:
        """Choose the entry so many rows on; one step beyond an end comes back at the other."""
        rows = len(self.entries)
        if rows:
            row = self.view.currentIndex().row() + step
            row = row % rows if abs(step) == 1 else min(max(row, 0), rows - 1)
            self.view.setCurrentIndex(self._model.index(row))

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
            self.view.setCurrentIndex(self._model.index(0))
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

    def _make_view(self) -> QListView:
        view = QListView(self)
        view.setObjectName("quickAddList")
        view.setAccessibleName("Blocks that match")
        self._model = EntryModel(view)
        view.setModel(self._model)
        view.setItemDelegate(EntryDelegate(view, self._canvas.themes))
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.viewport().installEventFilter(self)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setStyleSheet("QListView { background: transparent; border: none; }")
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
        column = QVBoxLayout(self)
        column.setContentsMargins(_SHADOW + 1, _SHADOW + 1, _SHADOW + 1, _SHADOW + 1)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(divider())
        column.addSpacing(4)
        column.addWidget(self.view, 1)
        column.addWidget(self._none)
        column.addSpacing(4)
        column.addWidget(divider())
        column.addWidget(bar)

    def _stand(self) -> None:
        """Take a place beside the slot, wholly on the canvas."""
        canvas = self._canvas
        slot_in_scene = canvas.pipeline.place_rect(self._place)
        canvas.ensureVisible(slot_in_scene.adjusted(0, -_VOLUME, 0, 0), 16, 16)
        slot = canvas.slot_rect(self._place)
        room = canvas.rect().adjusted(8, 8, -8, -8)
        wanted = QSize(min(WIDTH, room.width()), min(self._height(), room.height()))
        x = slot.right() + _BEHIND
        if x + wanted.width() > room.right():
            x = slot.left() - _BEFORE - wanted.width()
        if x < room.left():
            x = min(max(slot.left(), room.left()), room.right() - wanted.width())
        y = min(max(slot.top() - _FIELD, room.top()), room.bottom() - wanted.height())
        card = QRect(QPoint(x, y), wanted)
        self.setGeometry(card.adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW))

    def _height(self) -> int:
        frame = _FIELD + _FOOT + 12
        if not self.entries:
            return frame + self._none.heightForWidth(WIDTH) + 4
        return frame + ROW * min(len(self.entries), MOST_ROWS)

    # ---- for Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the second click of a double click out, which is not meant for the list."""
        return isinstance(event, QMouseEvent) and self._belongs_to_opening(event)

    def _belongs_to_opening(self, event: QMouseEvent) -> bool:
        far = (event.globalPosition().toPoint() - self._opened_at).manhattanLength() > _STILL
        is_click = event.type() != QEvent.Type.MouseMove
        return is_click and not far and self._since.elapsed() < QApplication.doubleClickInterval()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The card, its shadow, and the glass at the field."""
        theme, painter = self._canvas.themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW))
        draw_shadow(painter, card, _RADIUS, FLOATING, theme)
        rounded(painter, card, _RADIUS, theme.color("card"), theme.color("strong"))
        glass = QRectF(card.left() + EDGE + 1, card.top() + (_FIELD - 16) / 2 + 1, 16, 16)
        draw(painter, "search", theme.color("text3"), glass)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the card is none on the canvas; one on its shadow closes it."""
        card = self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        beside = not card.contains(event.position().toPoint())
        if beside and not self._belongs_to_opening(event):
            self.dismiss()
