"""A layout that sets widgets side by side and goes on in the next row, and the repair chips."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from cnnstudio.network import Repair
from cnnstudio.ui.canvas.paint import elided
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

MOST_REPAIRS = 3
"""So many repairs have a chip; the others are in the list of all."""

WIDEST_CHANGE = 150
"""The room for what a chip's repair changes, in pixels; its tooltip has all of it."""


def chip_words(repair: Repair, *, brief: bool = False) -> str:
    """What a repair's chip says: the change, cut where it is long, and unless `brief` the size."""
    change = elided(pretty(repair.change), WIDEST_CHANGE, 12, 500)
    return change if brief or not repair.leads_to else f"{change} → {pretty(repair.leads_to)}"


class FlowLayout(QLayout):
    """Items from left to right, in as many rows as the width asks for."""

    def __init__(self, gap: int = 8) -> None:
        super().__init__()
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - Qt's name
        """Append `item`."""
        self._items.append(item)

    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """The item at `index`; None beyond the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 - Qt's name
        """Remove and return the item at `index`; None beyond the end."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """Yes: narrower means more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all rows in `width` pixels."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 - Qt's name
        """Place the items in `rect`."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """All items in one row."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(s.width() for s in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(width, max((s.height() for s in sizes), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802 - Qt's name
        """The widest item."""
        sizes = [item.minimumSize() for item in self._items]
        return QSize(
            max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0)
        )

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, row = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, row = rect.x(), y + row + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            row = max(row, size.height())
        return y + row - rect.y()


class RepairChips(QWidget):
    """A chip for each of a problem's best repairs, applied by a click, and one for the list of all.

    Where there are no more than the chips show, the list tells what each leads to.
    """

    def __init__(self, session: Session, themes: ThemeManager, *, brief: bool = False) -> None:
        super().__init__()
        self._session = session
        self._themes = themes
        self._brief = brief
        self._shown: tuple[Repair, ...] = ()
        self.chips: list[Chip] = []
        self._flow = FlowLayout()
        self.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_repairs(self, repairs: tuple[Repair, ...]) -> None:
        """Offer `repairs` of one problem, the best one first."""
        if repairs != self._shown:
            self._shown = repairs
            self._rebuild()
        self.setVisible(bool(repairs))
        self.setEnabled(not self._session.locked)

    def _rebuild(self) -> None:
        while self._flow.takeAt(0) is not None:
            pass
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        best = self._shown[:MOST_REPAIRS]
        self.chips = [self._chip(repair, place) for place, repair in enumerate(best)]
        if best:
            self.chips.append(self._all_chip(best[0].place))
        for chip in self.chips:
            self._flow.addWidget(chip)

    def _chip(self, repair: Repair, place: int) -> Chip:
        words = chip_words(repair, brief=self._brief)
        chip = Chip(words, self._themes, first=place == 0)
        chip.setToolTip(f"{pretty(str(repair))}: one click, one step to undo")
        chip.setAccessibleName(pretty(str(repair)))
        chip.clicked.connect(lambda: self._session.repair(repair))
        return chip

    def _all_chip(self, place: int) -> Chip:
        chip = Chip("All…" if self._brief else "All repairs…", self._themes)
        chip.setToolTip("Every repair, and what it does to the other blocks")
        chip.setAccessibleName("All repairs")
        chip.clicked.connect(lambda: self._session.ask_repairs(place))
        return chip
