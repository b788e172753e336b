"""Why this number: any value of any block, reckoned from what it reads, back to the pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain.cells import PICTURE, Cell, shape_at, spot_at
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.reasons import misfit, nothing_seen
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Wanted, Weights, Workshop
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why_question import Answer, Item, answer
from cnnstudio.ui.why.why_scenes import SPACING, Scenes, map_of
from cnnstudio.ui.why.why_trail import Trail, item_words
from cnnstudio.ui.why.why_view import OTHER_CELLS, ROOMY_CELLS, Reckoning
from cnnstudio.ui.why.why_way import Way

PAUSE = 200
"""Milliseconds between two answers while the weights change: 5 Hz."""

SIDE = 16
MARGINS = 14
"""Pixels: the margins at the sides, and all above, between and below head and body."""

LIST_WIDTH = 360
"""What a list of terms has at least, in pixels."""


class Why(QWidget):
    """Asks about one value at a time; `ask` begins, clicks on terms walk back, crumbs go forward.

    It asks only while it is visible, and while the weights change at most every `PAUSE`.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("why")
        self._session, self._themes = session, themes
        self.answer: Answer | None = None
        self._inquiry, self._workshop = Inquiry(session, self), Workshop()
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._tell_failure)
        self._throttle = Throttle(self._ask, PAUSE, self)
        self.reckoning = Reckoning(themes)
        self.reckoning.walked.connect(self._walk)
        self._make_head()
        self._make_body()
        session.weights_changed.connect(self._ask_again)
        session.network_changed.connect(self._follow_network)
        session.probe_changed.connect(self._ask_again)
        session.selection_changed.connect(self._follow_selection)
        session.restarted.connect(self._restart)
        themes.changed.connect(self._redraw)

    # ---- building

    def _make_head(self) -> None:
        self.chooser = Combo(self._themes)
        self.chooser.setAccessibleName("Block")
        self.chooser.setToolTip("The block that a value is asked of")
        self.chooser.setFixedWidth(128)
        self.chooser.activated.connect(self._choose_block)
        self.previous_map = self._button("chevron-left", "Previous map", lambda: self._turn(-1))
        self.next_map = self._button("chevron-right", "Next map", lambda: self._turn(1))
        self.map_words = label("caption")
        self.map_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.way = Way(self._themes)
        self.way.moved.connect(self._go_on)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        for button in (self.way.back, self.way.forward):  # first, so that they stay in place
            self._head.addWidget(button)
        self._head.addSpacing(4)
        for widget in (self.chooser, self.previous_map, self.map_words, self.next_map):
            self._head.addWidget(widget)
        self._head.addSpacing(8)
        self._head.addWidget(self.way, 1)
        self._head.addWidget(self.reckoning.bias)

    def _button(self, icon: str, words: str, function: object) -> PushButton:
        button = PushButton(self._themes, icon_name=icon)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.clicked.connect(function)
        return button

    def _make_body(self) -> None:
        self.scenes = Scenes(self._themes)
        self.scenes.picked.connect(self._pick)
        self.scenes.walked.connect(self._walk)
        self.scenes.turned.connect(self._turn)
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QHBoxLayout()
        self._body.setSpacing(SPACING)
        self._body.addWidget(self.scenes)
        self._body.addWidget(self.reckoning, 1)
        self._body.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 6, SIDE, 4)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addLayout(self._body, 1)
        self._show_words("")

    # ---- what is asked

    @property
    def trail(self) -> Trail:
        """The way that was gone."""
        return self.way.trail

    @property
    def item(self) -> Item | None:
        """What is asked about."""
        return self.trail.item

    @property
    def busy(self) -> bool:
        """Whether the answer to what is asked is not there yet."""
        return self._inquiry.busy or self.answer is None or self.answer.item != self.item

    def ask(self, item: Item) -> None:
        """Begin anew with `item`."""
        self.trail.start(item)
        self._go_on()

    def stop(self) -> None:
        """Give up what is asked; the window is being closed."""
        self._inquiry.stop()

    def _go_on(self) -> None:
        """Ask about the present station, if there is still such a one.

        What was pointed at may be of the network before: pictures are drawn anew a little later.
        """
        self.trail.follow(self._session.report)
        self._point_to_block()
        self._ask()

    def _walk(self, item: Item) -> None:
        self.trail.walk(item)
        self._go_on()

    def _pick(self, cell: Cell) -> None:
        """Another value of the same block."""
        self.trail.replace(cell)
        self._go_on()

    def _turn(self, step: int) -> None:
        """The same place of the next map; of units, the next one."""
        item = self.item
        if not isinstance(item, Cell):
            return
        count = shape_at(self._session.report, item.path)[0]
        place = ((item.place[0] + step) % count, *item.place[1:])
        self.trail.replace(Cell(item.path, place))
        self._ask()

    def _choose_block(self) -> None:
        """Begin with the chosen block; an open list may name blocks that are no longer there."""
        place = self.chooser.currentData()
        if isinstance(place, int) and place < len(self._session.network) and not self._reason():
            self._begin_at((place,))
            self._go_on()

    def _begin_at(self, path: Path) -> None:
        """The largest value of a block; of one inside another, the value in its middle."""
        session = self._session
        if len(path) == 1 and path[0] < len(session.activations):
            maps = np.nan_to_num(session.activations[path[0]], nan=-np.inf)
            found = np.unravel_index(int(maps.argmax()), maps.shape)
            self.trail.start(Cell(path, tuple(int(number) for number in found)))
        else:
            shape = spot_at(session.report, path).output_shape
            middle = tuple(size // 2 for size in shape[1:])
            self.trail.start(Cell(path, (0, *middle)))

    def _point_to_block(self) -> None:
        """Select the block of what is asked about, or the one that it stands in."""
        item = self.item
        if item is None or item.path == PICTURE:
            return
        self._session.select_path(item.path)

    # ---- following

    def _follow_selection(self) -> None:
        """Another block is selected: begin with it, unless one has just walked there."""
        path, item = self._session.selected_path, self.item
        if path is None or (item is not None and self._is_at(item, path)):
            return
        self.trail.start(None)
        self._ask_again()

    def _is_at(self, item: Item, path: Path) -> bool:
        """Whether the block at `path` is that of the item, or holds the shortcut that is."""
        return item.path == path or item.path[:-2] == path

    def _follow_network(self) -> None:
        self.trail.follow(self._session.report)
        self._ask_again()

    def _restart(self) -> None:
        self.trail.start(None)
        self._ask_again()

    def _ask_again(self) -> None:
        if self.isVisible():
            self._throttle.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give up what nobody waits for."""
        super().hideEvent(event)
        self._inquiry.drop()

    def _ask(self) -> None:
        """Ask about the present item, or say why that cannot be done."""
        if not self.isVisible():
            return
        reason = self._reason()
        if reason:
            self.answer = None
            self._inquiry.drop()
        else:
            self._ask_item()
        way = (self.way, self.way.back, self.way.forward)
        for widget in (*way, self.chooser, self.previous_map, self.map_words, self.next_map):
            widget.setVisible(not reason)
        self.chooser.setEnabled(not reason)
        self._show_words(reason or self._inquiry.failure)

    def _ask_item(self) -> None:
        if self.item is None:
            self._begin_at(self._session.selected_path or (len(self._session.network) - 1,))
        self._offer()
        item, probe = self.item, self._session.probe
        assert item is not None
        assert probe is not None
        weights = Weights.of(self._session)
        self._inquiry.ask((item, probe), weights, partial(self._reckon, item, probe, weights))

    def _reckon(self, item: Item, probe: Probe, weights: Weights, _wanted: Wanted) -> Answer:
        """In the thread."""
        return answer(self._workshop.model(weights), item, probe.pixels, probe.label)

    def _reason(self) -> str:
        session = self._session
        return misfit(session) or nothing_seen(session)

    def _offer(self) -> None:
        """Fill the chooser with the blocks, and let it show the one that is asked about."""
        names = list(self._session.network.names)
        if names != [self.chooser.itemText(i) for i in range(self.chooser.count())]:
            self.chooser.clear()
            for place, name in enumerate(names):
                self.chooser.addItem(name, place)
        item = self.item
        if item is not None and item.path != PICTURE:
            self.chooser.setCurrentIndex(item.path[0])

    # ---- showing

    def _take(self, what: tuple[Item, Probe], weights: Weights, found: Answer) -> None:
        """Show an answer, unless something else is asked by now."""
        if what[0] == self.item and weights.network == self._session.network:
            self.answer = found
            self._show_words("")
            self._redraw()

    def _tell_failure(self) -> None:
        self.answer = None
        self.map_words.clear()
        self.way.show_trail(self._session.report)
        self._show_words(self._inquiry.failure)

    def _redraw(self) -> None:
        answer = self.answer
        if answer is None or not self.isVisible():
            return
        session = self._session
        names = session.dataset.class_names if session.dataset else ()
        self.reckoning.show_answer(session.report, answer, names)
        self.scenes.show_answer(session.report, answer)
        self._share_room()
        self.way.show_trail(session.report)
        what = "unit" if answer.made.ndim == 1 else "map"
        count, number = f"{len(answer.made):,}", f"{map_of(answer) + 1:,}"
        self.map_words.setText(f"{what} {number} of {count}{self._class_words(answer)}")
        widest = re.sub(r"\d", "0", f"{what} {count} of {count}")
        self.map_words.setMinimumWidth(self.map_words.fontMetrics().horizontalAdvance(widest))

    def _class_words(self, answer: Answer) -> str:
        """The class of an output, where that is not the unit's number."""
        session, item = self._session, answer.item
        is_output = item.path == (len(session.network) - 1,) and answer.made.ndim == 1
        if not is_output or session.dataset is None or session.classes != len(answer.made):
            return ""
        return f", class {session.dataset.class_names[map_of(answer)]}"

    def _show_words(self, sentence: str) -> None:
        """A sentence in place of pictures and numbers; an empty one gives them back."""
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        for widget in (self.scenes, self.reckoning):
            widget.setVisible(not sentence)
        if sentence:
            self.reckoning.bias.hide()

    def _share_room(self) -> None:
        """The pictures' size; what is read is left out where the numbers need its room."""
        if self.answer is None:
            return
        height = self.height() - MARGINS - self._head.sizeHint().height()
        room = self.width() - 2 * SIDE - SPACING
        self.scenes.share(room - self._width_of_terms(self.answer, room, height), height)

    def _width_of_terms(self, answer: Answer, room: int, height: int) -> int:
        """Roomy cells where all pictures are large beside them, others where some fit."""
        for width in self.reckoning.widths(answer, ROOMY_CELLS):
            if self.scenes.is_fine(room - width, height):
                return width
        widths = self.reckoning.widths(answer, OTHER_CELLS)
        for width in widths:
            if self.scenes.has_room(room - width, height):
                return width
        return widths[-1] if widths else LIST_WIDTH

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._share_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace goes back, with Shift forward."""
        if event.key() == Qt.Key.Key_Backspace:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.way.step(1 if shift else -1)
        else:
            super().keyPressEvent(event)

    # ---- saving

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the terms."""
        sheet, item = self.reckoning.sheet, self.item
        if sheet is None or item is None:
            return
        ground = self._themes.theme.color("window")
        menu = save_menu(self, "why-this-number", sheet, self._table, self._session, ground)
        menu.popup(event.globalPos())

    def _table(self) -> Iterable[Sequence[object]]:
        sheet, item = self.reckoning.sheet, self.item
        assert sheet is not None
        assert sheet.sums is not None
        assert item is not None
        terms = sheet.sums.terms
        is_weight = isinstance(item, Weight)
        yield (item_words(self._session.report, item), self.answer.value if self.answer else "")
        yield ("from", "value", "gradient" if is_weight else "weight", "product")
        for index in range(len(terms)):
            term = terms[index]
            yield (sheet.sums.where(index), term.value, term.weight, term.product)
