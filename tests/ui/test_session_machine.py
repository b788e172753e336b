"""Ten thousand random edits: the document is what a plain list says, and all parts show it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.blocks import BLOCK_TYPES, Block, Input
from cnnstudio.network import Network, Recipe, check
from cnnstudio.network.project_file import Project, load, save
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.clipboard import Clipboard
from cnnstudio.ui.outline import Outline
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager
from tests import strategies

EXAMPLES, STEPS = 160, 100
"""So many documents, each with up to so many edits; about three quarters of them are made."""

WANTED = 10_000
"""Edits, at least."""

MOST_BLOCKS = 9
SIDE = 6
"""The largest whole number drawn, so that a network stays small enough to be drawn at once."""


blocks = strategies.blocks_of([kind for kind in BLOCK_TYPES if kind is not Input], SIDE)
places = st.integers(0, MOST_BLOCKS * 3)


class Editing(RuleBasedStateMachine):
    """A session with its canvas, outline and clipboard, beside a plain list of blocks."""

    themes: ThemeManager
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(Project(Network()), threads=1)
        self.canvas = Canvas(self.session, self.themes)
        self.outline = Outline(self.session, self.themes)
        self.clipboard = Clipboard(self.session)
        self.faults: list[str] = []
        self.session.noticed.connect(lambda notice: self.faults.append(notice.sentence))
        self.blocks: list[Block] = [Input()]
        self.recipe = Recipe()
        self.copied: list[Block] = []
        self.folder = tempfile.TemporaryDirectory()
        self._begin()

    def _begin(self) -> None:
        """The history of a document that has just been opened."""
        self.past = [self._present()]
        self.place = 0

    def _present(self) -> tuple[tuple[Block, ...], Recipe]:
        return tuple(self.blocks), self.recipe

    def _note(self) -> None:
        """An edit is one step of the history, unless it changed nothing."""
        if self._present() != self.past[self.place]:
            self.past = [*self.past[: self.place + 1], self._present()]
            self.place += 1

    def _some(self, chosen: list[int]) -> list[int]:
        """Places of blocks that may be moved or removed."""
        return sorted({1 + n % (len(self.blocks) - 1) for n in chosen})

    @property
    def has_blocks(self) -> bool:
        return len(self.blocks) > 1

    @property
    def has_room(self) -> bool:
        return len(self.blocks) <= MOST_BLOCKS

    # ---- the edits

    @initialize(recipe=strategies.any_of(Recipe))
    def open_with_a_recipe(self, recipe: Recipe) -> None:
        self.session.restart(Project(Network(), recipe=recipe), None)
        self.recipe = recipe
        self._begin()

    @precondition(lambda self: self.has_room)
    @rule(place=places, block=blocks)
    def insert(self, place: int, block: Block) -> None:
        index = 1 + place % len(self.blocks)
        self.session.insert(index, block)
        self.blocks.insert(index, block)
        assert self.session.selection == (index,)
        self._note()

    @precondition(lambda self: self.has_blocks)
    @rule(chosen=st.lists(places, min_size=1, max_size=3))
    def delete(self, chosen: list[int]) -> None:
        gone = self._some(chosen)
        self.session.remove(gone)
        self.blocks = [b for i, b in enumerate(self.blocks) if i not in gone]
        self._note()

    @precondition(lambda self: self.has_blocks)
    @rule(chosen=st.lists(places, min_size=1, max_size=3), place=places)
    def move(self, chosen: list[int], place: int) -> None:
        moving, index = self._some(chosen), 1 + place % len(self.blocks)
        self.session.move(moving, index)
        taken = [self.blocks[i] for i in moving]
        index -= sum(i < index for i in moving)
        left = [b for i, b in enumerate(self.blocks) if i not in moving]
        self.blocks = [*left[:index], *taken, *left[index:]]
        self._note()

    @precondition(lambda self: self.has_blocks)
    @rule(place=places, data=st.data())
    def change(self, place: int, data: Any) -> None:
        index = 1 + place % (len(self.blocks) - 1)
        block = self.blocks[index]
        declared = block.declarations()
        if not declared:
            return
        name = data.draw(st.sampled_from(sorted(declared)))
        value = data.draw(strategies.values(declared[name], SIDE))
        changed = block.with_values(**{name: value})
        self.session.replace(index, changed, f"Change {name}")
        self.blocks[index] = changed
        self._note()

    @rule(pad=st.integers(0, 4))
    def change_the_input(self, pad: int) -> None:
        changed = self.blocks[0].with_values(pad=pad)
        self.session.replace(0, changed, "Change pad of INPUT")
        self.blocks[0] = changed
        self._note()

    @rule(epochs=st.integers(1, 9))
    def change_the_recipe(self, epochs: int) -> None:
        self.recipe = self.recipe.with_values(epochs=epochs)
        self.session.set_recipe(self.recipe)
        self._note()

    @rule(chosen=st.lists(places, max_size=3))
    def select(self, chosen: list[int]) -> None:
        wanted = sorted({n % len(self.blocks) for n in chosen})
        self.session.select(wanted)
        assert self.session.selection == tuple(wanted)

    @precondition(lambda self: any(self.session.selection))
    @rule()
    def copy(self) -> None:
        self.copied = [self.blocks[i] for i in self.session.selection if i]
        self.clipboard.copy()

    @precondition(lambda self: any(self.session.selection))
    @rule()
    def cut(self) -> None:
        gone = [i for i in self.session.selection if i]
        self.copied = [self.blocks[i] for i in gone]
        self.clipboard.cut()
        self.blocks = [b for i, b in enumerate(self.blocks) if i not in gone]
        self._note()

    @precondition(lambda self: self.copied and self.has_room)
    @rule()
    def paste(self) -> None:
        self._insert_after_selection(self.copied)
        self.clipboard.paste()
        self._note()

    @precondition(lambda self: any(self.session.selection) and self.has_room)
    @rule()
    def duplicate(self) -> None:
        self._insert_after_selection([self.blocks[i] for i in self.session.selection if i])
        self.clipboard.duplicate()
        self._note()

    def _insert_after_selection(self, new: list[Block]) -> None:
        selection = self.session.selection
        index = max(selection) + 1 if selection else len(self.blocks)
        self.blocks[index:index] = new

    @rule()
    def undo(self) -> None:
        self.session.undo()
        self._go_to(max(0, self.place - 1))

    @rule()
    def redo(self) -> None:
        self.session.redo()
        self._go_to(min(len(self.past) - 1, self.place + 1))

    def _go_to(self, place: int) -> None:
        self.place = place
        blocks, self.recipe = self.past[place]
        self.blocks = list(blocks)

    @rule(suffix=st.sampled_from([".cnn", ".json"]))
    def save_and_open(self, suffix: str) -> None:
        path = Path(self.folder.name) / f"document{suffix}"
        save(self.session.project(), path)
        self.session.saved_as(path)
        assert not self.session.modified
        project = load(path)
        assert (project.network, project.recipe) == (self.session.network, self.session.recipe)
        self.session.restart(project, path)
        self._begin()

    # ---- what always holds

    @invariant()
    def the_document_is_that_of_the_list(self) -> None:
        type(self).steps += 1
        assert self.session.network == Network(tuple(self.blocks))
        assert self.session.recipe == self.recipe
        assert self.faults == []

    @invariant()
    def the_report_is_that_of_the_document(self) -> None:
        assert self.session.report == check(self.session.network)
        model = self.session.model
        assert model is None or model.network == self.session.network

    @invariant()
    def canvas_and_outline_show_the_document(self) -> None:
        names = list(self.session.network.names)
        cards = [self.canvas.card(i) for i in range(len(names))]
        assert [card.face.name for card in cards] == names
        assert [card.face.block for card in cards] == self.blocks
        chosen = tuple(i for i, card in enumerate(cards) if card._flags["selected"])
        assert chosen == self.session.selection
        model = self.outline.model()
        assert [model.index(i, 0).data() for i in range(model.rowCount())] == names
        rows = sorted(index.row() for index in self.outline.selectedIndexes())
        assert tuple(rows) == self.session.selection

    @invariant()
    def what_can_be_undone_is_what_was_done(self) -> None:
        history = self.session.history
        assert (history.undo_words is not None) == (self.place > 0)
        assert (history.redo_words is not None) == (self.place < len(self.past) - 1)

    def teardown(self) -> None:
        end = self._present()
        for _ in range(self.place):
            self.session.undo()
        assert (self.session.network.blocks, self.session.recipe) == self.past[0]
        for _ in range(self.place):
            self.session.redo()
        assert (self.session.network.blocks, self.session.recipe) == end
        self.session.shut_down()
        for thing in (self.canvas, self.outline, self.session):
            thing.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.folder.cleanup()


@pytest.mark.timeout(300)
def test_ten_thousand_edits(themes: ThemeManager) -> None:
    editing = type("Editing", (Editing,), {"themes": themes})
    machine = editing.TestCase
    machine.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()
    assert editing.steps >= WANTED
