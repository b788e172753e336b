"""Every action of the table: words, icon, keys and place, and a trigger whose effect is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, MaxPool2D
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import templates, text_form
from cnnstudio.ui.canvas.title_name import NameField
from cnnstudio.ui.document.diagram import FIGURES
from cnnstudio.ui.document.documents import EXPORT_FILTERS
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.frame.panels import PANELS, TABS
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.menu.action_families import slug, table
from cnnstudio.ui.menu.action_words import lowered
from cnnstudio.ui.menu.actions import ACTIONS
from cnnstudio.ui.parts import question
from cnnstudio.ui.theme import CHOICES


@dataclass
class Bench:
    """The window with what a check of an action needs."""

    window: MainWindow
    qtbot: QtBot
    patch: pytest.MonkeyPatch
    folder: Path

    def do(self, name: str) -> None:
        """Trigger the action; it must be on."""
        action = self.window.actions_by_name[name]
        assert action.isEnabled(), f"{name}: {action.toolTip()}"
        action.trigger()

    def refuses(self, name: str) -> str:
        """The reason why the action is off."""
        action = self.window.actions_by_name[name]
        assert not action.isEnabled(), name
        return action.toolTip()

    def answer_file(self, kind: str, path: Path) -> list[str]:
        """Choose `path` in the next file dialog; returns the list of filters it was asked for."""
        asked: list[str] = []

        def ask(_parent: QWidget, _title: str, _folder: str, filters: str) -> tuple[str, str]:
            asked.append(filters)
            return str(path), filters

        self.patch.setattr(QFileDialog, kind, ask)
        return asked


@pytest.fixture
def bench(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Bench:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return Bench(window, qtbot, monkeypatch, tmp_path)


Check = Callable[[Bench], None]
CHECKS: dict[str, Check] = {}


def check(*names: str) -> Callable[[Check], Check]:
    """Make a function the check of the actions called `names`."""

    def register(function: Check) -> Check:
        assert not CHECKS.keys() & set(names), "an action is checked twice"
        CHECKS.update(dict.fromkeys(names, function))
        return function

    return register


# ---- the table


SPECS = {spec.name: spec for spec in table()}


def test_every_action_is_checked() -> None:
    assert sorted(CHECKS) == sorted(SPECS)


def test_names_and_words_are_told_apart() -> None:
    assert len(SPECS) == len(table()), "two actions have one name"
    titles = Counter(spec.command or spec.text for spec in SPECS.values())
    assert [title for title, number in titles.items() if number > 1] == []
    assert all(spec.text and spec.help.endswith((".", "!")) for spec in ACTIONS)


def test_no_two_actions_share_a_shortcut(window: MainWindow) -> None:
    keys = Counter(
        key.toString(QKeySequence.SequenceFormat.PortableText)
        for action in window.actions_by_name.values()
        for key in action.shortcuts()
    )
    assert [key for key, number in keys.items() if number > 1] == []
    assert "" not in keys


def test_what_stands_in_the_toolbar_has_an_icon_and_a_tooltip(window: MainWindow) -> None:
    shown = [action for action in window.toolbar.actions() if action.objectName()]
    assert len(shown) >= 8
    assert all(not action.icon().isNull() for action in shown)
    for button in window.toolbar.findChildren(QToolButton):
        if button.isVisible():
            assert not button.icon().isNull()
            assert button.toolTip()


def in_menus(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        inner = QMenu.menuInAction(action)
        if inner:
            yield from in_menus(inner)
        else:
            yield action


def test_every_action_stands_in_the_command_list_and_most_in_a_menu(window: MainWindow) -> None:
    listed = {command.name for command in window.action_set.commands()}
    assert listed == set(SPECS)
    found = set(in_menus(window.menus.main))
    for name, spec in SPECS.items():
        action = window.actions_by_name[name]
        assert action.objectName() == f"action_{name}"
        assert (action in found) == bool(spec.menu), name


def test_every_action_that_is_off_says_why(bench: Bench) -> None:
    window, session = bench.window, bench.window.session
    states: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: session.replace(3, session.network.blocks[3].with_values(stride=2), "Break"),
        session.undo,
        session.step,
    )
    off = set()
    for change in states:
        change()
        for name, spec in SPECS.items():
            action, refusal = window.actions_by_name[name], spec.refusal(session)
            assert action.isEnabled() == (refusal is None), name
            if refusal is not None:
                off.add(name)
                assert refusal.endswith("."), name
                assert action.toolTip() != spec.help, name
    assert {"undo", "cut", "train", "pause", "export", "open", "insert_relu"} <= off
    session.stop()


def test_a_step_has_a_name_everywhere(bench: Bench) -> None:
    session, window = bench.window.session, bench.window
    session.move((3,), 2)
    undo = window.actions_by_name["undo"]
    assert undo.text() == "Undo move CONV 2"
    assert undo.toolTip() == "Undo move CONV 2  (Ctrl+Z)"
    titles = [command.title for command in window.action_set.commands()]
    assert "Undo move CONV 2" in titles
    undo.trigger()
    assert window.actions_by_name["redo"].text() == "Redo move CONV 2"
    assert undo.toolTip() == "There is nothing to undo."
    assert lowered("CONV 1 to the end") == "CONV 1 to the end"


def test_the_list_of_steps_goes_back_several_at_once(bench: Bench) -> None:
    session, window = bench.window.session, bench.window
    before = session.network
    for index in (7, 6, 5):
        session.remove((index,))
    back, forward = (window.menus.by_path[f"Edit/{word} to"] for word in ("Undo", "Redo"))
    back.aboutToShow.emit()
    assert [a.text() for a in back.actions()] == ["Delete FC 1", "Delete FC 2", "Delete FC 3"]
    assert back.actions()[2].toolTip() == "3 steps are undone."
    back.actions()[2].trigger()
    assert session.network == before
    back.aboutToShow.emit()
    assert [(a.text(), a.isEnabled()) for a in back.actions()] == [("Nothing yet", False)]
    forward.aboutToShow.emit()
    assert [a.text() for a in forward.actions()] == ["Delete FC 3", "Delete FC 2", "Delete FC 1"]
    forward.actions()[1].trigger()
    assert len(session.network) == len(before) - 2
    for name in ("undo", "redo"):
        button = window.toolbar.widgetForAction(window.actions_by_name[name])
        assert button.menu() is window.menus.by_path[f"Edit/{name.capitalize()} to"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Alt, Qt.Key.Key_F10])
def test_the_menu_opens_by_keyboard(bench: Bench, key: Qt.Key) -> None:
    window = bench.window
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key)
    menu = QApplication.activePopupWidget()
    assert menu is window.menus.main
    assert menu.activeAction().text() == "File"
    QTest.keyClick(menu, Qt.Key.Key_Escape)


def test_alt_as_a_part_of_something_else_opens_nothing(bench: Bench) -> None:
    canvas, session = bench.window.canvas, bench.window.session
    session.select((1,))
    canvas.setFocus()
    QTest.keyPress(canvas, Qt.Key.Key_Alt)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    QTest.keyRelease(canvas, Qt.Key.Key_Alt)
    assert QApplication.activePopupWidget() is None
    assert session.history.undo_words == "Move CONV 1"
    QTest.keyPress(canvas, Qt.Key.Key_Alt)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    QTest.keyRelease(canvas, Qt.Key.Key_Alt)
    assert QApplication.activePopupWidget() is None


def test_shortcuts_reach_their_actions(bench: Bench) -> None:
    """Real keys, each once where it is far from the rest: a family, an overlay, an edit."""
    window, session = bench.window, bench.window.session
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert window.outline.hasFocus()
    session.select((1,))
    QTest.keyClick(window.outline, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(session.network) == 9
    QTest.keyClick(window.outline, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(session.network) == 8
    QTest.keyClick(window.outline, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert len(session.network) == 9
    session.undo()
    QTest.keyClick(window.outline, Qt.Key.Key_F1)
    assert window.shortcut_sheet.is_open
    window.shortcut_sheet.close_and_return()
    assert window.outline.hasFocus()


# ---- File


@check("new")
def new_opens_the_gallery(bench: Bench) -> None:
    bench.do("new")
    assert bench.window.gallery.is_open
    bench.window.gallery.close_and_return()
    bench.window.gallery.finish_reading()


@check("new_empty", *(f"new_{template.name}" for template in templates.list_all()))
def new_begins_with_each_template(bench: Bench) -> None:
    session = bench.window.session
    for template in templates.list_all():
        bench.do(f"new_{template.name}")
        assert session.network == template.project.network, template.name
        assert session.recipe == template.project.recipe, template.name
    bench.do("new_empty")
    assert len(session.network) == 1


@check("probe_next", "probe_previous", "probe_same", "probe_wrong")
def another_image_becomes_the_probe(bench: Bench) -> None:
    session = bench.window.session
    labels = session.images("test").labels

    def index() -> int:
        assert session.probe is not None
        return session.probe.index

    session.set_probe(5)
    bench.do("probe_next")
    assert index() == 6
    bench.do("probe_previous")
    assert index() == 5
    bench.do("probe_same")
    assert index() == next(i for i in range(6, 10_000) if labels[i] == labels[5])
    before = index()
    bench.do("probe_wrong")
    bench.qtbot.waitUntil(lambda: index() != before)
    assert session.probabilities is not None
    assert session.probabilities.argmax() != labels[index()]
    assert session.probe is not None
    session.set_probe_picture(session.probe.pixels)
    assert "has no label" in bench.refuses("probe_same")


@check("open", "clear_recent")
def open_shows_a_file_and_remembers_it(bench: Bench) -> None:
    path = bench.folder / "mine.cnn"
    assert bench.window.documents.save_to(path)
    bench.window.documents.new("tiny")
    bench.answer_file("getOpenFileName", path)
    bench.do("open")
    assert bench.window.session.path == path
    titles = [command.title for command in bench.window.documents.recent_commands()]
    assert any("mine" in title for title in titles)
    bench.do("clear_recent")
    assert all(command.refusal for command in bench.window.documents.recent_commands())


@check("save", "save_as")
def save_writes_the_file(bench: Bench) -> None:
    session, path = bench.window.session, bench.folder / "mine.cnn"
    bench.answer_file("getSaveFileName", path)
    session.remove((1,))
    bench.do("save_as")
    assert path.is_file()
    assert not session.modified
    before = path.read_bytes()
    session.remove((1,))
    bench.do("save")
    assert path.read_bytes() != before
    assert not session.modified


@check("rename")
def rename_edits_the_name_in_its_place(bench: Bench) -> None:
    bench.do("rename")
    field = bench.window.canvas.findChild(NameField)
    assert field.hasFocus()
    bench.qtbot.keyClicks(field, "Mine")
    bench.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bench.window.session.title == "Mine"
    bench.window.session.step()
    assert "Training is going on" in bench.refuses("rename")


@check(*(f"figure_{suffix[1:]}" for suffix in FIGURES))
def figures_are_saved_in_each_format(bench: Bench) -> None:
    for suffix, beginning in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF-1.")):
        path = bench.folder / f"a{suffix}"
        bench.answer_file("getSaveFileName", path)
        bench.do(f"figure_{suffix[1:]}")
        assert path.read_bytes().startswith(beginning)


@check("export", *(f"export_{suffix[1:]}" for suffix in EXPORT_FILTERS))
def export_writes_each_format(bench: Bench) -> None:
    bench.window.documents.new("tiny")
    bench.qtbot.waitUntil(lambda: bench.window.session.model is not None)
    for name, suffix in (("export", ".onnx"), *((f"export_{s[1:]}", s) for s in EXPORT_FILTERS)):
        path = bench.folder / f"{name}{suffix}"
        asked = bench.answer_file("getSaveFileName", path)
        bench.do(name)
        bench.window.documents.finish_export()
        assert asked == [EXPORT_FILTERS[suffix]]
        assert path.is_file(), name


@check("quit")
def quit_closes_the_window(bench: Bench) -> None:
    bench.do("quit")
    assert not bench.window.isVisible()


# ---- Edit


@check("undo", "redo")
def undo_and_redo_travel(bench: Bench) -> None:
    session = bench.window.session
    assert bench.refuses("undo") == "There is nothing to undo."
    session.remove((1,))
    changed = session.network
    bench.do("undo")
    assert len(session.network) == 8
    bench.do("redo")
    assert session.network == changed
    assert bench.refuses("redo") == "There is nothing to do again."


@check("cut", "copy", "paste", "duplicate", "delete")
def the_clipboard_moves_blocks(bench: Bench) -> None:
    session = bench.window.session
    assert bench.refuses("cut") == "No block is selected."
    session.select((0,))
    assert "INPUT always stays" in bench.refuses("delete")
    session.select((2,))
    pool = session.network.blocks[2]
    bench.do("cut")
    assert len(session.network) == 7
    session.select((4,))
    bench.do("paste")
    assert session.network.blocks[5] == pool
    session.select((1,))
    bench.do("copy")
    bench.do("paste")
    assert session.network.blocks[1] == session.network.blocks[2]
    bench.do("duplicate")
    assert session.network.blocks[1] == session.network.blocks[3]
    bench.do("delete")
    assert len(session.network) == 9


@check("copy_text")
def copy_text_gives_the_line(bench: Bench) -> None:
    bench.window.session.select((1, 2))
    bench.do("copy_text")
    assert QGuiApplication.clipboard().text() == "CONV 6@5x5 + RELU > POOL max 2x2"
    bench.window.session.select(())
    bench.do("copy_text")
    assert text_form.read(QGuiApplication.clipboard().text()) == bench.window.session.network


@check("select_all")
def select_all_takes_all_but_the_input(bench: Bench) -> None:
    bench.do("select_all")
    assert bench.window.session.selection == tuple(range(1, 8))


@check("open_composite")
def open_composite_shows_the_inner_blocks(bench: Bench) -> None:
    window = bench.window
    window.session.select((1,))
    assert "Residual and Parallel" in bench.refuses("open_composite")
    bench.do("insert_residual")
    is_open = window.canvas.pipeline.nests.is_open
    assert not is_open((2,))
    bench.do("open_composite")
    assert is_open((2,))
    bench.do("open_composite")
    assert not is_open((2,))


@check("repairs")
def repairs_are_listed_with_what_they_lead_to(bench: Bench) -> None:
    window, session = bench.window, bench.window.session
    assert bench.refuses("repairs") == "There is nothing to repair."
    session.replace(3, session.network.blocks[3].with_values(stride=2), "Break")
    session.select((1,))
    bench.do("repairs")
    assert window.canvas.doctor.is_open
    assert window.canvas.doctor.place == 3
    window.canvas.doctor.dismiss()


# ---- Insert


@check(*(f"insert_{slug(tile.label)}" for group in PALETTE for tile in group.tiles))
def insert_puts_each_block_behind_the_selection(bench: Bench) -> None:
    session = bench.window.session
    for tile in (tile for group in PALETTE for tile in group.tiles):
        session.select((1,))
        bench.do(f"insert_{slug(tile.label)}")
        assert session.network.blocks[2] == tile.block, tile.label
        assert session.selection == (2,), tile.label
        session.undo()


@check("quick_add")
def quick_add_asks_and_gives_the_keyboard_back(bench: Bench) -> None:
    window = bench.window
    window.session.select((2,))
    window.panels.go_to("outline")
    QTest.keyClick(window.outline, Qt.Key.Key_Escape)
    bench.do("quick_add")
    field = window.canvas.quick_add.field
    assert field.hasFocus()
    QTest.keyClicks(field, "conv 16 5x5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.session.network.blocks[3] == Conv2D(16, 5, activation="relu")
    assert window.outline.hasFocus()


# ---- View


@check("fit", "actual_size", "zoom_in", "zoom_out")
def zooming(bench: Bench) -> None:
    canvas = bench.window.canvas
    bench.do("actual_size")
    assert canvas.zoom == 1
    bench.do("zoom_in")
    larger = canvas.zoom
    assert larger > 1
    bench.do("zoom_out")
    assert canvas.zoom < larger
    bench.window.session.insert(8, *[MaxPool2D(1, 1)] * 40)
    bench.do("fit")
    assert canvas.zoom < 1


@check("go_canvas", *(f"go_{panel.name}" for panel in PANELS))
def going_gives_the_keyboard(bench: Bench) -> None:
    window = bench.window
    for panel in PANELS:
        dock = window.panels.docks[panel.name]
        dock.hide()
        bench.do(f"go_{panel.name}")
        assert dock.isVisible(), panel.name
        focus = QApplication.focusWidget()
        assert focus is not None, panel.name
        assert dock.isAncestorOf(focus), panel.name
    bench.do("go_canvas")
    assert window.canvas.hasFocus()


@check("enlarge_tabs")
def enlarge_tabs(bench: Bench) -> None:
    dock = bench.window.panels.docks["tabs"]
    before = dock.height()
    bench.do("enlarge_tabs")
    bench.qtbot.waitUntil(lambda: dock.height() > before + 50)
    bench.do("enlarge_tabs")
    bench.qtbot.waitUntil(lambda: dock.height() == before)


@check(*(f"tab_{tab.name}" for tab in TABS))
def tabs_come_to_the_front(bench: Bench) -> None:
    panels = bench.window.panels
    panels.docks["tabs"].hide()
    for tab in TABS:
        bench.do(f"tab_{tab.name}")
        assert panels.tabs.currentWidget() is panels.by_tab[tab.name]
        assert panels.tabs.isVisible()


@check(*(f"panel_{panel.name}" for panel in PANELS), "reset_layout")
def panels_are_hidden_and_come_back(bench: Bench) -> None:
    window = bench.window
    for panel in PANELS:
        action, dock = (
            window.actions_by_name[f"panel_{panel.name}"],
            window.panels.docks[panel.name],
        )
        assert action.isChecked()
        bench.do(f"panel_{panel.name}")
        assert dock.isHidden()
        assert not action.isChecked()
    bench.do("panel_outline")
    assert window.panels.docks["outline"].isVisible()
    assert window.actions_by_name["panel_outline"].isChecked()
    bench.do("reset_layout")
    assert all(dock.isVisible() for dock in window.panels.docks.values())
    assert all(window.actions_by_name[f"panel_{panel.name}"].isChecked() for panel in PANELS)


@check(*(f"theme_{name}" for name in CHOICES))
def themes_are_chosen(bench: Bench) -> None:
    window = bench.window
    for name in ("dark", "system", "light"):
        bench.do(f"theme_{name}")
        assert window.themes.choice == name
        on = [n for n in CHOICES if window.actions_by_name[f"theme_{n}"].isChecked()]
        assert on == [name]
    bench.do("theme_light")
    assert window.actions_by_name["theme_light"].isChecked(), "a second click leaves it on"


# ---- Train, data


@check("edit_copy")
def a_copy_is_edited_beside_the_training(bench: Bench) -> None:
    session = bench.window.session
    assert "edit the network itself" in bench.refuses("edit_copy")
    bench.do("step")
    bench.do("edit_copy")
    assert session.editing_copy
    session.remove((1,))
    assert "This is a copy already" in bench.refuses("edit_copy")
    bench.do("stop")
    bench.qtbot.waitUntil(lambda: session.training == "idle")


@check("train", "pause", "step", "stop")
def training_goes_through_its_states(bench: Bench) -> None:
    session = bench.window.session
    bench.window.documents.new("tiny")
    assert bench.refuses("pause") == "Nothing is being trained."
    bench.do("step")
    assert session.training == "paused"
    assert bench.window.actions_by_name["train"].text() == "Continue"
    assert bench.refuses("pause") == "Training is paused already."
    assert "stop it first" in bench.refuses("undo")
    bench.do("train")
    assert session.training == "running"
    assert bench.refuses("train") == "Training is going on already."
    bench.do("pause")
    bench.qtbot.waitUntil(lambda: session.training == "paused")
    bench.do("stop")
    bench.qtbot.waitUntil(lambda: session.training == "idle")
    assert session.trained


@check("go_back")
def the_way_back_is_open_while_the_loss_is_away(bench: Bench) -> None:
    session = bench.window.session
    bench.window.documents.new("tiny")
    assert bench.refuses("go_back") == "Nothing is being trained."
    recipe = session.recipe.with_values(optimizer="sgd", learning_rate=100.0, epochs=1000)
    session.set_recipe(recipe)
    bench.do("step")
    assert bench.refuses("go_back").startswith("The loss has not run away")
    with bench.qtbot.waitSignal(session.alarm_changed, timeout=20_000):
        bench.do("train")
    session.noticed.emit(Notice("Something else.", severity="info"))
    action = bench.window.actions_by_name["go_back"]
    assert action.text() == "Go back to epoch 0.00 and train with 0.01"
    bench.do("go_back")
    assert bench.refuses("go_back").startswith("The loss has not run away")
    assert session.recipe.learning_rate == 0.01
    with bench.qtbot.waitSignal(session.changes_changed, timeout=20_000):
        pass
    assert session.changes[-1][1].startswith("Back to the weights of epoch 0.00")
    bench.do("stop")
    bench.qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert bench.refuses("go_back") == "Nothing is being trained."


@check("start_over")
def start_over_gives_the_weights_up(bench: Bench) -> None:
    session = bench.window.session
    bench.window.documents.new("tiny")
    assert bench.refuses("start_over") == "The network has not been trained yet."
    session.step()
    bench.qtbot.waitUntil(lambda: session.trained)
    session.stop()
    bench.qtbot.waitUntil(lambda: session.training == "idle")
    yes = QMessageBox.StandardButton.Yes
    bench.patch.setattr(question, "ask", lambda *_: yes)
    bench.do("start_over")
    assert not session.trained


@check("time_play", "time_earlier", "time_later", "time_now", "time_branch")
def the_time_machine_goes_to_and_fro(bench: Bench) -> None:
    session = bench.window.session
    bench.window.documents.new("tiny")
    assert bench.refuses("time_play") == "There is no past to look at: train first."
    for _ in range(2):
        session.step()
        bench.qtbot.waitUntil(lambda: session.training == "paused" and session.progress is not None)
    session.stop()
    bench.qtbot.waitUntil(lambda: session.training == "idle")
    first, *_, last = session.snapshots
    assert bench.refuses("time_now") == "The present is shown: go to an earlier moment first."
    bench.do("time_earlier")
    bench.qtbot.waitUntil(lambda: session.moment is last)
    bench.qtbot.waitUntil(lambda: bench.window.actions_by_name["time_later"].isEnabled())
    bench.do("time_later")
    bench.qtbot.waitUntil(lambda: session.moment is None)
    bench.do("time_play")
    bench.qtbot.waitUntil(lambda: session.moment is not None)
    assert bench.window.time_machine.playing
    bench.do("time_play")
    assert not bench.window.time_machine.playing
    bench.qtbot.waitUntil(lambda: bench.window.actions_by_name["time_now"].isEnabled())
    bench.do("time_now")
    bench.qtbot.waitUntil(lambda: session.moment is None)
    session.show_moment(first)
    bench.qtbot.waitUntil(lambda: bench.window.actions_by_name["time_branch"].isEnabled())
    bench.do("time_branch")
    assert np.array_equal(session.model.state, first.state)
    assert session.aside is not None


@check("recipe")
def recipe_shows_the_recipe(bench: Bench) -> None:
    bench.window.session.select((1,))
    bench.do("recipe")
    assert bench.window.session.selection == ()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert bench.window.inspector.isAncestorOf(focus)


@check("load_picture", "use_test_image")
def a_picture_becomes_the_probe_and_the_test_image_comes_back(bench: Bench) -> None:
    session, path = bench.window.session, bench.folder / "one.png"
    image = QImage(40, 60, QImage.Format.Format_Grayscale8)
    image.fill(255)
    for row in range(10, 50):
        image.setPixelColor(20, row, QColor("black"))
    assert image.save(str(path))
    assert bench.refuses("use_test_image") == "The cards show a test image already."
    session.set_probe(3)
    bench.answer_file("getOpenFileName", path)
    bench.do("load_picture")
    bench.qtbot.waitUntil(lambda: session.probe is not None and session.probe.is_drawn)
    assert bench.window.draw_pad.paper.hasFocus()
    bench.do("use_test_image")
    assert session.probe is not None
    assert (session.probe.is_drawn, session.probe.index) == (False, 3)


# ---- Help


@check("commands")
def commands_opens_and_closes_the_list(bench: Bench) -> None:
    bench.do("commands")
    assert bench.window.command_list.is_open
    assert bench.window.command_list.field.hasFocus()
    bench.do("commands")
    assert not bench.window.command_list.is_open


@check("shortcuts")
def shortcuts_opens_the_sheet(bench: Bench) -> None:
    bench.do("shortcuts")
    assert bench.window.shortcut_sheet.is_open
    bench.do("shortcuts")
    assert not bench.window.shortcut_sheet.is_open


@check("about")
def about_tells_the_version(bench: Bench) -> None:
    told: list[str] = []
    bench.patch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    bench.do("about")
    assert "CNN Studio" in told[0]
    assert "Yann LeCun" in told[0]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not bench.window.findChildren(QMessageBox)


@check("menu")
def menu_opens(bench: Bench) -> None:
    bench.do("menu")
    menu = QApplication.activePopupWidget()
    assert menu is bench.window.menus.main
    menu.close()


def test_repairs_and_selections_are_commands(bench: Bench) -> None:
    session, window = bench.window.session, bench.window
    session.replace(3, session.network.blocks[3].with_values(stride=2), "Break")
    session.replace(7, FullyConnected(10), "Same")
    by_title = {command.title: command for command in window.command_list._source()}
    repair = next(title for title in by_title if title.startswith("Repair CONV 2: "))
    by_title[repair].run()
    assert session.report.ok
    by_title["Select POOL 2"].run()
    assert session.selection == (4,)
    back = {command.title: command for command in window.command_list._source()}
    assert "Go back to before: Break" in back
    back["Go back to before: Break"].run()
    assert session.network.blocks[3] == Conv2D(16, 5, activation="relu")


@pytest.mark.parametrize("run", dict.fromkeys(CHECKS.values()), ids=lambda run: run.__name__)
def test_its_effect_is_seen(run: Check, bench: Bench) -> None:
    run(bench)
