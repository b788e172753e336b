"""The wires of the rows in an open block, one before each card and one behind the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.nested_layout import Frame, Strip
from cnnstudio.ui.canvas.wires import WireLook
from cnnstudio.ui.theme import ThemeManager


class InnerWires:
    """As many as there are places to insert a block."""

    def __init__(
        self,
        frame: QGraphicsItem,
        themes: ThemeManager,
        attic: Attic,
        offer: Callable[[Connector], None],
    ) -> None:
        self._frame, self._themes, self._attic, self._offer = frame, themes, attic, offer
        self._rows: list[list[Connector]] = []
        self._locked = False

    def __iter__(self) -> Iterator[Connector]:
        for row in self._rows:
            yield from row

    def set_locked(self, locked: bool) -> None:
        """Offer no plus while nothing may be edited."""
        self._locked = locked
        for wire in self:
            wire.set_locked(locked)

    def lay(self, frame: Frame, path: Path, looks: Sequence[Sequence[WireLook]]) -> None:
        """Lead the wires of all rows; `path` is that of the block that they are in."""
        while len(self._rows) > len(looks):
            for wire in self._rows.pop():
                self._attic.take(wire)
        while len(self._rows) < len(looks):
            self._rows.append([])
        for number, (strip, row) in enumerate(zip(frame.strips, looks, strict=True)):
            wires = self._rows[number]
            self._fit(wires, len(row))
            for cell, (wire, look) in enumerate(zip(wires, row, strict=True)):
                wire.path = (*path, number, cell)
                if 0 < cell < strip.cells:
                    wire.place(strip.grid, cell - 1, *look)
                else:
                    _lead_outside(wire, strip, cell, look, alone=len(looks) == 1)

    def _fit(self, wires: list[Connector], count: int) -> None:
        while len(wires) > count:
            self._attic.take(wires.pop())
        while len(wires) < count:
            wire = Connector(self._themes, self._offer)
            wire.setParentItem(self._frame)
            wire.set_locked(self._locked)
            wires.append(wire)


def _lead_outside(wire: Connector, strip: Strip, cell: int, look: WireLook, *, alone: bool) -> None:
    """From where the rows begin to the first card, or from the last to where they meet."""
    begin, end = strip.entry, strip.exit
    if cell < strip.cells:
        end = _side(strip.grid, 0, right=False)
    elif strip.cells:
        begin = _side(strip.grid, strip.cells - 1, right=True)
    wire.lead(begin, end, *look, head=cell < strip.cells or alone)


def _side(grid: Grid, cell: int, *, right: bool) -> QPointF:
    rect = grid.rect(cell)
    return QPointF(rect.right() + 5 if right else rect.left() - 5, rect.center().y())
