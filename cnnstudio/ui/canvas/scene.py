"""The network as a scene: follows the session, and previews what a drop or a repair would do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from cnnstudio.blocks import Block
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, Report, inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.face import Face
from cnnstudio.ui.canvas.faces import Faces, previewed
from cnnstudio.ui.canvas.look import Look
from cnnstudio.ui.canvas.output_card import OutputCard
from cnnstudio.ui.canvas.output_face import output_face
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import INSERT, Offer, insertion_offer, movement_offer
from cnnstudio.ui.canvas.stage import Stage
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager


class Pipeline(Stage):
    """The stage with the session's network on it."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        motion: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(session, themes, motion, parent)
        self._faces: Sequence[Face] = ()
        self._chosen: list[Plate] = []
        self._hovered: Plate | None = None
        session.network_changed.connect(self.sync)
        session.weights_changed.connect(self._show_values)
        session.probe_changed.connect(self._show_faces)
        session.findings_changed.connect(self._show_faces)
        session.selection_changed.connect(self._show_selection)
        session.training_changed.connect(self._show_lock)
        themes.changed.connect(self._repaint)
        self.sync()
        self._show_lock()

    # ---- following the session

    def sync(self) -> None:
        """Show the session's network: cards of blocks that stayed are kept."""
        blocks = self._session.network.blocks
        self._faces = self._present_faces()
        self._close_slot()
        if blocks != self._row.blocks:
            self.hover(None)
        self._row.show(blocks, self._faces)
        self._hint.setVisible(len(blocks) == 1)
        self.nests.keep(self._row.items)
        self.nests.show_look(self._present())
        self._show_values()
        self._show_selection()
        self._arrange(animated=True)
        self._show_bubble()

    def _present_faces(self) -> Faces:
        session = self._session
        return Faces(session.report, session.dataset, session.probe, session.diagnosis)

    def _present(self) -> Look:
        session = self._session
        return Look(session.network, session.report, findings=session.diagnosis)

    def _show_faces(self) -> None:
        self._faces = self._present_faces()
        self._row.show_faces(self._faces)
        self._show_output(self._session.report)
        self.nests.show_look(self._present())

    def _show_values(self) -> None:
        if not self._session.preparing:  # till then the pictures of before stay
            values = self._session.activations
            for card in self._row.items:
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
            data_failure=session.data_failure,
        )
        self.output.show_face(face)

    def _show_selection(self) -> None:
        paths = self._session.selected_paths
        if paths:
            self.open_around(paths[0])
        chosen: list[Plate] = [self._row.items[path[0]] for path in paths if len(path) == 1]
        for card in (*self._chosen, *chosen):
            card.set_flags(selected=card.path in paths)
        self._chosen = chosen
        self.nests.show_selection(paths)

    def selected_cards(self) -> list[Plate]:
        """The cards of the selected blocks that are shown."""
        found = map(self.plate, self._session.selected_paths)
        return [card for card in found if card is not None]

    def _show_lock(self) -> None:
        locked = self._session.locked
        self._row.set_locked(locked)
        self.output.set_locked(locked)
        self.nests.set_locked(locked)

    def _repaint(self) -> None:
        for item in self.items():
            if isinstance(item, (Plate, OutputCard)):
                item.refresh()
            else:
                item.update()

    # ---- what is open

    def toggle(self, card: Plate) -> None:
        """Open the rows of a card below it, or close them; nothing for a card without rows."""
        self.nests.toggle(card)

    def open_around(self, path: Path) -> None:
        """Open all blocks that the one at `path` is in."""
        for end in range(1, len(path), 2):
            card = self.plate(path[:end])
            if card is not None and not self.nests.is_open(path[:end]):
                self.nests.toggle(card)

    def _show_nests(self) -> None:
        self.nests.show_look(self._present())
        self.nests.set_locked(self._session.locked)
        self._show_selection()
        self._arrange(animated=True)
        self._show_bubble()
        self.toggled.emit()

    # ---- what the pointer does

    def hover(self, card: Plate | None) -> None:
        """Show which card the pointer is on."""
        if card is self._hovered:
            return
        if self._hovered is not None:
            self._hovered.set_flags(hovered=False)
        if card is not None:
            card.set_flags(hovered=True)
        self._hovered = card

    def lift_paths(self, paths: Collection[Path]) -> None:
        """Show the cards of the blocks at `paths` as dragged away; none puts all back."""
        for card in (*self._row.items, *self.nests.cards()):
            card.set_flags(lifted=card.path in paths)

    # ---- previews

    def preview_insertion_at(self, target: Path, *blocks: Block, action: str = INSERT) -> None:
        """Open a slot before `target`, in any row, and show what `blocks` would do there."""
        look = self._look(lambda network: inner.insert(network, target, *blocks), (), target)
        if look is None:
            self._refuse(target)
            return
        look = replace(look, count=len(blocks))
        offer = insertion_offer(look.landed, look.report, self._session.report, action)
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
            offer = movement_offer(look.landed, look.report, self._session.report)
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

    def _preview(self, look: Look, offer: Offer) -> None:
        self._bubbles.hide()
        self._close_slot()
        assert look.target is not None
        self._target = look.target
        places = [look.place(card.path)[0] for card in self._row.items]
        moved = [path[0] for path in look.gone if len(path) == 1]
        self._row.show_faces(previewed(self._faces, look.report, places, moved))
        self._show_output(look.report)
        self.nests.show_look(look)
        if len(look.target) == 1:
            self._slot.show_offer(offer)
            self._row.slot_cell = look.target[0]
            self._slot.show()
            self._hint.hide()
        else:
            self.nests.open_slot(look.target, offer)
        self._arrange(animated=True)

    def end_preview(self) -> None:
        """Close the slot and show the network as it is."""
        if self._target is None:
            return
        self._close_slot()
        self._show_faces()
        self._arrange(animated=True)
        self._show_bubble()

    def _close_slot(self) -> None:
        self._target = self._row.slot_cell = None
        self._slot.hide()
        self._hint.setVisible(len(self._row.items) == 1)
        self.nests.close_slot()

    def preview_repair(self, report: Report, places: Sequence[int | None]) -> None:
        """Show the sizes of `report`, in which the cards' blocks stand at `places`."""
        self._bubbles.hide()
        self._row.show_faces(previewed(self._faces, report, places))

    def end_repair_preview(self) -> None:
        """Show the present sizes again."""
        self._row.show_faces(self._faces)
        self._show_bubble()
