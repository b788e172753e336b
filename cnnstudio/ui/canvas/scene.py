"""The row of cards as a scene: follows the session, wraps, and previews what a drop would do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, QRectF, QVariantAnimation, Signal
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import rows_of
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import BlockReport, Network, Report, inner
from cnnstudio.network.inner import Path, row_report
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.bubble import Bubble, BubbleKeeper
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector, Wire
from cnnstudio.ui.canvas.face import Face, State, faces_of, previewed
from cnnstudio.ui.canvas.layout import ROW_PITCH, Grid, is_alone
from cnnstudio.ui.canvas.look import Look
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.nests import Nests
from cnnstudio.ui.canvas.output_card import OutputCard
from cnnstudio.ui.canvas.output_face import output_face
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import (
    INSERT,
    Hint,
    Offer,
    Slot,
    insertion_offer,
    movement_offer,
)
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import MOTION_CURVE, ThemeManager


def _entries(look: Look) -> list[BlockReport]:
    """What is known about the dragged blocks where they would stand."""
    *owner, place = look.landing
    if not owner:
        return list(look.report.blocks[place : place + look.count])
    entry = look.report.blocks[owner[0]]
    for level in range(1, len(look.landing), 2):
        row = rows_of(entry.block)[look.landing[level]]
        entries = row_report(row, entry.input_shape)
        entry = entries[look.landing[level + 1]]
    return list(entries[place : place + look.count])


class Pipeline(QGraphicsScene):
    """Cards, connectors, slot and bubble; `grid` says where they stand."""

    offered = Signal(object)
    """A Connector was clicked: offer blocks to insert there."""
    toggled = Signal()
    """A block was opened or closed."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        motion: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self._motion = motion
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # an insertion moves all
        self.grid = Grid(4)
        self._columns = 4
        self._rest = self.grid
        self.cards: list[Card] = []
        self._chosen: list[Card] = []
        self._connectors: list[Connector] = []
        self._blocks: tuple[Block, ...] = ()
        self._faces: list[Face] = []
        self._slot_cell: int | None = None
        self._slot = Slot(themes)
        self._hint = Hint(themes, self.offered.emit)
        self._bubbles = BubbleKeeper(self, session, themes, self._fit_scene)
        self.nests = Nests(self, session, themes, self.offered.emit, self._show_nests)
        self.output = OutputCard(themes, Attic(self), session.repair)
        self.addItem(self.output)
        self._target: Path | None = None
        self._least_width = 0.0
        self._content = QRectF()
        self._hovered: Plate | None = None
        self._starts: list[tuple[Card, QPointF, QPointF]] = []
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(MOTION_CURVE)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._move_cards)
        self.addItem(self._slot)
        self.addItem(self._hint)
        session.network_changed.connect(self.sync)
        session.weights_changed.connect(self._show_values)
        session.probe_changed.connect(self._show_faces)
        session.selection_changed.connect(self._show_selection)
        session.training_changed.connect(self._show_lock)
        themes.changed.connect(self._repaint)
        self.sync()

    # ---- for the view

    @property
    def slot(self) -> Slot:
        """The ghost slot; visible while something is dragged over the row."""
        return self._slot

    @property
    def slot_cell(self) -> int | None:
        """The cell of the slot; None while nothing would be dropped."""
        return self._slot_cell

    @property
    def bubble(self) -> Bubble | None:
        """The bubble at the block that does not fit."""
        return self._bubbles.bubble

    @property
    def content(self) -> QRectF:
        """The rectangle that the row and its bubble take, margins included."""
        return QRectF(self._content)

    @property
    def connectors(self) -> Sequence[Connector]:
        """The wires in order."""
        return tuple(self._connectors)

    def set_room(self, columns: int, least_width: float) -> None:
        """Wrap after `columns` cards; the scene is at least `least_width` wide."""
        self._least_width = least_width
        self._columns = columns
        self._arrange(animated=False)
        if self.bubble is not None:
            self._show_bubble()  # beside its card, which may have gone to another row

    def card_at(self, point: QPointF) -> Card | None:
        """The card at a scene point."""
        return next((card for card in self.cards if card.scene_rect().contains(point)), None)

    def plate_at(self, point: QPointF) -> Plate | None:
        """The card, large or small, at a scene point."""
        return self.nests.card_at(point) or self.card_at(point)

    def plate(self, path: Path) -> Plate | None:
        """The card of the block at `path`; None while what it is in is closed."""
        return self.cards[path[0]] if len(path) == 1 else self.nests.card(path)

    def place_rect(self, path: Path) -> QRectF:
        """Where the card at `path` stands, or would stand if there were one."""
        if len(path) == 1:
            return self.grid.rect(min(path[0], len(self.cards)))
        return self.nests.place_rect(path) or self.grid.rect(path[0])

    def toggle(self, card: Plate) -> None:
        """Open the rows of a card below it, or close them; nothing for a card without rows."""
        self.nests.toggle(card)

    def drop_path(self, point: QPointF) -> Path:
        """Before which block, of the network or of one that is open, something dropped goes."""
        if self._target is not None and self._is_on_slot(point):
            return self._target
        found = self.nests.drop_path(point)
        return (self.drop_index(point),) if found is None else found

    def drop_index(self, point: QPointF) -> int:
        """Before which block of the network something dropped at `point` goes.

        Cells are counted as if there were no slot, so that the row does not flicker while the
        slot opens; over the slot itself the answer stays.
        """
        if self._slot_cell is not None and self._is_on_slot(point):
            return self._slot_cell
        return min(self._rest.index_at(point, len(self.cards) + 1), len(self.cards))

    def _is_on_slot(self, point: QPointF) -> bool:
        if self._slot_cell is not None:
            return self.grid.rect(self._slot_cell).contains(point)
        return self.nests.slot_at(point)

    @property
    def drop_target(self) -> Path | None:
        """Where something that is dragged would go now; None while it would go nowhere."""
        return self._target

    def preview_insertion_at(self, target: Path, *blocks: Block, action: str = INSERT) -> None:
        """Open a slot before `target`, in any row, and show what `blocks` would do there."""
        look = self._look(lambda network: inner.insert(network, target, *blocks), (), target)
        if look is None:
            self._refuse(target)
            return
        look = replace(look, count=len(blocks))
        offer = insertion_offer(_entries(look), look.report, self._session.report, action)
        self._preview(look, offer)

    def preview_movement_to(self, paths: Sequence[Path], target: Path) -> None:
        """Open a slot where the blocks at `paths` would go, unless they stand there."""
        if target == self._target:
            return
        look = self._look(lambda network: inner.move(network, paths, target), paths, target)
        if look is None:
            self._refuse(target)
        elif look.network == self._session.network:
            self.end_preview()
        else:
            look = replace(look, count=len(paths))
            offer = movement_offer(_entries(look), look.report, self._session.report)
            self._preview(look, offer)

    def _look(
        self, edit: Callable[[Network], Network], gone: Sequence[Path], target: Path
    ) -> Look | None:
        """What an edit would make of the network; None where it is not possible."""
        try:
            network = edit(self._session.network)
        except CnnStudioError:
            return None
        return Look(network, self._session.preview(network), frozenset(gone), target)

    def _refuse(self, target: Path) -> None:
        """Show nothing, but remember the place: a drop there is told why it cannot be."""
        self.end_preview()
        self._target = target

    def end_preview(self) -> None:
        """Close the slot and show the network as it is."""
        if self._target is None:
            return
        self._close_slot()
        self._show_faces()
        self._arrange(animated=True)
        self._show_bubble()

    def preview_repair(self, report: Report, places: Sequence[int | None]) -> None:
        """Show the sizes of `report`, in which the cards' blocks stand at `places`."""
        self._bubbles.hide()
        self._apply_faces(previewed(self._faces, report, places))

    def end_repair_preview(self) -> None:
        """Show the present sizes again."""
        self._apply_faces(self._faces)
        self._show_bubble()

    def _close_slot(self) -> None:
        self._target = self._slot_cell = None
        self._slot.hide()
        self._hint.setVisible(len(self.cards) == 1)
        self.nests.close_slot()

    def lift_paths(self, paths: Collection[Path]) -> None:
        """Show the cards of the blocks at `paths` as dragged away; none puts all back."""
        for card in (*self.cards, *self.nests.cards()):
            card.set_flags(lifted=card.path in paths)

    def hover(self, card: Plate | None) -> None:
        """Show which card the pointer is on."""
        if card is self._hovered:
            return
        if self._hovered is not None:
            self._hovered.set_flags(hovered=False)
        if card is not None:
            card.set_flags(hovered=True)
        self._hovered = card

    # ---- following the session

    def sync(self) -> None:
        """Show the session's network: cards of blocks that stayed are kept."""
        blocks = self._session.network.blocks
        self._faces = self._present_faces()
        self._close_slot()
        if blocks != self._blocks or len(blocks) != len(self.cards):
            self._match_cards(blocks)
        self._apply_faces(self._faces)
        self.nests.keep(self.cards)
        self.nests.show_look(self._present())
        self._show_values()
        self._show_selection()
        self._hint.setVisible(len(self.cards) == 1)
        self._arrange(animated=True)
        self._show_bubble()

    def _match_cards(self, blocks: tuple[Block, ...]) -> None:
        origins = origins_of(self._blocks, blocks)
        old = self.cards
        self.hover(None)
        kept = {origin for origin in origins if origin is not None}
        for index, card in enumerate(old):
            if index not in kept:
                self.removeItem(card)
        self.cards = []
        for index, origin in enumerate(origins):
            card = old[origin] if origin is not None else self._new_card(index)
            card.path = (index,)
            self.cards.append(card)
        self._blocks = blocks

    def _new_card(self, index: int) -> Card:
        card = Card(self._faces[index], self._themes, self._step_probe, self.toggle)
        card.set_flags(locked=self._session.locked)
        card.setPos(self.grid.rect(index).topLeft())
        self.addItem(card)
        return card

    def _step_probe(self, by: int) -> None:
        probe = self._session.probe
        if probe is not None:
            self._session.set_probe(probe.index + by)

    def _present_faces(self) -> list[Face]:
        session = self._session
        return faces_of(session.report, session.dataset, session.probe)

    def _present(self) -> Look:
        return Look(self._session.network, self._session.report)

    def _show_faces(self) -> None:
        self._faces = self._present_faces()
        self._apply_faces(self._faces)
        self._show_output(self._session.report)
        self.nests.show_look(self._present())

    def _show_nests(self) -> None:
        """A block was opened or closed."""
        self.nests.show_look(self._present())
        self.nests.set_locked(self._session.locked)
        self._show_selection()
        self._arrange(animated=True)
        self._show_bubble()
        self.toggled.emit()

    def _apply_faces(self, faces: Sequence[Face]) -> None:
        for card, face in zip(self.cards, faces, strict=True):
            card.show_face(face)

    def _show_values(self) -> None:
        if not self._session.preparing:  # till then the pictures of before stay
            values = self._session.activations
            for card in self.cards:
                card.show_values(values[card.index] if card.index < len(values) else None)
        self._show_output(self._session.report)

    def _show_output(self, report: Report) -> None:
        """Show what the network with `report`, the present one or a preview, says."""
        session = self._session
        previewed = report is not session.report
        if (
            session.preparing
            and self.output.face.shares
            and report.output_shape == (session.classes,)
        ):
            return
        known = report.output_shape == session.report.output_shape
        face = output_face(
            report,
            session.dataset,
            session.probe,
            session.probabilities if known else None,
            trained=session.trained,
            previewed=previewed and not known,
        )
        self.output.show_face(face)

    def _show_selection(self) -> None:
        path = self._session.inner
        selection = set(self._session.selection) if path is None else set()
        if path is not None:
            self.open_around(path)
        chosen = [self.cards[index] for index in selection]
        for card in (*self._chosen, *chosen):
            card.set_flags(selected=card.index in selection)
        self._chosen = chosen
        self.nests.show_selection(path)

    def open_around(self, path: Path) -> None:
        """Open all blocks that the one at `path` is in."""
        for end in range(1, len(path), 2):
            card = self.plate(path[:end])
            if card is not None and not self.nests.is_open(path[:end]):
                self.nests.toggle(card)

    def _show_lock(self) -> None:
        locked = self._session.locked
        for card in self.cards:
            card.set_flags(locked=locked)
        for connector in self._connectors:
            connector.set_locked(locked)
        self.output.set_locked(locked)
        self.nests.set_locked(locked)

    def _repaint(self) -> None:
        for item in self.items():
            if isinstance(item, (Plate, OutputCard)):
                item.refresh()
            else:
                item.update()

    # ---- previews

    def _preview(self, look: Look, offer: Offer) -> None:
        self._bubbles.hide()
        self._close_slot()
        assert look.target is not None
        self._target = look.target
        places = [look.place(card.path)[0] for card in self.cards]
        moved = [path[0] for path in look.gone if len(path) == 1]
        self._apply_faces(previewed(self._faces, look.report, places, moved))
        self._show_output(look.report)
        self.nests.show_look(look)
        if len(look.target) == 1:
            self._slot.show_offer(offer)
            self._slot_cell = look.target[0]
            self._slot.show()
            self._hint.hide()
        else:
            self.nests.open_slot(look.target, offer)
        self._arrange(animated=True)

    # ---- places

    def _cell_of(self, index: int) -> int:
        return index + (self._slot_cell is not None and index >= self._slot_cell)

    def _arrange(self, *, animated: bool) -> None:
        """Put everything where it belongs; only the cards glide there."""
        self._animation.stop()
        self._starts = []
        grid = self.nests.arrange(self._cell_of, self._columns, self._room())
        self.grid = self.grid if grid == self.grid else grid  # the same one is compared at once
        self.nests.place(self.grid, self._cell_of, self._room())
        if self._target is None:
            self._rest = self.grid
            self.nests.remember()
        if self._slot_cell is not None:
            self._slot.setPos(self.grid.rect(self._slot_cell).topLeft())
        seen, corners = self._sight(), self.grid.corners(self.cells)
        for index, card in enumerate(self.cards):
            start, goal = card.pos(), corners[self._cell_of(index)]
            if start == goal:
                continue
            if seen.top() < start.y() < seen.bottom() or seen.top() < goal.y() < seen.bottom():
                self._starts.append((card, start, goal))
            else:
                card.setPos(goal)  # nobody sees it glide
        duration = self._motion() if animated else 0
        if self._starts and duration:
            self._animation.setDuration(duration)
            self._animation.start()
        else:
            self._move_cards(1.0)
        self._hint.setPos(self.grid.rect(1).topLeft())
        self._place_output()
        self._place_connectors()
        self._fit_scene()

    def _place_output(self) -> None:
        """Behind the last card; alone in a row it would be far away, and is a strip instead."""
        last = self.cells - 1
        drops = self.grid.drops[last // self.grid.columns - 1 :]
        alone = is_alone(last, self.grid.columns) and len(self.cards) > 1 and not any(drops)
        is_strip = alone and self.output.can_be_strip
        self.output.take(self.grid.strip(last - 1) if is_strip else self.grid.rect(last))

    def _sight(self) -> QRectF:
        """What the view shows, with some of what is near."""
        seen = QRectF()
        for view in self.views():
            seen |= view.mapToScene(view.viewport().rect()).boundingRect()
        return seen.adjusted(0, -ROW_PITCH, 0, ROW_PITCH)

    def _room(self) -> float:
        """The width in which open blocks stand."""
        return max(Grid(self._columns).bounds(self.cells).width(), self._least_width)

    def _move_cards(self, share: float) -> None:
        for card, start, goal in self._starts:
            card.setPos(start + (goal - start) * share)

    @property
    def cells(self) -> int:
        """How many cells there are: of cards, of the slot or the hint, and of the OUTPUT."""
        is_open = self._slot_cell is not None or len(self.cards) == 1
        return len(self.cards) + is_open + 1

    def _place_connectors(self) -> None:
        wanted = self.cells - 1
        while len(self._connectors) > wanted:
            self.removeItem(self._connectors.pop())
        while len(self._connectors) < wanted:
            connector = Connector(self._themes, self.offered.emit)
            connector.set_locked(self._session.locked)
            self._connectors.append(connector)
            self.addItem(connector)
        for cell, connector in enumerate(self._connectors):
            connector.path = (min(cell + 1, len(self.cards)),)
            is_turn = self.output.is_strip and cell == wanted - 1
            lead = connector.turn if is_turn else connector.place
            lead(self.grid, cell, *self._wire_look(cell))

    def _wire_look(self, cell: int) -> tuple[Wire, str]:
        if self._slot_cell is not None and self._slot_cell in (cell, cell + 1):
            return Wire.PREVIEW, ""
        if len(self.cards) == 1 and self._slot_cell is None:
            return Wire.UNKNOWN, ""
        before = cell - (self._slot_cell is not None and cell > self._slot_cell)
        face = self.cards[before].face
        known = face.state is State.KNOWN
        return (Wire.NORMAL, face.size) if known else (Wire.UNKNOWN, "")

    def _show_bubble(self) -> None:
        known = [c.index for c in self.cards if c.face.state is State.KNOWN]
        problems = self._session.report.problems
        first = next((index for index, p in problems if p.severity == "error"), None)
        if first is not None and self.nests.nest_of(self.cards[first]) is not None:
            self._bubbles.hide()  # the open block says it itself, where it happens
            return
        width = max(self.grid.bounds(self.cells).width(), self._least_width)
        self._bubbles.follow(self.grid, known, width)

    def _fit_scene(self) -> None:
        bounds = self.grid.bounds(self.cells - self.output.is_strip)
        frames = self.nests.bounds()
        if not frames.isEmpty():
            bounds.setRight(max(bounds.right(), frames.right() + 26))
        if self.bubble is not None:
            rect = self.bubble.mapRectToScene(self.bubble.frame())
            bounds.setBottom(max(bounds.bottom(), rect.bottom() + 16))
            bounds.setRight(max(bounds.right(), rect.right() + 8))
        self._content = QRectF(bounds)
        bounds.setWidth(max(bounds.width(), self._least_width))
        if bounds != self.sceneRect():
            self.setSceneRect(bounds)
