"""Ten thousand random edits: the document is what a plain list says, and all parts show it."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.blocks import BLOCK_TYPES, Block, Input, Parallel, Residual
from cnnstudio.network import Network, Recipe, check
from cnnstudio.network.inner import Path
from cnnstudio.network.project_file import Project, load, save
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.clipboard import Clipboard
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.outline.outline import Outline
from cnnstudio.ui.parts.row_list import ROW_ROLE
from cnnstudio.ui.theme import ThemeManager
from tests import strategies

EXAMPLES, STEPS = 145, 100
"""So many documents, each with about so many edits."""

WANTED = 10_000
"""Edits, at least."""

MOST_BLOCKS = 9
SIDE = 6
"""The largest whole number drawn, so that a network stays small enough to be drawn at once."""


blocks = strategies.blocks_of([kind for kind in BLOCK_TYPES if kind is not Input], SIDE)
plain_blocks = strategies.rows(1, SIDE).map(lambda row: row[0])
places = st.integers(0, MOST_BLOCKS * 3)


def rows_in(block: Block) -> list[list[Block]]:
    """The rows that a block holds, as lists."""
    rows = {Residual: lambda b: (b.blocks,), Parallel: lambda b: b.branches}
    return [list(row) for row in rows.get(type(block), lambda _: ())(block)]


def with_rows_in(block: Block, rows: list[list[Block]]) -> Block:
    """The block with other rows."""
    if isinstance(block, Residual):
        return block.with_values(blocks=tuple(rows[0]))
    return block.with_values(branches=tuple(map(tuple, rows)))


def all_blocks(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks of a row, each with those inside it behind it."""
    for block in blocks:
        yield block
        for row in rows_in(block):
            yield from all_blocks(row)


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

    # ---- the edits inside blocks

    def _inner_places(self) -> list[Path]:
        """The places of all blocks that stand one deep in others, and those behind their rows."""
        return [
            (index, number, place)
            for index, block in enumerate(self.blocks)
            for number, row in enumerate(rows_in(block))
            for place in range(len(row) + 1)
        ]

    def _inner_blocks(self) -> list[Path]:
        places = self._inner_places()
        return [path for path in places if path[2] < len(rows_in(self.blocks[path[0]])[path[1]])]

    def _is_last(self, path: Path) -> bool:
        """Whether taking the block out is refused: a Residual is not without any."""
        block = self.blocks[path[0]]
        return isinstance(block, Residual) and len(rows_in(block)[0]) == 1

    def _put_rows(self, index: int, rows: list[list[Block]]) -> None:
        self.blocks[index] = with_rows_in(self.blocks[index], rows)

    @precondition(lambda self: self._inner_places())
    @rule(chosen=places, block=plain_blocks)
    def insert_inside(self, chosen: int, block: Block) -> None:
        index, number, place = self._inner_places()[chosen % len(self._inner_places())]
        rows = rows_in(self.blocks[index])
        rows[number].insert(place, block)
        self.session.insert_at((index, number, place), block)
        self._put_rows(index, rows)
        assert self.session.selected_path == (index, number, place)
        self._note()

    @precondition(lambda self: self._inner_blocks())
    @rule(chosen=places)
    def delete_inside(self, chosen: int) -> None:
        index, number, place = self._inner_blocks()[chosen % len(self._inner_blocks())]
        rows = rows_in(self.blocks[index])
        if self._is_last((index, number, place)):
            return
        del rows[number][place]
        self.session.select_path((index, number, place))
        self.session.remove_selected()
        self._put_rows(index, rows)
        self._note()

    @precondition(lambda self: self._inner_blocks() and self.has_room)
    @rule(chosen=places, place=places)
    def move_out(self, chosen: int, place: int) -> None:
        path = self._inner_blocks()[chosen % len(self._inner_blocks())]
        rows = rows_in(self.blocks[path[0]])
        if self._is_last(path):
            return
        block = rows[path[1]].pop(path[2])
        target = 1 + place % len(self.blocks)
        self.session.move_to([path], (target,))
        self._put_rows(path[0], rows)
        self.blocks.insert(target, block)
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

    @precondition(lambda self: self._inner_blocks())
    @rule(chosen=places, others=st.lists(places, min_size=1, max_size=3))
    def select_inside(self, chosen: int, others: list[int]) -> None:
        """Several blocks of one row."""
        paths = self._inner_blocks()
        row = [p for p in paths if p[:2] == paths[chosen % len(paths)][:2]]
        wanted = sorted({row[n % len(row)] for n in others})
        self.session.select_paths(wanted)
        assert self.session.selected_paths == tuple(wanted)

    @precondition(lambda self: self._inner_blocks())
    @rule(chosen=st.lists(places, min_size=2, max_size=4))
    def select_anywhere(self, chosen: list[int]) -> None:
        """Blocks of all rows, which are selected by what holds them in one."""
        paths = [*((index,) for index in range(len(self.blocks))), *self._inner_blocks()]
        wanted = [paths[n % len(paths)] for n in chosen]
        self.session.select_paths(wanted)
        if len({path[:-1] for path in wanted}) == 1:
            assert self.session.selected_paths == tuple(sorted(set(wanted)))
        else:
            assert self.session.selection == tuple(sorted({path[0] for path in wanted}))

    def _row(self) -> list[Block]:
        """The row of what is selected."""
        paths = self.session.selected_paths
        if not paths or len(paths[0]) == 1:
            return self.blocks
        return rows_in(self.blocks[paths[0][0]])[paths[0][1]]

    def _put_row(self, row: list[Block]) -> None:
        """Put another row in place of that of what is selected."""
        paths = self.session.selected_paths
        if not paths or len(paths[0]) == 1:
            self.blocks = row
            return
        rows = rows_in(self.blocks[paths[0][0]])
        rows[paths[0][1]] = row
        self._put_rows(paths[0][0], rows)

    def _chosen(self) -> list[Block]:
        """The blocks that are selected in a row, but for the Input."""
        return [self._row()[path[-1]] for path in self.session.selected_paths if path != (0,)]

    def _may_go(self) -> bool:
        """Whether the selected blocks may be taken out: a Residual is not without any."""
        paths = self.session.selected_paths
        if not self._chosen() or len(paths[0]) == 1:
            return bool(self._chosen())
        is_residual = isinstance(self.blocks[paths[0][0]], Residual)
        return not is_residual or len(paths) < len(self._row())

    @precondition(lambda self: self._chosen())
    @rule()
    def copy(self) -> None:
        self.copied = self._chosen()
        self.clipboard.copy()

    @precondition(lambda self: self._may_go())
    @rule()
    def cut(self) -> None:
        self.copied = self._chosen()
        self._take_selected()
        self.clipboard.cut()
        self._note()

    @precondition(lambda self: self._may_go())
    @rule()
    def delete_selected(self) -> None:
        self._take_selected()
        self.session.remove_selected()
        self._note()

    def _take_selected(self) -> list[Block]:
        taken = self._chosen()
        gone = {path[-1] for path in self.session.selected_paths if path != (0,)}
        self._put_row([block for place, block in enumerate(self._row()) if place not in gone])
        return taken

    @precondition(lambda self: self._may_go())
    @rule(place=places)
    def move_selected_within(self, place: int) -> None:
        """Within its row; the blocks keep their order."""
        moving = self.session.movable_paths
        places = [path[-1] for path in moving]
        row = self._row()
        first = int(len(moving[0]) == 1)
        target = first + place % (len(row) + 1 - first)
        taken = self._take_selected()
        left = self._row()
        index = target - sum(each < target for each in places)
        self._put_row([*left[:index], *taken, *left[index:]])
        self.session.move_to(moving, (*moving[0][:-1], target))
        start = (*moving[0][:-1], index)
        assert self.session.selected_paths[0] == start
        assert len(self.session.selected_paths) == len(moving)
        self._note()

    @precondition(lambda self: self._may_go() and self.has_room)
    @rule(place=places)
    def move_selected_out(self, place: int) -> None:
        """From an inner row, all at once."""
        moving = self.session.movable_paths
        if len(moving[0]) == 1:
            return
        target = 1 + place % len(self.blocks)
        self.blocks[target:target] = self._take_selected()
        self.session.move_to(moving, (target,))
        assert self.session.selection == tuple(range(target, target + len(moving)))
        self._note()

    @precondition(lambda self: self.copied and self.has_room)
    @rule()
    def paste(self) -> None:
        self._insert_after_selection(self.copied)
        self.clipboard.paste()
        self._note()

    @precondition(lambda self: self._chosen() and self.has_room)
    @rule()
    def duplicate(self) -> None:
        self._insert_after_selection(self._chosen())
        self.clipboard.duplicate()
        self._note()

    def _insert_after_selection(self, new: list[Block]) -> None:
        paths, row = self.session.selected_paths, self._row()
        index = paths[-1][-1] + 1 if paths else len(row)
        self._put_row([*row[:index], *new, *row[index:]])

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
        path = pathlib.Path(self.folder.name) / f"document{suffix}"
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
        chosen = self.session.selected_paths
        plates = [*cards, *self.canvas.pipeline.nests.cards()]
        assert sorted(card.path for card in plates if card.has_flag("selected")) == list(chosen)
        model = self.outline.model()
        rows = [model.index(i, 0).data(ROW_ROLE) for i in range(model.rowCount())]
        shown = [row for row in rows if row.entry is not None]
        assert [row.title for row in shown if not row.depth] == names
        assert [row.entry.block for row in shown] == list(all_blocks(self.blocks))
        picked = {row.path for row in (i.data(ROW_ROLE) for i in self.outline.selectedIndexes())}
        assert picked == set(chosen)

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


@pytest.mark.timeout(600)
def test_ten_thousand_edits(themes: ThemeManager) -> None:
    editing = type("Editing", (Editing,), {"themes": themes})
    machine = editing.TestCase
    machine.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine().runTest()
    assert editing.steps >= WANTED
