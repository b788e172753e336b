"""The document side of the session: history, selection and the edits that a person makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.blocks import Block
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import History, Network, Recipe, Repair, Report, inner
from cnnstudio.ui.document.sheet import Document, Sheet
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.inspector.setting_words import differing, step_words
from cnnstudio.ui.typography import pretty

InnerPath = inner.Path

INPUT: InnerPath = (0,)
"""Where the Input stands, which can neither move nor go."""

TRAINING = "Training is going on: stop it to change the network."
"""Why nothing can be edited."""

LOCKED = "Training is going on: stop it, or edit a copy."
"""The same where both can be done."""

LONGEST_NAME = 80
"""Letters of a name that is given to a document."""


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

    # ---- what is selected

    @property
    def selected_paths(self) -> tuple[InnerPath, ...]:
        """The paths of the selected blocks, in order: blocks of one row, whichever it is."""
        return self._sheet.chosen

    @property
    def selected_path(self) -> InnerPath | None:
        """The path of the block that is selected alone; None of none and of several."""
        return self.selected_paths[0] if len(self.selected_paths) == 1 else None

    @property
    def movable_paths(self) -> tuple[InnerPath, ...]:
        """The paths of the selected blocks but the Input, which stays where it is."""
        return tuple(path for path in self.selected_paths if path != INPUT)

    @property
    def selection(self) -> tuple[int, ...]:
        """The network's own blocks that are selected, or the one that holds what is selected."""
        return tuple(sorted({path[0] for path in self.selected_paths}))

    @property
    def selected_blocks(self) -> tuple[Block, ...]:
        """The blocks that are selected."""
        return tuple(inner.block_at(self.network, path) for path in self.selected_paths)

    def select(self, indices: Iterable[int]) -> None:
        """Select the network's own blocks at `indices`."""
        self.select_paths((index,) for index in indices)

    def select_path(self, path: InnerPath) -> None:
        """Select the block at `path` alone; where there is none, the innermost around it."""
        there = inner.remaining(self.network, (path,))
        if there:
            self._choose(there)

    def select_paths(self, paths: Iterable[InnerPath]) -> None:
        """Select the blocks at `paths`; those of several rows by what holds them in one row."""
        there = (path for path in paths if inner.exists(self.network, path))
        self._choose(inner.in_one_row(there))

    def toggle(self, path: InnerPath) -> None:
        """Add the block at `path` to those selected, or take it out; of another row, alone."""
        chosen = set(self.selected_paths)
        is_beside = any(each[:-1] == path[:-1] for each in chosen)
        self.select_paths(chosen ^ {path} if is_beside else (path,))

    def select_all(self) -> None:
        """Select the whole row of what is selected; of all blocks inside another, that row's."""
        path = self.selected_paths[0] if self.selected_paths else INPUT
        while len(path) > 1 and self._row_of(path) == self.selected_paths:
            path = path[:-2]
        self._choose(self._row_of(path))

    def _row_of(self, path: InnerPath) -> tuple[InnerPath, ...]:
        """All places of the row of `path` but that of the Input."""
        row = inner.run((*path[:-1], 0), len(inner.row_at(self.network, path)))
        return tuple(each for each in row if each != INPUT)

    def _choose(self, paths: tuple[InnerPath, ...]) -> None:
        if paths != self.selected_paths:
            self._sheet.chosen = paths
            self.selection_changed.emit()

    # ---- edits

    def insert(self, index: int, *blocks: Block, verb: str = "Insert", name: str = "") -> None:
        """Put `blocks` at place `index` of the network; see `insert_at`."""
        self.insert_at((index,), *blocks, verb=verb, name=name)

    def insert_at(
        self, path: InnerPath, *blocks: Block, verb: str = "Insert", name: str = ""
    ) -> None:
        """Put `blocks` before `path`, in any row, and select them.

        The step is called after `verb` and `name`, by default the name that the block gets.
        """
        words = inner.insert_words(self.network, path, blocks, verb, name)
        new = inner.run(path, len(blocks))
        self._edit(lambda: inner.insert(self.network, path, *blocks), words, new)

    def remove(self, indices: Iterable[int], verb: str = "Delete") -> None:
        """Take the network's own blocks at `indices` out; the Input stays."""
        self._remove([(index,) for index in sorted(set(indices)) if index], verb)

    def remove_selected(self, *, verb: str = "Delete") -> None:
        """Take the selected blocks out; the Input stays."""
        self._remove(self.movable_paths, verb)

    def _remove(self, paths: Sequence[InnerPath], verb: str) -> None:
        """Take blocks of one row out, and select what comes to stand where the first did."""
        if paths:
            words = f"{verb} {inner.called(self.network, paths)}"
            next_to = self._next_to(paths)
            self._edit(lambda: inner.remove(self.network, *paths), words, next_to)

    def _next_to(self, gone: Sequence[InnerPath]) -> tuple[InnerPath, ...]:
        """What is selected when the blocks at `gone` are no more: never the Input."""
        *before, place = gone[0]
        left = len(inner.row_at(self.network, gone[0])) - len(gone)
        path = (*before, min(place, left - 1)) if left else tuple(before[:-1])
        return () if path == INPUT else (path,)

    def move(self, indices: Iterable[int], index: int) -> None:
        """Move the network's own blocks at `indices` to where `index` is; see `move_to`."""
        self.move_to([(each,) for each in indices], (index,))

    def move_to(self, paths: Collection[InnerPath], target: InnerPath) -> None:
        """Move blocks before `target` in any row, and select them; the Input stays."""
        moving = sorted(set(paths) - {INPUT})
        if moving:
            words = inner.move_words(self.network, moving, target)
            landed = inner.run(inner.landing(moving, target), len(moving))
            self._edit(lambda: inner.move(self.network, moving, target), words, landed)

    def replace(self, index: int, block: Block, words: str, *, merge: bool = False) -> None:
        """Put `block` in place of the network's own one at `index`; see `replace_at`."""
        self.replace_at((index,), block, words, merge=merge)

    def replace_at(self, path: InnerPath, block: Block, words: str, *, merge: bool = False) -> None:
        """Put `block` in place of the one at `path`; `merge` joins it to the gesture before."""
        self._edit(lambda: inner.replace(self.network, path, block), words, None, merge=merge)

    def apply(self, network: Network, words: str, *, merge: bool = False) -> None:
        """Make `network` the document, as the step called `words`."""
        self._edit(lambda: network, words, None, merge=merge)

    def repair(self, repair: Repair) -> None:
        """Apply a repair that `report` offers, and select what was repaired, or stay inside it."""
        words = f"Repair {self.network.names[repair.place]}: {repair.change}"
        place = repair.places(self.network)[repair.place]
        repaired = repair.index if place is None else place
        chosen = None if self.selection == (repaired,) else ((repaired,),)
        self._edit(lambda: repair.apply(self.network), words, chosen)

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
            self._record_recipe(recipe, merge=merge)

    @property
    def given_name(self) -> str:
        """What the person called the document; empty where it is called as its file is."""
        return self.history.document.name

    def rename(self, name: str) -> None:
        """Call the document `name`; nothing happens where there is none, or it is called so."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name and name != self.title and not self._refuse_when_locked():
            document = self.history.document._replace(name=name)
            self._record(document, f"Rename to \u201c{name}\u201d", merge=False)

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

    # ---- inside

    def _refuse_when_locked(self) -> bool:
        if self.locked:
            self.noticed.emit(Notice(TRAINING, until="unlocked"))
        return self.locked

    def _edit(
        self,
        make: Callable[[], Network],
        words: str,
        chosen: tuple[InnerPath, ...] | None,
        *,
        merge: bool = False,
    ) -> None:
        if self._refuse_when_locked():
            return
        try:
            network = make()
        except CnnStudioError as error:
            self.noticed.emit(Notice(pretty(str(error)), until="next step"))
            return
        if chosen is not None:
            self._sheet.chosen = chosen
        self._record(self.history.document._replace(network=network), words, merge=merge)
        if chosen is not None:
            self.selection_changed.emit()

    def _record(self, document: Document, words: str, *, merge: bool) -> None:
        self._travel(self.history.record(document, words, merge=merge))

    def _record_recipe(self, recipe: Recipe, *, merge: bool = False) -> None:
        """A step named after what it changes, from the beginning of the gesture on."""
        kind = " ".join(("recipe", *differing(self.recipe, recipe)))
        before = self.history.beginning(kind).recipe if merge else self.recipe
        words, document = step_words(before, recipe), self.history.document._replace(recipe=recipe)
        self._travel(self.history.record(document, words, merge=merge, kind=kind))

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
