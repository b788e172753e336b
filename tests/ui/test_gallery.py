"""The gallery: what it shows, and how one is chosen with the mouse or the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Family
from cnnstudio.network import Network, check, templates
from cnnstudio.network.project_file import Project, save
from cnnstudio.ui.document import recent
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.palette.gallery import Gallery
from cnnstudio.ui.palette.gallery_card import PICTURE, WIDTH, GalleryCard
from cnnstudio.ui.palette.gallery_entries import accuracy

Answer = QMessageBox.StandardButton


@pytest.fixture
def gallery(window: MainWindow, qtbot: QtBot) -> Gallery:
    """Opened by the action, with the keyboard on the first template."""
    window.activateWindow()
    window.actions_by_name["new"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), GalleryCard))
    return window.gallery


def card(gallery: Gallery, name: str) -> GalleryCard:
    return next(card for card in gallery.cards if card.entry.name == name)


def press(key: Qt.Key, *more: Qt.Key) -> None:
    for each in (key, *more):
        QTest.keyClick(QApplication.focusWidget(), each)


def names(gallery: Gallery) -> list[str]:
    return [card.entry.name for card in gallery.cards]


def test_all_templates_and_an_empty_network_are_there(gallery: Gallery) -> None:
    assert sorted(names(gallery)) == sorted((*templates.names(), "empty"))
    assert names(gallery)[:3] == ["empty", "lecture", "tiny"]
    assert gallery.current is card(gallery, "lecture")
    spoken = card(gallery, "nielsen-2")
    assert spoken.accessibleName() == ("Nielsen 2: one convolution, 289,630 parameters, 98.78 %")
    assert "The book reports 98.78 %" in spoken.accessibleDescription()


def test_the_accuracy_is_what_the_description_says() -> None:
    found = {t.name: accuracy(t.description) for t in templates.list_all()}
    assert found["lecture"] == "99 %"
    assert found["nielsen-11"] == "99.60 %"
    assert found["lenet5"] == ""


def test_a_click_shows_and_a_double_click_opens(
    window: MainWindow, gallery: Gallery, qtbot: QtBot
) -> None:
    chosen = card(gallery, "lenet5")
    QTest.mouseClick(chosen, Qt.MouseButton.LeftButton)
    assert gallery.is_open
    assert gallery.current is chosen
    assert "After LeCun 1998" in gallery.words
    QTest.mouseDClick(chosen, Qt.MouseButton.LeftButton)
    assert not gallery.is_open
    assert window.session.network == templates.load("lenet5").network
    assert not window.session.modified


def test_the_keyboard_alone_finds_and_opens(window: MainWindow, gallery: Gallery) -> None:
    press(Qt.Key.Key_Right)
    assert gallery.current.entry.name == "tiny"
    press(Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert gallery.current.entry.name == "empty"
    press(Qt.Key.Key_Left)
    assert gallery.current.entry.name == "empty"
    press(Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert gallery.current.entry.name == "nielsen-2"
    press(Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert gallery.current.entry.name == "lecture"
    press(Qt.Key.Key_End)
    assert gallery.current.entry.name == "best"
    press(Qt.Key.Key_Home, Qt.Key.Key_Return)
    assert window.session.network == Network()
    assert not gallery.is_open


def test_typing_searches_and_enter_opens_what_is_found(
    window: MainWindow, gallery: Gallery
) -> None:
    QTest.keyClick(QApplication.focusWidget(), "d")
    assert QApplication.focusWidget() is gallery.search
    QTest.keyClicks(gallery.search, "ropout 1,000")
    assert names(gallery) == ["nielsen-11"]
    press(Qt.Key.Key_Return)
    assert window.session.network == templates.load("nielsen-11").network


def test_a_search_without_results_says_so_and_opens_nothing(
    window: MainWindow, gallery: Gallery
) -> None:
    QTest.keyClicks(gallery.search, "nothing like it")
    assert names(gallery) == []
    assert gallery.current is None
    assert not gallery.begin_button.isEnabled()
    before = window.session.network
    press(Qt.Key.Key_Return)
    assert gallery.is_open
    gallery.search.clear()
    assert len(gallery.cards) == 18
    assert gallery.current is not None
    assert window.session.network is before


def test_a_letter_that_the_search_has_no_use_for_comes_to_nothing(gallery: Gallery) -> None:
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert gallery.is_open
    assert gallery.search.text() == ""


def test_escape_closes_and_gives_the_keyboard_back(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.setFocus()
    window.actions_by_name["new"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), GalleryCard))
    press(Qt.Key.Key_Escape)
    assert not window.gallery.is_open
    assert window.canvas.hasFocus()
    assert window.session.network == templates.load("lecture").network


def test_the_keyboard_goes_on_when_who_had_it_is_gone(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    window.actions_by_name["new"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), GalleryCard))
    with qtbot.waitSignal(field.destroyed):
        field.deleteLater()
    press(Qt.Key.Key_Escape)
    assert not window.gallery.is_open
    assert not window.gallery.isAncestorOf(QApplication.focusWidget())


def test_ctrl_n_opens_it(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    QTest.keyClick(window.canvas, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.gallery.is_open


def test_a_click_beside_closes(gallery: Gallery) -> None:
    QTest.mouseClick(gallery, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert not gallery.is_open


def test_tab_goes_round_inside(gallery: Gallery) -> None:
    seen = []
    for _ in range(5):
        press(Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert all(gallery.isAncestorOf(widget) for widget in seen)
    assert len(set(seen)) == 5
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is seen[3]


def test_enter_on_a_button_is_that_button(window: MainWindow, gallery: Gallery) -> None:
    before = window.session.network
    gallery.close_button.setFocus()
    press(Qt.Key.Key_Return)
    assert not gallery.is_open
    assert window.session.network is before


def test_shortcuts_of_the_window_rest_below(window: MainWindow, gallery: Gallery) -> None:
    window.session.select((1,))
    press(Qt.Key.Key_Delete)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(window.session.network) == 8
    assert window.session.selection == (1,)


def test_unsaved_work_is_asked_about(
    window: MainWindow, qtbot: QtBot, answer: Callable[[Answer], list[str]]
) -> None:
    window.session.remove((1,))
    before = window.session.network
    window.gallery.open()
    asked = answer(Answer.Cancel)
    QTest.mouseClick(card(window.gallery, "tiny"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.gallery.begin_button, Qt.MouseButton.LeftButton)
    assert asked == ["Save the changes?"]
    assert window.session.network is before


def test_open_asks_for_a_file(
    window: MainWindow, gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.cnn"
    save(templates.load("tiny"), path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(gallery.open_button, Qt.MouseButton.LeftButton)
    assert window.session.path == path


# ---- pictures


def colours(picture: QPixmap) -> set[str]:
    image = picture.toImage()
    ratio = image.devicePixelRatio()
    across, down = range(0, round(WIDTH * ratio)), range(0, round(PICTURE * ratio), 2)
    return {image.pixelColor(x, y).name() for x in across for y in down}


def test_the_picture_is_of_the_network_in_both_themes(window: MainWindow, gallery: Gallery) -> None:
    lecture, empty = card(gallery, "lecture"), card(gallery, "empty")
    seen = {}
    for theme in ("light", "dark"):
        window.themes.choose(theme)
        seen[theme] = colours(lecture.grab()), colours(empty.grab())
        ground = window.themes.theme.color("canvas").name()
        assert ground in seen[theme][0]
        assert len(seen[theme][0]) > 2 * len(seen[theme][1])
    window.themes.choose("light")
    assert seen["light"] != seen["dark"]
    families = {entry.block.family for entry in check(lecture.entry.network).blocks}
    assert {Family.CONV, Family.POOL, Family.FC} <= families


# ---- recent files


def show_recent(window: MainWindow) -> dict[str, GalleryCard]:
    window.gallery.open()
    window.gallery.finish_reading()
    return {shown.entry.title: shown for shown in window.gallery.cards[:4]}


def test_recent_files_come_with_picture_and_date(window: MainWindow, tmp_path: Path) -> None:
    assert window.documents.save_to(tmp_path / "mine.cnn")
    save(Project(templates.load("tiny").network), tmp_path / "bare.json")
    (tmp_path / "broken.cnn").write_bytes(b"PK nothing")
    for name in ("broken.cnn", "gone.cnn", "bare.json"):
        recent.remember(tmp_path / name)
    found = show_recent(window)
    assert list(found) == ["bare", "gone", "broken", "mine"]
    assert found["mine"].entry.network == window.session.network
    assert found["mine"].entry.line.startswith("today, ")
    assert found["gone"].entry.line == "not there any more"
    assert found["bare"].entry.report.parameters == 3_098
    assert len(colours(found["mine"].grab())) > 20
    assert len(colours(found["bare"].grab())) > 20


def test_the_name_of_a_file_is_written_as_it_is(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "net 28x28 - a.cnn"
    save(templates.load("tiny"), path)
    recent.remember(path)
    card = show_recent(window)["net 28x28 - a"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert window.gallery.words.startswith(f"{path}, changed ")
    assert card.toolTip() == window.gallery.words
    window.gallery.search.setText("28x28")
    assert window.gallery.cards[0] is card
    window.gallery.search.setText("two 3x3")
    assert len(window.gallery.cards) == 1
    assert "a 5×5 and two 3×3 convolutions" in window.gallery.words


def test_a_recent_file_is_opened_from_its_card(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.cnn"
    save(templates.load("tiny"), path)
    recent.remember(path)
    found = show_recent(window)
    QTest.mouseClick(found["mine"], Qt.MouseButton.LeftButton)
    QTest.mouseDClick(found["mine"], Qt.MouseButton.LeftButton)
    assert window.session.path == path


def test_one_that_is_gone_is_told_and_leaves_the_list(window: MainWindow, tmp_path: Path) -> None:
    recent.remember(tmp_path / "gone.cnn")
    found = show_recent(window)
    QTest.mouseClick(found["gone"], Qt.MouseButton.LeftButton)
    press(Qt.Key.Key_Return)
    assert "gone.cnn is no longer in" in window.messages.notice.sentence
    window.gallery.open()
    assert names(window.gallery)[0] == "empty"


def test_four_are_shown_until_more_are_asked_for_or_searched(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    for number in range(7):
        path = tmp_path / f"mine-{number}.cnn"
        save(templates.load("tiny"), path)
        recent.remember(path)
    window.gallery.open()
    window.gallery.finish_reading()
    assert len(window.gallery.cards) == 18 + 4
    more = window.gallery.more_button
    assert more.text() == "3 more"
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert len(window.gallery.cards) == 18 + 7
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    window.gallery.search.setText("mine-0.cnn")
    assert [shown.entry.title for shown in window.gallery.cards] == ["mine-0"]
