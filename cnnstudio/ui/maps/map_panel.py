"""What the panels of feature maps and of filters share: head line, block chooser, mosaic, words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.ui.document.saving import Saveable, Table, save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.labels import Elided, label
from cnnstudio.ui.parts.mosaic import INSET, Mosaic
from cnnstudio.ui.theme import ThemeManager

MARGIN = 16 - INSET

Source = tuple[Saveable, str, Callable[[], Table]]
"""A part of a panel to be saved, its name for files, and what makes its numbers."""


class MapPanel(QWidget):
    """A head with the chosen block, and below it a picture or a sentence.

    It draws only while it is visible; what changes meanwhile is drawn when it is shown again.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session = session
        self._themes = themes
        self._stale = True
        self.chooser = Combo(themes)
        self.chooser.setAccessibleName("Block")
        self.chooser.setFixedWidth(128)
        self.caption = Elided()
        self.mosaic = Mosaic(themes)
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.head = QHBoxLayout()
        self.head.setSpacing(12)
        self.head.setContentsMargins(INSET, 0, INSET, 0)
        self.head.addWidget(self.chooser)
        self.head.addWidget(self.caption, 1)
        self.body = QHBoxLayout()
        self.body.setSpacing(16)
        self.picture = scrolling(self.mosaic)
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 8, MARGIN, 8)
        column.setSpacing(8)
        column.addLayout(self.head)
        column.addLayout(self.body, 1)
        self.chooser.activated.connect(self._choose_block)
        for signal in (session.weights_changed, session.network_changed, themes.changed):
            signal.connect(self.refresh)
        session.selection_changed.connect(self._follow_selection)

    @property
    def current(self) -> int | None:
        """The place of the block that is shown; None where there is none to show."""
        place = self.chooser.currentData()
        return place if isinstance(place, int) else None

    def refresh(self) -> None:
        """Draw the present state, now or when the panel is next visible."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self._offer(self._choosable())
        self._draw()

    def _refresh_soon(self) -> None:
        """Draw what came from a thread; while a run goes on, with the next weights."""
        if self._session.training != "running":
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save what is shown."""
        found = self._saveable()
        if found is None:
            return
        source, name, table = found
        ground = self._themes.theme.color("window")
        menu = save_menu(self, name, source, table, self._session, ground)
        self._extend_menu(menu, event.globalPos())
        menu.popup(event.globalPos())

    def _extend_menu(self, menu: QMenu, position: QPoint) -> None:
        """Put more into the menu for what is at a position of the screen."""

    def _choosable(self) -> Sequence[int]:
        """The places of the blocks that can be shown."""
        raise NotImplementedError

    def _draw(self) -> None:
        raise NotImplementedError

    def _saveable(self) -> Source | None:
        """What can be saved: that under the pointer, or the picture."""
        raise NotImplementedError

    def _offer(self, places: Sequence[int]) -> None:
        """Fill the chooser, keeping the block that is shown or following the selection."""
        names = self._session.network.names
        offered = [(names[place], place) for place in places]
        box = self.chooser
        present = [(box.itemText(i), box.itemData(i)) for i in range(box.count())]
        if offered != present:
            before = self.current
            box.clear()
            for words, place in offered:
                box.addItem(words, place)
            box.setCurrentIndex(max(0, box.findData(before)))
            self._point_to_selection()
        box.setVisible(bool(offered))

    def _point_to_selection(self) -> bool:
        """Let the chooser show the selected block if it can; whether that is another one."""
        selection = self._session.selection
        index = self.chooser.findData(selection[0]) if len(selection) == 1 else -1
        if index < 0 or index == self.chooser.currentIndex():
            return False
        self.chooser.setCurrentIndex(index)
        return True

    def _follow_selection(self) -> None:
        self._point_to_selection()
        self.refresh()

    def _choose_block(self) -> None:
        if self.current is not None:
            self._session.select((self.current,))
        self.refresh()

    def _show_words(self, sentence: str) -> None:
        """Show a sentence instead of a picture; an empty one gives the picture back."""
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        self.caption.setVisible(not sentence)
        self.picture.setVisible(not sentence)


def scrolling(content: QWidget) -> QScrollArea:
    """`content` in a frameless scroll area that keeps its width."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
