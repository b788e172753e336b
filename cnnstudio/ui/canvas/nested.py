"""A block that is open: its rows as small cards, in a frame below its own card."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import Blocks, Rows, rows_of
from cnnstudio.network import BlockReport, Repair
from cnnstudio.network.inner import Path
from cnnstudio.network.inner_report import rows_inside
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.connector import Connector, Wire
from cnnstudio.ui.canvas.look import Look
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.nested_buttons import Buttons
from cnnstudio.ui.canvas.nested_card import InnerCard
from cnnstudio.ui.canvas.nested_frame import Framed
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
from cnnstudio.ui.canvas.nested_paint import Sketch
from cnnstudio.ui.canvas.nested_slot import InnerSlot
from cnnstudio.ui.canvas.nested_stack import Stack
from cnnstudio.ui.canvas.nested_wires import InnerWires
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import Offer
from cnnstudio.ui.canvas.wires import WireLook, wire_look
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import size

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


class Nest(Framed):
    """The rows of an open block; those of blocks inside it are in nests of their own."""

    def __init__(self, card: Plate, tools: Tools, parent: QGraphicsItem | None = None) -> None:
        super().__init__(tools.themes, parent)
        self.card = card
        self._tools = tools
        self.rows: list[list[InnerCard]] = []
        self.nests: dict[InnerCard, Nest] = {}
        self._blocks: tuple[Blocks, ...] = ()
        self._path: Path = ()
        self._locked = False
        self._entry: BlockReport | None = None
        self._target: tuple[int, int] | None = None
        self._wires = InnerWires(self, tools.themes, tools.attic, tools.offer)
        self.slot = InnerSlot(tools.themes, self)
        self.note = Note(tools.themes, tools.attic, (tools.repair, tools.ask_repairs), self)
        self.buttons = Buttons(
            self,
            tools.themes,
            tools.attic,
            lambda: tools.toggle(card),
            lambda: tools.add_row(self._path),
            lambda number: tools.remove_row(self._path, number),
        )

    # ---- what it shows

    def show_look(self, look: Look, path: Path, entry: BlockReport, *, outer: bool = True) -> None:
        """Show the block at `path` of the present network, of which `entry` is known in `look`."""
        self._path, self._entry = path, entry
        rows, reports = rows_of(entry.block), rows_inside(entry)
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
            card.show_entry(entry, look.findings)
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
        self.buttons.fit(len(rows))
        self._show_buttons()

    def _block_of(self, card: InnerCard) -> Block:
        return self._blocks[card.path[-2]][card.path[-1]]

    def _card(self, path: Path, entry: BlockReport) -> InnerCard:
        card = InnerCard(path, entry, self._tools.themes, self._tools.toggle, self)
        card.set_flags(locked=self._locked)
        return card

    def show_selection(self, paths: Collection[Path]) -> None:
        """Mark the cards of the selected blocks."""
        for card in self.cards():
            card.set_flags(selected=card.path in paths)
        for nest in self.nests.values():
            nest.show_selection(paths)

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked
        for card in self.cards():
            card.set_flags(locked=locked)
        self._wires.set_locked(locked)
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

    @property
    def connectors(self) -> Iterable[Connector]:
        """The wires of its own rows."""
        return self._wires

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
        """Take the present places as those without a slot, here and further inside."""
        super().remember()
        for nest in self.nests.values():
            nest.remember()

    def drop_path(self, point: QPointF) -> Path:
        """Before which place of its rows something dropped at a point of the scene goes."""
        for nest in self.nests.values():
            if nest.covers(point):
                return nest.drop_path(point)
        number, place = self.place_at(point)
        return (*self._path, number, min(place, len(self.rows[number])))

    def rows_near(self, point: QPointF) -> Sequence[Sequence[InnerCard]]:
        """The rows of the innermost block that is open at a point of it, the nearest first."""
        for nest in self.nests.values():
            if nest.covers(point):
                return nest.rows_near(point)
        here, _ = self.place_at(point)
        return [self.rows[n] for n in sorted(range(len(self.rows)), key=lambda n: abs(n - here))]

    def slot_at(self, point: QPointF) -> bool:
        """Whether the slot that is open here or further inside lies at a point of the scene."""
        if self._target is not None and self.slot.mapRectToScene(_CARD).contains(point):
            return True
        return any(nest.slot_at(point) for nest in self.nests.values())

    # ---- places

    def arrange(self, room: float) -> QSizeF:
        """Lay everything out in at most `room` pixels; returns the size of the frame."""
        assert self._entry is not None
        sketch = Sketch(self._entry, self.note.is_shown, self._target is not None)
        columns = columns_for(room, sketch.ends)
        contents = [self._content(number, columns, room) for number in range(len(self.rows))]
        frame = frame_of(contents, sketch.ends, room)
        notes = self.note.fit(frame.size.width() - 2 * INSET - 8)
        if notes:
            frame = frame_of(contents, sketch.with_notes(notes), room)
        self.take(sketch, frame)
        self._place_cards(frame)
        looks = [self._wire_looks(number) for number in range(len(self.rows))]
        self._wires.lay(frame, self._path, looks)
        self.buttons.place(frame)
        self.note.setPos(INSET + 4, frame.note_top)
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
            stacks: dict[int, Stack] = {}
            for place, card in enumerate(row):
                cell = self._cell(number, place)
                card.setPos(strip.grid.rect(cell).topLeft())
                if card in self.nests:
                    stack = stacks.setdefault(cell // strip.grid.columns, Stack(OFFSET))
                    self._place_nest(self.nests[card], card, frame, stack)
            if self._target is not None and self._target[0] == number:
                self.slot.setPos(strip.grid.rect(self._target[1]).topLeft())

    def _place_nest(self, nest: Nest, card: InnerCard, frame: Frame, stack: Stack) -> None:
        rect = card.mapRectToParent(_CARD)
        most = frame.size.width() - INSET - nest.extent.width()
        x = min(max(rect.left() - 2 * INSET, INSET), max(most, INSET))
        nest.stand(stack.take(rect, x, nest.extent))

    def _wire_looks(self, number: int) -> list[WireLook]:
        """How the wires of a row look: one into each cell, and one behind the last."""
        assert self._entry is not None
        shape = self._entry.input_shape
        first = (Wire.UNKNOWN, "") if shape is None else (Wire.NORMAL, size(shape))
        looks = [first, *(wire_look(card.face) for card in self.rows[number])]
        if self._target is not None and self._target[0] == number:
            place = self._target[1]
            looks[place : place + 1] = [(Wire.PREVIEW, "")] * 2
        return looks

    @property
    def has_branches(self) -> bool:
        """Whether rows can be added and removed."""
        block = None if self._entry is None else self._entry.block
        settings = block.declarations().values() if block is not None else ()
        return any(isinstance(setting, Rows) for setting in settings)

    def _show_buttons(self) -> None:
        self.buttons.show(can_branch=self.has_branches and not self._locked)
