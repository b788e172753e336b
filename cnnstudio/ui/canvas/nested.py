"""A block that is open: its rows as small cards, in a frame below its own card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import MOST_ROWS, Blocks, Rows, rows_of
from cnnstudio.network import BlockReport, Repair
from cnnstudio.network.inner import Path, row_report
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.button import Chip, IconButton
from cnnstudio.ui.canvas.connector import Connector, Wire
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.look import Look
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.nested_card import InnerCard
from cnnstudio.ui.canvas.nested_layout import (
    BELOW,
    CARD,
    INSET,
    OFFSET,
    Content,
    Frame,
    columns_for,
    frame_of,
)
from cnnstudio.ui.canvas.nested_note import Note
from cnnstudio.ui.canvas.nested_paint import TAIL, Sketch
from cnnstudio.ui.canvas.nested_slot import InnerSlot
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import Offer
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import size

_TINY = 18.0
_CARD = QRectF(QPointF(0, 0), CARD)


@dataclass(frozen=True)
class Tools:
    """What frames ask of the scene."""

    themes: ThemeManager
    attic: Attic
    toggle: Callable[[Plate], None]
    offer: Callable[[Connector], None]
    add_row: Callable[[Path], None]
    remove_row: Callable[[Path, int], None]
    repair: Callable[[Repair], None]
    ask_repairs: Callable[[int], None]


class Nest(QGraphicsItem):
    """The frame of an open block; `tail` is where its card stands above it."""

    def __init__(self, card: Plate, tools: Tools, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.card = card
        self._tools = tools
        self.rows: list[list[InnerCard]] = []
        self.nests: dict[InnerCard, Nest] = {}
        self._blocks: tuple[Blocks, ...] = ()
        self._path: Path = ()
        self._sketch: Sketch | None = None
        self._frame: Frame | None = None
        self._rest: tuple[Frame | None, QPointF] = (None, QPointF())
        self._tail = self._above = 0.0
        self._locked = False
        self._entry: BlockReport | None = None
        self._target: tuple[int, int] | None = None
        self._wires: list[list[Connector]] = []
        self.slot = InnerSlot(tools.themes, self)
        self.note = Note(tools.themes, tools.attic, (tools.repair, tools.ask_repairs), self)
        self.close = self._button("chevron-up", "Close (Enter)", lambda: tools.toggle(card), 22)
        self.add = Chip("Add branch", False, tools.themes, lambda: tools.add_row(self._path), self)
        self.add.setToolTip("Add an empty branch, which hands on what goes in")
        self.add.setZValue(2)
        self.removers: list[IconButton] = []
        self.setZValue(0.5)

    # ---- what it shows

    def show_look(self, look: Look, path: Path, entry: BlockReport, *, outer: bool = True) -> None:
        """Show the block at `path` of the present network, of which `entry` is known in `look`."""
        self._path, self._entry = path, entry
        rows = rows_of(entry.block)
        reports = [row_report(row, entry.input_shape) for row in rows]
        if not look.is_preview:
            self._match(rows, reports)
        for card in self.cards():
            self._show_card(card, look, reports)
        if not look.is_preview:  # repairs are of the network as it is
            self.note.show_problem(entry.problems[0] if outer and not entry.fits else None)
        self.update()

    def _show_card(
        self, card: InnerCard, look: Look, reports: list[tuple[BlockReport, ...]]
    ) -> None:
        if look.is_gone(card.path):
            card.show_present()
            return
        place = look.place(card.path)
        entry = reports[place[-2]][place[-1]]
        if look.is_preview:
            card.preview_entry(entry)
        else:
            card.show_entry(entry)
        if card in self.nests:
            self.nests[card].show_look(look, card.path, entry, outer=False)

    def _match(self, rows: tuple[Blocks, ...], reports: list[tuple[BlockReport, ...]]) -> None:
        """Keep the cards of blocks that stayed."""
        old_rows, old_blocks = self.rows, self._blocks
        self.rows, self._blocks = [], rows
        for number, (row, entries) in enumerate(zip(rows, reports, strict=True)):
            known = number < len(old_rows)
            cards = old_rows[number] if known else []
            origins = origins_of(old_blocks[number] if known else (), row)
            fresh = []
            for place, origin in enumerate(origins):
                path = (*self._path, number, place)
                card = cards[origin] if origin is not None else self._card(path, entries[place])
                card.path = path
                fresh.append(card)
            self.rows.append(fresh)
        kept = set(self.cards())
        for card in (card for row in old_rows for card in row if card not in kept):
            self._shut(card)
            self._tools.attic.take(card)
        for card in [card for card in self.nests if not rows_of(self._block_of(card))]:
            self._shut(card)
        self._fit_removers()

    def _block_of(self, card: InnerCard) -> Block:
        return self._blocks[card.path[-2]][card.path[-1]]

    def _card(self, path: Path, entry: BlockReport) -> InnerCard:
        card = InnerCard(path, entry, self._tools.themes, self._tools.toggle, self)
        card.set_flags(locked=self._locked)
        return card

    def show_selection(self, path: Path | None) -> None:
        """Mark the card of the selected inner block."""
        for card in self.cards():
            card.set_flags(selected=card.path == path)
        for nest in self.nests.values():
            nest.show_selection(path)

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked
        for card in self.cards():
            card.set_flags(locked=locked)
        for wire in self.connectors():
            wire.set_locked(locked)
        for nest in self.nests.values():
            nest.set_locked(locked)
        self.note.set_locked(locked)
        self._show_buttons()

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        for card in self.cards():
            card.refresh()
        for nest in self.nests.values():
            nest.refresh()
        for item in self.childItems():
            item.update()
        self.update()

    # ---- cards

    def cards(self) -> Iterator[InnerCard]:
        """The cards of its own rows."""
        for row in self.rows:
            yield from row

    def all_cards(self) -> Iterator[InnerCard]:
        """The cards of its rows, and of the rows that are open inside."""
        yield from self.cards()
        for nest in self.nests.values():
            yield from nest.all_cards()

    def connectors(self) -> Iterator[Connector]:
        """The wires of its own rows."""
        for row in self._wires:
            yield from row

    def toggle(self, card: InnerCard) -> Nest | None:
        """Open or close the rows of one of its cards; returns the new frame."""
        nest = None
        if card in self.nests:
            self._shut(card)
        elif rows_of(self._block_of(card)):
            self.nests[card] = nest = Nest(card, self._tools, self)
            nest.set_locked(self._locked)
        card.opener.show_open(nest is not None)
        return nest

    def _shut(self, card: InnerCard) -> None:
        nest = self.nests.pop(card, None)
        if nest is not None:
            card.opener.show_open(False)
            self._tools.attic.take(nest)

    # ---- drops

    def open_slot(self, target: Path, offer: Offer) -> None:
        """Make room before the place `target` of this network's rows, here or further inside."""
        own = len(target) == len(self._path) + 2
        self._target = (target[-2], target[-1]) if own else None
        if own:
            self.slot.show_offer(offer)
            return
        for card, nest in self.nests.items():
            if target[: len(card.path)] == card.path:
                nest.open_slot(target, offer)

    def close_slot(self) -> None:
        """Close the gap."""
        self._target = None
        self.slot.hide()
        for nest in self.nests.values():
            nest.close_slot()

    def open_offer(self) -> Offer | None:
        """What the slot says that is open here or further inside."""
        if self._target is not None:
            return self.slot.offer
        offers = (nest.open_offer() for nest in self.nests.values())
        return next((offer for offer in offers if offer is not None), None)

    def remember(self) -> None:
        """Take the present places as those without a slot, to which drops are held."""
        self._rest = self._frame, self.scenePos()
        for nest in self.nests.values():
            nest.remember()

    def covers(self, point: QPointF) -> bool:
        """Whether the frame lies, or lies without a slot, under a point of the scene."""
        return self._at_rest().contains(point) or self.scene_rect().contains(point)

    def _at_rest(self) -> QRectF:
        frame, corner = self._rest
        return QRectF(corner, frame.size if frame is not None else QSizeF())

    def drop_path(self, point: QPointF) -> Path:
        """Before which place of its rows something dropped at a point of the scene goes.

        What counts are the places without a slot, so that nothing flickers while it opens.
        """
        for nest in self.nests.values():
            if nest.covers(point):
                return nest.drop_path(point)
        frame, corner = self._rest
        if frame is None or not self._at_rest().contains(point):
            frame, corner = self._frame, self.scenePos()
        assert frame is not None
        here = point - corner
        number = frame.strip_at(here.y())
        cells = len(self.rows[number])
        place = frame.strips[number].grid.index_at(here, cells, 0) if cells else 0
        return (*self._path, number, place)

    def slot_at(self, point: QPointF) -> bool:
        """Whether the slot that is open here or further inside lies at a point of the scene."""
        if self._target is not None and self.slot.mapRectToScene(_CARD).contains(point):
            return True
        return any(nest.slot_at(point) for nest in self.nests.values())

    # ---- places

    def arrange(self, room: float) -> QSizeF:
        """Lay everything out in at most `room` pixels; returns the size of the frame."""
        assert self._entry is not None
        self._sketch = sketch = Sketch(self._entry, self.note.is_shown, self._target is not None)
        columns = columns_for(room, sketch.ends)
        contents = [self._content(number, columns, room) for number in range(len(self.rows))]
        frame = frame_of(contents, sketch.ends, room)
        notes = self.note.fit(frame.size.width() - 2 * INSET - 8)
        if notes:
            frame = frame_of(contents, sketch.with_notes(notes), room)
        self.prepareGeometryChange()
        self._frame = frame
        self._place_cards(frame)
        self._place_wires(frame)
        self._place_buttons(frame)
        self.note.setPos(INSET + 4, frame.note_top)
        self.update()
        return frame.size

    def _content(self, number: int, columns: int, room: float) -> Content:
        cells = len(self.rows[number]) + self._slot_in(number)
        drops = [0.0] * -(-cells // columns)
        inside = 0.0
        for place, card in enumerate(self.rows[number]):
            if card in self.nests:
                extent = self.nests[card].arrange(room - 2 * INSET)
                drops[self._cell(number, place) // columns] += extent.height() + OFFSET + BELOW - 8
                inside = max(inside, extent.width())
        return Content(cells, tuple(drops), inside)

    def _slot_in(self, number: int) -> int:
        return int(self._target is not None and self._target[0] == number)

    def _cell(self, number: int, place: int) -> int:
        """The cell of a card, beside the slot."""
        target = self._target
        return place + int(target is not None and target[0] == number and place >= target[1])

    def _place_cards(self, frame: Frame) -> None:
        for number, (row, strip) in enumerate(zip(self.rows, frame.strips, strict=True)):
            below: dict[int, float] = {}
            for place, card in enumerate(row):
                cell = self._cell(number, place)
                card.setPos(strip.grid.rect(cell).topLeft())
                if card in self.nests:
                    line = cell // strip.grid.columns
                    self._place_nest(self.nests[card], card, frame, below.get(line, 0.0))
                    below[line] = below.get(line, 0.0) + self.nests[card].extent.height() + OFFSET
            if self._target is not None and self._target[0] == number:
                self.slot.setPos(strip.grid.rect(self._target[1]).topLeft())

    def _place_nest(self, nest: Nest, card: InnerCard, frame: Frame, below: float) -> None:
        rect = card.mapRectToParent(_CARD)
        most = frame.size.width() - INSET - nest.extent.width()
        x = min(max(rect.left() - 2 * INSET, INSET), max(most, INSET))
        nest.stand(QPointF(x, rect.bottom() + OFFSET + below), rect.center().x(), below)

    def place_rect(self, path: Path) -> QRectF | None:
        """Where the card at `path` of its rows is or would be, in scene coordinates."""
        if self._frame is None or path[-2] >= len(self._frame.strips):
            return None
        strip = self._frame.strips[path[-2]]
        return self.mapRectToScene(strip.grid.rect(min(path[-1], max(strip.cells - 1, 0))))

    def gap(self, path: Path) -> QPointF:
        """The middle of the gap before the place `path` of its rows, in scene coordinates."""
        assert self._frame is not None
        strip = self._frame.strips[path[-2]]
        empty = (strip.entry + strip.exit) / 2
        return self.mapToScene(strip.grid.gap(path[-1]) if strip.cells else empty)

    def scene_rect(self) -> QRectF:
        """The frame in scene coordinates."""
        return self.mapRectToScene(self._outline())

    @property
    def extent(self) -> QSizeF:
        """The size of the frame."""
        return QSizeF() if self._frame is None else self._frame.size

    def stand(self, corner: QPointF, tail: float, above: float = 0.0) -> None:
        """Stand at `corner`; the card is at `tail`, both across, in the parent's coordinates.

        `above` is the height of other frames that stand between.
        """
        self.prepareGeometryChange()
        self.setPos(corner)
        self._tail, self._above = tail - corner.x(), above
        self.update()

    def _place_wires(self, frame: Frame) -> None:
        while len(self._wires) > len(self.rows):
            for wire in self._wires.pop():
                self._tools.attic.take(wire)
        while len(self._wires) < len(self.rows):
            self._wires.append([])
        for number, strip in enumerate(frame.strips):
            self._fit_wires(self._wires[number], strip.cells + 1)
            for cell, wire in enumerate(self._wires[number]):
                wire.path = (*self._path, number, cell)
                look = self._wire_look(number, cell)
                if 0 < cell < strip.cells:
                    wire.place(strip.grid, cell - 1, *look)
                else:
                    begin, end = strip.entry, strip.exit
                    if cell < strip.cells:
                        end = _side(strip.grid, 0, right=False)
                    elif strip.cells:
                        begin = _side(strip.grid, strip.cells - 1, right=True)
                    to_card = cell < strip.cells or len(self.rows) == 1
                    wire.lead(begin, end, *look, head=to_card)

    def _fit_wires(self, wires: list[Connector], count: int) -> None:
        while len(wires) > count:
            self._tools.attic.take(wires.pop())
        while len(wires) < count:
            wire = Connector(self._tools.themes, self._tools.offer)
            wire.setParentItem(self)
            wire.set_locked(self._locked)
            wires.append(wire)

    def _wire_look(self, number: int, cell: int) -> tuple[Wire, str]:
        """How the wire into `cell` looks; behind the last cell that to the join."""
        target = self._target
        if target is not None and target[0] == number and target[1] in (cell - 1, cell):
            return Wire.PREVIEW, ""
        before = cell - 1 - int(target is not None and target[0] == number and cell - 1 > target[1])
        if before >= 0:
            face = self.rows[number][before].face
            return (Wire.NORMAL, face.size) if face.state is State.KNOWN else (Wire.UNKNOWN, "")
        shape = self._entry.input_shape if self._entry else None
        return (Wire.UNKNOWN, "") if shape is None else (Wire.NORMAL, size(shape))

    # ---- buttons

    def _button(
        self, icon: str, words: str, clicked: Callable[[], None], side: float
    ) -> IconButton:
        button = IconButton(icon, side, self._tools.themes, clicked, self, icon_size=14, bare=True)
        button.setToolTip(words)
        button.setZValue(2)
        return button

    def _fit_removers(self) -> None:
        while len(self.removers) > len(self.rows):
            self._tools.attic.take(self.removers.pop())
        while len(self.removers) < len(self.rows):
            number = len(self.removers)
            button = self._button(
                "close",
                f"Remove branch {number + 1} with its blocks",
                lambda number=number: self._tools.remove_row(self._path, number),  # type: ignore[misc]
                _TINY,
            )
            self.removers.append(button)
        self._show_buttons()

    @property
    def has_branches(self) -> bool:
        """Whether rows can be added and removed."""
        block = None if self._entry is None else self._entry.block
        settings = block.declarations().values() if block is not None else ()
        return any(isinstance(setting, Rows) for setting in settings)

    def _show_buttons(self) -> None:
        several = self.has_branches and not self._locked
        self.add.setVisible(several and len(self.rows) < MOST_ROWS)
        for button in self.removers:
            button.setVisible(several and len(self.rows) > 1)

    def _place_buttons(self, frame: Frame) -> None:
        self.close.setPos(frame.size.width() - 22 - 10, 9)
        self.add.setPos(frame.size.width() - 40 - self.add.boundingRect().width(), 8)
        for button, strip in zip(self.removers, frame.strips, strict=True):
            x = strip.grid.metrics.corner.x() + Sketch.label_width(len(self.rows)) + 4
            button.setPos(x, strip.area.top() + 1)

    # ---- for Qt

    def _outline(self) -> QRectF:
        return QRectF(QPointF(0, 0), self.extent)

    def boundingRect(self) -> QRectF:
        """The frame with its tail and shadow."""
        return self._outline().adjusted(-6, -TAIL - OFFSET - self._above, 6, 8)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the frame and all that is neither a card nor a wire of a row."""
        if self._frame is None or self._sketch is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._tools.themes.theme
        self._sketch.draw(painter, self._frame, self._tail, self._above, theme)


def _side(grid: Grid, cell: int, *, right: bool) -> QPointF:
    rect = grid.rect(cell)
    return QPointF(rect.right() + 5 if right else rect.left() - 5, rect.center().y())
