"""The document side of the session: history, selection and the edits that a person makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.blocks import Block
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import History, Network, Recipe, Repair, Report, inner
from cnnstudio.ui.document.sheet import Document, Sheet
from cnnstudio.ui.frame.notice import Notice

InnerPath = inner.Path

TRAINING = "Training is going on: stop it to change the network."
"""Why nothing can be edited."""

LOCKED = "Training is going on: stop it, or edit a copy."
"""The same where both can be done."""


class Edits(QObject):
    """The open document and its edits; what follows from a new network is the session's affair.

    Each edit is a step of the history; while `locked` it is refused in a sentence.
    """

    network_changed = Signal()
    selection_changed = Signal()
    recipe_changed = Signal()
    file_changed = Signal()
    repairs_asked = Signal(int)
    """All repairs of the block at this place are asked for."""
    noticed = Signal(object)

    report: Report
    _sheet: Sheet

    @property
    def locked(self) -> bool:
        """Whether nothing may be edited."""
        raise NotImplementedError

    @property
    def history(self) -> History[Document]:
        """The steps of the document."""
        return self._sheet.history

    @property
    def network(self) -> Network:
        """The present network."""
        return self._sheet.network

    @property
    def recipe(self) -> Recipe:
        """The present training recipe."""
        return self._sheet.recipe

    @property
    def path(self) -> Path | None:
        """The document's file, if it has one."""
        return self._sheet.path

    @property
    def title(self) -> str:
        """What the document is called."""
        return self._sheet.title

    @property
    def selection(self) -> tuple[int, ...]:
        """The places of the selected blocks."""
        return self._sheet.selection

    @property
    def inner(self) -> InnerPath | None:
        """The selected block inside another one, which then is the selection (`inner.Path`)."""
        return self._sheet.inner

    # ---- edits

    def insert(self, index: int, *blocks: Block, verb: str = "Insert", name: str = "") -> None:
        """Put `blocks` at place `index` and select them; `verb` and `name` name the step."""
        words = inner.insert_words(self.network, (index,), blocks, verb, name)
        places = tuple(range(index, index + len(blocks)))
        self._edit(lambda: self.network.insert(index, *blocks), words, places)

    def remove(self, indices: Iterable[int], verb: str = "Delete") -> None:
        """Take the blocks at `indices` out; the Input stays."""
        places = sorted(set(indices) - {0})
        if places:
            next_to = min(places[0], len(self.network) - len(places) - 1)
            selection = (next_to,) if next_to > 0 else ()
            self._edit(
                lambda: self.network.remove(*places), f"{verb} {self._called(places)}", selection
            )

    def move(self, indices: Iterable[int], index: int) -> None:
        """Move the blocks at `indices` to where `index` is in the present network."""
        places = sorted(set(indices) - {0})
        if places:
            start = index - sum(1 for place in places if place < index)
            selection = tuple(range(start, start + len(places)))
            self._edit(
                lambda: self.network.move(places, index), f"Move {self._called(places)}", selection
            )

    def insert_inner(
        self, path: InnerPath, *blocks: Block, verb: str = "Insert", name: str = ""
    ) -> None:
        """Put `blocks` before `path` in the row of a block, and select the first."""
        words = inner.insert_words(self.network, path, blocks, verb, name)
        self._edit(lambda: inner.insert(self.network, path, *blocks), words, path[:1], path)

    def replace_inner(
        self, path: InnerPath, block: Block, words: str, *, merge: bool = False
    ) -> None:
        """Put `block` in place of the one at `path`; `merge` joins it to the gesture before."""
        self._edit(lambda: inner.replace(self.network, path, block), words, None, merge=merge)

    def move_to(self, paths: Collection[InnerPath], target: InnerPath) -> None:
        """Move blocks of any rows before `target` in any row, and select the first of them."""
        if all(len(path) == 1 for path in (*paths, target)):
            self.move((path[0] for path in paths), target[0])
        elif paths:
            words = inner.move_words(self.network, paths, target)
            place = inner.landing(paths, target)
            selection = (
                (place[0],) if len(place) > 1 else tuple(range(place[0], place[0] + len(paths)))
            )
            self._edit(
                lambda: inner.move(self.network, paths, target),
                words,
                selection,
                place if len(place) > 1 else None,
            )

    def remove_selected(self, *, verb: str = "Delete") -> None:
        """Take out the selected inner block, or the selected blocks; the Input stays."""
        path = self.inner
        if path is None:
            self.remove(self.selection, verb)
            return
        left = len(inner.row_at(self.network, path)) - 1
        next_to = (*path[:-1], min(path[-1], left - 1)) if left else path[:-2]
        self._edit(
            lambda: inner.remove(self.network, path),
            f"{verb} {inner.full_name(self.network, path)}",
            path[:1],
            next_to if len(next_to) > 1 else None,
        )

    def replace(self, index: int, block: Block, words: str, *, merge: bool = False) -> None:
        """Put `block` in place of the one at `index`; `merge` joins it to the gesture before."""
        self._edit(lambda: self.network.replace(index, block), words, None, merge=merge)

    def apply(self, network: Network, words: str, *, merge: bool = False) -> None:
        """Make `network` the document, as the step called `words`."""
        self._edit(lambda: network, words, None, merge=merge)

    def repair(self, repair: Repair) -> None:
        """Apply a repair that `report` offers, and select what was repaired."""
        words = f"Repair {self.network.names[repair.place]}: {repair.change}"
        place = repair.places(self.network)[repair.place]
        selection = (repair.index,) if place is None else (place,)
        self._edit(lambda: repair.apply(self.network), words, selection)

    def refuses_edit(self) -> bool:
        """Whether nothing may be edited now, which then is told."""
        return self._refuse_when_locked()

    def ask_repairs(self, index: int) -> None:
        """Ask for all repairs of the block at `index` with what they lead to."""
        if not self._refuse_when_locked():
            self.repairs_asked.emit(index)

    def set_recipe(self, recipe: Recipe, *, merge: bool = False) -> None:
        """Train by `recipe` from now on."""
        if not self._refuse_when_locked():
            self._record(Document(self.network, recipe), "Change the recipe", merge=merge)

    def undo(self) -> None:
        """One step back."""
        self.travel(-1)

    def redo(self) -> None:
        """One step forward."""
        self.travel(1)

    def travel(self, steps: int) -> None:
        """So many steps forward at once, or back where `steps` is negative."""
        if not self._refuse_when_locked():
            self._travel(self.history.travel(steps))

    def select(self, indices: Iterable[int]) -> None:
        """Select the blocks at `indices`."""
        self._choose(tuple(sorted({i for i in indices if 0 <= i < len(self.network)})), None)

    def select_inner(self, path: InnerPath) -> None:
        """Select the block at `path` inside another one; a path of one number is a block itself."""
        if inner.exists(self.network, path):
            self._choose(path[:1], path if len(path) > 1 else None)

    def _choose(self, selection: tuple[int, ...], path: InnerPath | None) -> None:
        if (selection, path) != (self.selection, self.inner):
            self._sheet.selection, self._sheet.inner = selection, path
            self.selection_changed.emit()

    @property
    def selected_paths(self) -> tuple[InnerPath, ...]:
        """The path of the selected inner block, or those of the selected blocks but the Input."""
        if self.inner is not None:
            return (self.inner,)
        return tuple((index,) for index in self.selection if index)

    @property
    def selected_blocks(self) -> tuple[Block, ...]:
        """The inner block that is selected, or the selected blocks of the network."""
        if self.inner is not None:
            return (inner.block_at(self.network, self.inner),)
        return tuple(self.network.blocks[index] for index in self.selection)

    # ---- inside

    def _called(self, places: list[int]) -> str:
        return inner.called(self.network, [(place,) for place in places])

    def _refuse_when_locked(self) -> bool:
        if self.locked:
            self.noticed.emit(Notice(TRAINING))
        return self.locked

    def _edit(
        self,
        make: Callable[[], Network],
        words: str,
        selection: tuple[int, ...] | None,
        path: InnerPath | None = None,
        *,
        merge: bool = False,
    ) -> None:
        if self._refuse_when_locked():
            return
        try:
            network = make()
        except CnnStudioError as error:
            self.noticed.emit(Notice(str(error)))
            return
        if selection is not None:
            self._sheet.selection, self._sheet.inner = selection, path
        self._record(Document(network, self.recipe), words, merge=merge)
        if selection is not None:
            self.selection_changed.emit()

    def _record(self, document: Document, words: str, *, merge: bool) -> None:
        self._travel(self.history.record(document, words, merge=merge))

    def _travel(self, history: History[Document]) -> None:
        """Go to the document of `history`, telling only what has changed."""
        before, self._sheet.history = self.history.document, history
        if history.document.network != before.network:
            self._network_replaced()
        elif history.document.recipe.seed != before.recipe.seed:
            self._seed_replaced()
        if history.document.recipe != before.recipe:
            self.recipe_changed.emit()
        self.file_changed.emit()

    def _network_replaced(self) -> None:
        raise NotImplementedError

    def _seed_replaced(self) -> None:
        raise NotImplementedError
