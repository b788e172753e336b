"""Every tile of the palette in the window: inserted, shown, all settings changed, trained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BLOCK_TYPES, Block
from cnnstudio.blocks.palette import PALETTE, Tile
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import (
    Choice,
    Fraction,
    Pair,
    Setting,
    Switch,
    Table,
    WholeNumber,
)
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.document.mime import encode_block
from cnnstudio.ui.inspector.inspector import MARGIN
from cnnstudio.ui.main_window import MainWindow
from tests.ui.conftest import Drop
from tests.ui.turn import turn

PLACES = {"Max pool": 1, "Average pool": 1, "Global average": 5, "Fully connected": 5, "Flatten": 5}
"""Where a tile fits into the lecture's network; the others go behind the first pool."""

TILES = [tile for group in PALETTE for tile in group.tiles]


def other_values(setting: Setting, value: object) -> list[object]:
    """Values that `setting` allows and that are not `value`: each kind of its values once."""
    if isinstance(setting, Choice):
        found: list[object] = list(setting.options)
    elif isinstance(setting, Switch):
        found = [True, False]
    elif isinstance(setting, Pair):
        low, high = setting.minimum, min(setting.maximum, setting.minimum + 2)
        found = [low, high, (low, high), *setting.words]
    elif isinstance(setting, (WholeNumber, Fraction)):
        found = [setting.minimum, min(setting.maximum, setting.minimum + 2)]
    elif isinstance(setting, Table):
        found = [((0,), (1, 2)), *setting.words]
    elif isinstance(setting, Row):
        found = [tuple(tile.block for tile in TILES if tile.label in ("ReLU", "Dropout"))]
    else:
        assert isinstance(setting, Rows)
        found = [((), (TILES[0].block,))]
    return [each for each in found if each != value]


@pytest.mark.parametrize("tile", [pytest.param(tile, id=tile.label) for tile in TILES])
def test_a_tile_can_be_used(
    window: MainWindow, qtbot: QtBot, hold: Drop, leave: Callable[[QWidget], None], tile: Tile
) -> None:
    session = window.session
    start = session.network
    place = PLACES.get(tile.label, 3)
    canvas = window.canvas
    hold(canvas.viewport(), encode_block(tile.block), canvas.insertion_point(place))
    window.grab()
    leave(canvas.viewport())
    session.select((place - 1,))
    button = next(
        button for group in window.palette_panel._groups for button in group.tiles
        if button.tile is tile
    )  # fmt: skip
    button.chosen.emit(tile.block)
    assert session.network.blocks[place] == tile.block
    assert session.selection == (place,)
    assert session.report.ok, session.report.problems
    for panel in (window.feature_maps, window.filters):
        window.tabs.setCurrentWidget(panel)
        panel.refresh()
    _show_everything(window, place)
    _change_every_setting(window, place, tile.block)
    _train_two_steps(window, qtbot)
    while session.history.undo_words:
        session.undo()
    assert session.network == start


def _show_everything(window: MainWindow, place: int) -> None:
    """What is painted of the block, painted."""
    entry = window.session.report.blocks[place]
    face = window.canvas.card(place).face
    assert face.state is State.KNOWN
    assert face.parts[0].text
    facts = window.inspector.facts
    assert facts.output.result.text() == face.size
    assert facts.parameters.result.text() == f"{entry.parameters:,}"
    window.feature_maps.chooser.setCurrentIndex(place)
    window.grab()


def _change_every_setting(window: MainWindow, place: int, block: Block) -> None:
    """Through the editor, as a person would; also values that do not fit are shown."""
    session, form = window.session, window.inspector.form
    assert form is not None
    assert list(form.editors) == list(block.declarations())
    for name, setting in block.declarations().items():
        for value in other_values(setting, block.values()[name]):
            editor = form.editors[name]
            editor._accept(value, merge=False)
            assert session.network.blocks[place].values()[name] == value
            assert editor.value() == value
            window.canvas.grab()
            session.undo()
            assert session.network.blocks[place] == block
            turn()
            assert editor.value() == block.values()[name]


def _train_two_steps(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    assert session.train_refusal is None
    session.step()
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 2)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")


def test_every_block_type_has_a_tile() -> None:
    offered = {type(tile.block).__name__ for tile in TILES}
    assert offered == {kind.__name__ for kind in BLOCK_TYPES} - {"Input"}


@pytest.mark.parametrize("tile", [None, *TILES], ids=lambda t: t.label if t else "recipe")
def test_no_editor_is_wider_than_the_inspector(window: MainWindow, tile: Tile | None) -> None:
    session = window.session
    if tile is not None:
        session.insert(3, tile.block)
    form = window.inspector.form
    assert form is not None
    form.fold.setChecked(True)
    room = window.inspector.viewport().width() - 2 * MARGIN
    room += window.inspector.verticalScrollBar().width()  # it stands in the margin
    assert form.minimumSizeHint().width() <= room
    assert all(_fits(editor) for editor in form.editors.values())


def _fits(editor: QWidget) -> bool:
    return editor.minimumSizeHint().width() <= editor.width()
