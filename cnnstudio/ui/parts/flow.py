"""A layout that sets widgets side by side and goes on in the next row, and the repair chips."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QMargins, QPoint, QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from cnnstudio.network import Repair
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

MOST_REPAIRS = 3
"""So many repairs have a chip; the others are in the list of all."""

WIDEST_CHANGE = 150
"""The room for what a chip's repair changes, in pixels; its tooltip has all of it."""

MORE_ROOM = 50
"""So much wider they are made, again and again, while two of them read alike."""

_NAMES = re.compile(r"\b[A-Z]{2,} \d+")


def chip_words(repairs: Sequence[Repair], *, brief: bool = False) -> list[str]:
    """What the chips of a problem's best repairs say, no two of them the same.

    It is the change, cut where it is long, and unless `brief` the size.
    """
    changes = [pretty(repair.change) for repair in repairs[:MOST_REPAIRS]]
    room = WIDEST_CHANGE
    while len({_cut(each, room) for each in changes}) < len(set(changes)):
        room += MORE_ROOM
    return [
        _cut(change, room)
        if brief or not repair.leads_to
        else f"{_cut(change, room)} → {pretty(repair.leads_to)}"
        for repair, change in zip(repairs, changes, strict=False)
    ]


def _cut(change: str, room: float) -> str:
    """`change` in `room` pixels: of a block inside others as much of its name as there is room for.

    The problem names the outer blocks; what is done to the inner one comes last.
    """
    rest = change
    if width_of(change, 12, 500) > room and change.startswith(("inner ", *_NAMES.findall(change))):
        ends = [f"… {change[found.start() :]}" for found in _NAMES.finditer(change)][1:]
        rest = next((end for end in ends if width_of(end, 12, 500) <= room), (change, *ends)[-1])
    return elided(rest, room, 12, 500)


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
        said = chip_words(best, brief=self._brief)
        self.chips = [
            self._chip(repair, words, first=place == 0)
            for place, (repair, words) in enumerate(zip(best, said, strict=True))
        ]
        if best:
            self.chips.append(self._all_chip(best[0].place))
        for chip in self.chips:
            self._flow.addWidget(chip)

    def _chip(self, repair: Repair, words: str, *, first: bool) -> Chip:
        chip = Chip(words, self._themes, first=first)
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
