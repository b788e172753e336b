"""The palette: tiles by mouse and keyboard, the search, and the lock while training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from cnnstudio.blocks.palette import PALETTE
from cnnstudio.ui.canvas.paint import width_of
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.edits import LOCKED, TRAINING
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.palette.palette import Group, Palette
from cnnstudio.ui.palette.tiles import TIP_WIDTH, WORDS_LEFT, WORDS_RIGHT, TileButton
from cnnstudio.ui.theme import ThemeManager
from tests.ui.paints import Paints
from tests.ui.turn import turn

TILES = [tile for group in PALETTE for tile in group.tiles]
COMMON = [tile for tile in TILES if not tile.rare]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def palette(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Palette:
    palette = Palette(session, themes)
    show(palette)
    palette.resize(224, 572)
    return palette


def tile(palette: Palette, label: str) -> TileButton:
    return next(tile for tile in palette.tiles if tile.tile.label == label)


def set_training(session: Session, state: str) -> None:
    session._run.state = state
    session.training_changed.emit()


def test_every_block_of_the_palette_has_a_tile(palette: Palette) -> None:
    palette.resize(224, 800)
    assert [shown.tile for shown in palette.tiles] == COMMON
    for group in palette.findChildren(Group):
        if not group.fold.isHidden():
            QTest.mouseClick(group.fold, LEFT)
    assert [shown.tile for shown in palette.tiles] == TILES
    assert all(shown.accessibleName() and shown.toolTip() for shown in palette.tiles)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    inside = palette.rect()
    assert all(
        inside.contains(shown.mapTo(palette, shown.rect().center())) for shown in palette.tiles
    )


@pytest.mark.parametrize("height", [400, 800])
def test_names_are_not_cut(palette: Palette, height: int) -> None:
    palette.resize(224, height)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    for shown in palette.tiles:
        room = shown.width() - WORDS_LEFT - WORDS_RIGHT
        assert width_of(shown.tile.label, 12) <= room, shown.tile.label


def test_rare_blocks_are_folded_away_but_found(palette: Palette) -> None:
    fold = next(g.fold for g in palette.findChildren(Group) if not g.fold.isHidden())
    assert fold.text() == "2 more"
    fold.click()
    assert fold.text() == "fewer"
    assert "Table conv" in [shown.tile.label for shown in palette.tiles]
    fold.click()
    assert [shown.tile for shown in palette.tiles] == COMMON
    palette.search("gelu")
    assert [shown.tile.label for shown in palette.tiles] == ["GELU"]


def test_enter_inserts_after_the_selected_card(palette: Palette, session: Session) -> None:
    session.select((2,))
    QTest.keyClick(tile(palette, "Dropout"), Qt.Key.Key_Return)
    assert session.network.names[3] == "DROPOUT 1"
    assert session.selection == (3,)
    QTest.keyClick(tile(palette, "Max pool"), Qt.Key.Key_Space)
    assert session.network.blocks[4] == tile(palette, "Max pool").tile.block


def test_a_double_click_inserts(palette: Palette, session: Session) -> None:
    session.select((7,))
    QTest.mouseDClick(tile(palette, "Flatten"), LEFT, NONE, QPoint(20, 10))
    assert session.network.names[8] == "FLATTEN 1"


def test_arrows_go_from_tile_to_tile_and_tab_stops_once(palette: Palette) -> None:
    tiles = palette.tiles
    assert [t.focusPolicy() == Qt.FocusPolicy.StrongFocus for t in tiles].count(True) == 1
    tiles[0].setFocus()
    for key, place in (
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
    ):
        QTest.keyClick(palette.focusWidget(), key)
        assert palette.focusWidget() is tiles[place]
        assert tiles[place].focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_a_drag_carries_the_block_and_its_picture(
    palette: Palette, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []

    def run(drag: QDrag, *_actions: Qt.DropAction) -> Qt.DropAction:
        started.append((mime.decode_block(drag.mimeData()), drag.pixmap().size()))
        drag.deleteLater()
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", run)
    source = tile(palette, "Conv 2D")
    QTest.mousePress(source, LEFT, NONE, QPoint(20, 10))
    QTest.mouseMove(source, QPoint(20 + QApplication.startDragDistance() - 1, 10))
    assert not started
    QTest.mouseMove(source, QPoint(20 + QApplication.startDragDistance(), 10))
    QTest.mouseRelease(source, LEFT, NONE, QPoint(40, 10))
    (block, size) = started[0]
    assert block == source.tile.block
    assert size.width() > 136


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("pool", ["Max pool", "Average pool", "Global average"]),
        ("MAX  pool", ["Max pool"]),
        ("convolution", ["Conv 2D", "Transposed conv", "Tiled conv", "Table conv"]),
        ("nothing like it", []),
        ("", [t.label for t in COMMON]),
    ],
)
def test_search(palette: Palette, text: str, labels: list[str]) -> None:
    palette.search(text)
    assert [shown.tile.label for shown in palette.tiles] == labels


def test_typing_searches_and_enter_inserts_the_first(palette: Palette, session: Session) -> None:
    field = palette.findChild(QLineEdit)
    assert field is not None
    assert field.isHidden()
    QTest.keyClicks(palette.tiles[0], "d")
    QTest.keyClicks(field, "rop")
    assert [shown.tile.label for shown in palette.tiles] == ["Dropout"]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.network.names[-1] == "DROPOUT 1"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.isHidden()
    assert len(palette.tiles) == len(COMMON)


def test_training_locks(palette: Palette, session: Session) -> None:
    before = session.network
    set_training(session, "running")
    source = tile(palette, "Conv 2D")
    assert not source.isEnabled()
    assert source.toolTip().endswith(LOCKED)
    QTest.mouseDClick(source, LEFT, NONE, QPoint(20, 10))
    assert session.network is before
    set_training(session, "idle")
    turn()
    assert source.isEnabled()
    assert "double-click" in source.toolTip()
    QTest.mouseDClick(source, LEFT, NONE, QPoint(20, 10))
    assert len(session.network) == len(before) + 1


def test_a_pause_paints_no_tile(palette: Palette, session: Session) -> None:
    set_training(session, "running")
    turn()
    shown = [tile for tile in palette.tiles if not tile.visibleRegion().isEmpty()]
    tiles = shown[1:]  # the lock in the corner stands upon the first
    turn()
    paints = Paints(*tiles)
    for state in ("paused", "running"):
        set_training(session, state)
        turn()
        turn()
    assert paints.count == 0, "they look as before"
    set_training(session, "idle")
    turn()
    turn()
    assert paints.count >= len(tiles)


def test_a_palette_that_is_not_seen_takes_the_lock_when_it_is_shown(
    palette: Palette, session: Session
) -> None:
    source = tile(palette, "Conv 2D")
    palette.hide()
    set_training(session, "running")
    turn()
    assert source.isEnabled()
    palette.show()
    assert not source.isEnabled()
    set_training(session, "idle")


def test_a_locked_tile_says_why_and_offers_a_copy(palette: Palette, session: Session) -> None:
    """Regression: a drag and a double click said nothing, only the keyboard was answered."""
    told: list[Notice] = []
    session.noticed.connect(told.append)
    set_training(session, "running")
    source, far = tile(palette, "Conv 2D"), QApplication.startDragDistance()
    QTest.mouseClick(source, LEFT, NONE, QPoint(20, 10))
    assert not told, "a click alone wants nothing"
    QTest.mousePress(source, LEFT, NONE, QPoint(20, 10))
    for x in (far - 1, far, far + 20, far + 40):
        QTest.mouseMove(source, QPoint(20 + x, 10))
    QTest.mouseRelease(source, LEFT, NONE, QPoint(60 + far, 10))
    assert [notice.sentence for notice in told] == [TRAINING]
    assert [offer.words for offer in told[0].offers] == ["Edit a copy"]
    QTest.mouseDClick(source, LEFT, NONE, QPoint(20, 10))
    assert [notice.sentence for notice in told] == [TRAINING] * 2
    set_training(session, "idle")


def test_no_line_of_a_tooltip_covers_half_of_the_window(palette: Palette) -> None:
    lines = [line for shown in palette.tiles for line in shown.toolTip().splitlines()]
    assert max(map(len, lines)) <= TIP_WIDTH


def test_it_is_painted_in_both_themes(
    palette: Palette, session: Session, themes: ThemeManager
) -> None:
    light = palette.grab().toImage()
    themes.choose("dark")
    palette.show_bin(True)
    set_training(session, "running")
    assert palette.grab().toImage() != light
    set_training(session, "idle")
