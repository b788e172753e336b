"""The open blocks of the network: opens and closes them, and keeps their frames in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.blocks.row import rows_of, with_rows
from cnnstudio.network import inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.look import Look
from cnnstudio.ui.canvas.nested import Nest, Tools
from cnnstudio.ui.canvas.nested_card import InnerCard
from cnnstudio.ui.canvas.nested_layout import BELOW, OFFSET
from cnnstudio.ui.canvas.nested_stack import Stack
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import Offer
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager

_SIDE = 26.0
"""The room that stays free on both sides of a frame: the wire between two rows passes there."""


class Nests:
    """Which blocks are open is the canvas's own affair: no part of the document."""

    def __init__(
        self,
        scene: QGraphicsScene,
        session: Session,
        themes: ThemeManager,
        offer: Callable[[Connector], None],
        changed: Callable[[], None],
    ) -> None:
        self._scene = scene
        self._session = session
        self._changed = changed
        self._attic = Attic(scene)
        self._open: dict[Card, Nest] = {}
        self._newest: Nest | None = None
        self._tools = Tools(
            themes,
            self._attic,
            self.toggle,
            offer,
            self._add_row,
            self._remove_row,
            session.repair,
            session.ask_repairs,
        )

    # ---- opening and closing

    def toggle(self, card: Plate) -> None:
        """Open the rows of a card below it, or close them."""
        if isinstance(card, InnerCard):
            frame = card.parentItem()
            assert isinstance(frame, Nest)
            self._newest = frame.toggle(card)
        elif isinstance(card, Card) and card in self._open:
            self.shut(card)
        elif isinstance(card, Card) and rows_of(card.face.block):
            self._open[card] = nest = Nest(card, self._tools)
            self._scene.addItem(nest)
            self._newest = nest
            card.opener.show_open(True)
        self._leave_closed(card)
        self._changed()

    def _leave_closed(self, card: Plate) -> None:
        """A selected block that cannot be seen any more hands the selection to the closed one."""
        path, chosen = card.path, self._session.selected_paths
        hidden = any(len(each) > len(path) and each[: len(path)] == path for each in chosen)
        if hidden and not self.is_open(path):
            self._session.select_path(path)

    def shut(self, card: Card) -> None:
        """Close the rows of a card, if they are open."""
        nest = self._open.pop(card, None)
        if nest is not None:
            card.opener.show_open(False)
            self._attic.take(nest)

    def is_open(self, path: Path) -> bool:
        """Whether the rows of the block at `path` are shown."""
        return any(nest.card.path == path for nest in self._all())

    def newest(self) -> Nest | None:
        """The frame that was opened last, if it still is open."""
        return next((nest for nest in self._all() if nest is self._newest), None)

    def place_rect(self, path: Path) -> QRectF | None:
        """Where the card at `path` of an inner row is or would be; None where it is closed."""
        for nest in self._all():
            if nest.card.path == path[:-2]:
                return nest.place_rect(path)
        return None

    def gap(self, path: Path) -> QPointF | None:
        """The middle of the gap before the place `path`; None where its row is closed."""
        found = (nest.gap(path) for nest in self._all() if nest.card.path == path[:-2])
        return next(found, None)

    def card(self, path: Path) -> InnerCard | None:
        """The small card of the block at `path`; None where it is not shown."""
        return next((card for card in self.cards() if card.path == path), None)

    def cards(self) -> Iterator[InnerCard]:
        """All small cards that are shown."""
        for nest in self._open.values():
            yield from nest.all_cards()

    def frames(self) -> Sequence[Nest]:
        """The frames of the network's own blocks."""
        return tuple(self._open.values())

    def nest_of(self, card: Card) -> Nest | None:
        """The frame of a card; None while it is closed."""
        return self._open.get(card)

    def _all(self) -> Iterator[Nest]:
        waiting = list(self._open.values())
        while waiting:
            nest = waiting.pop()
            waiting += nest.nests.values()
            yield nest

    # ---- following the session

    def keep(self, cards: Sequence[Card]) -> None:
        """Close the rows of cards that have gone, or hold none any more."""
        for card in list(self._open):
            if card not in cards or not rows_of(self._session.network.blocks[card.index]):
                self.shut(card)

    def show_look(self, look: Look) -> None:
        """Show the rows as they are, or would be, in `look`."""
        for card, nest in self._open.items():
            if not look.is_gone(card.path):
                entry = look.report.blocks[look.place(card.path)[0]]
                nest.show_look(look, card.path, entry)

    def show_selection(self, paths: Collection[Path]) -> None:
        """Mark the cards of the selected blocks."""
        for nest in self._open.values():
            nest.show_selection(paths)

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        for nest in self._open.values():
            nest.set_locked(locked)

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        for nest in self._open.values():
            nest.refresh()

    # ---- drops

    def drop_path(self, point: QPointF) -> Path | None:
        """The place in an open block for something dropped at `point`; None outside of all."""
        for nest in self._open.values():
            if nest.covers(point):
                return nest.drop_path(point)
        return None

    def rows_near(self, point: QPointF) -> Sequence[Sequence[InnerCard]]:
        """The rows of the innermost block that is open at a point, the nearest first."""
        nest = next((nest for nest in self._open.values() if nest.covers(point)), None)
        return () if nest is None else nest.rows_near(point)

    def slot_at(self, point: QPointF) -> bool:
        """Whether the slot in an inner row lies at a point of the scene."""
        return any(nest.slot_at(point) for nest in self._open.values())

    def remember(self) -> None:
        """Take the present places as those without a slot, to which drops are held."""
        for nest in self._open.values():
            nest.remember()

    def card_at(self, point: QPointF) -> InnerCard | None:
        """The small card at a point of the scene."""
        return next((card for card in self.cards() if card.scene_rect().contains(point)), None)

    def open_slot(self, target: Path, offer: Offer) -> None:
        """Make room in the row that `target` belongs to."""
        self.close_slot()
        for card, nest in self._open.items():
            if card.index == target[0]:
                nest.open_slot(target, offer)

    def close_slot(self) -> None:
        """Close the gap."""
        for nest in self._open.values():
            nest.close_slot()

    def offer(self) -> Offer | None:
        """What the slot in an inner row says; None where none is open."""
        offers = (nest.open_offer() for nest in self._open.values())
        return next((offer for offer in offers if offer is not None), None)

    # ---- places

    def arrange(self, cell_of: Callable[[int], int], columns: int, room: float) -> Grid:
        """Lay the frames out in `room` pixels; returns a grid that leaves room for them."""
        drops: list[float] = []
        for card, nest in self._open.items():
            row = cell_of(card.index) // columns
            drops += [0.0] * (row + 1 - len(drops))
            height = nest.arrange(room - 2 * _SIDE).height()
            drops[row] += height + (OFFSET if not drops[row] else 0) + BELOW
        return Grid(columns, tuple(drops))

    def place(self, grid: Grid, cell_of: Callable[[int], int], room: float) -> None:
        """Stand each frame below its card, several of one row below each other."""
        stacks: dict[int, Stack] = {}
        for card, nest in sorted(self._open.items(), key=lambda each: each[0].index):
            cell = cell_of(card.index)
            rect = grid.rect(cell)
            stack = stacks.setdefault(cell // grid.columns, Stack(BELOW))
            most = room - _SIDE - nest.extent.width()
            x = max(min(rect.left() - 8, most), _SIDE)
            nest.stand(stack.take(rect, x, nest.extent))

    def bounds(self) -> QRectF:
        """The rectangle around all frames."""
        found = QRectF()
        for nest in self._open.values():
            found |= QRectF(nest.pos(), nest.extent)
        return found

    # ---- branches

    def _add_row(self, path: Path) -> None:
        block = inner.block_at(self._session.network, path)
        name = inner.full_name(self._session.network, path)
        changed = with_rows(block, (*rows_of(block), ()))
        self._session.replace_at(path, changed, f"Add a branch to {name}")

    def _remove_row(self, path: Path, number: int) -> None:
        block = inner.block_at(self._session.network, path)
        rows = rows_of(block)
        name = inner.full_name(self._session.network, path)
        changed = with_rows(block, (*rows[:number], *rows[number + 1 :]))
        self._session.replace_at(path, changed, f"Delete branch {number + 1} of {name}")
