"""A person at the window, with real mouse and key events through an X server and xdotool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QWidget,
)

from cnnstudio.ui import app as ui
from cnnstudio.ui.inspector.setting_label import TRAVEL
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.main_window import MainWindow

Place = tuple[int, int]

PATIENCE = 30.0
"""Seconds to wait for anything."""


class MainThread(QObject):
    """Runs functions in the main thread for the person, who lives in another."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer, Qt.ConnectionType.BlockingQueuedConnection)

    def ask(self, question: Callable[[], Any]) -> Any:
        """What `question` returns when it is called in the main thread."""
        box: list[Any] = [question]
        self.asked.emit(box)
        if isinstance(box[0], BaseException):
            raise box[0]
        return box[0]

    @Slot(object)
    def _answer(self, box: list[Any]) -> None:
        try:
            box[0] = box[0]()
        except Exception as error:  # noqa: BLE001 - raised again in the person's thread
            box[0] = error


class Effort:
    """What a person has done: how many actions, and the time it takes by the keystroke-level model.

    An action is one click, drag, word or shortcut. The model (Card, Moran and Newell, 1980) adds up
    keys, pointing, presses and releases, hands that go to the other device, and thoughts.
    """

    KEY, POINT, BUTTON, HOMING, THOUGHT = 0.28, 1.1, 0.1, 0.4, 1.35

    def __init__(self) -> None:
        self.actions = 0
        self.seconds = 0.0
        self._is_at_mouse: bool | None = None

    def think(self) -> None:
        """One decision, such as which block comes next."""
        self.seconds += self.THOUGHT

    def point(self, *, places: int = 1, buttons: int = 2) -> None:
        """One action with the mouse."""
        self._begin(at_mouse=True)
        self.seconds += places * self.POINT + buttons * self.BUTTON

    def type(self, keys: int) -> None:
        """One action with the keyboard."""
        self._begin(at_mouse=False)
        self.seconds += keys * self.KEY

    def _begin(self, *, at_mouse: bool) -> None:
        self.actions += 1
        if self._is_at_mouse is not None and at_mouse is not self._is_at_mouse:
            self.seconds += self.HOMING
        self._is_at_mouse = at_mouse


class Person:
    """Moves the mouse and types, through the X server."""

    def __init__(self, window: MainWindow, main: MainThread, folder: Path) -> None:
        self.window, self.main, self.folder = window, main, folder
        self.effort = Effort()

    def tool(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=PATIENCE)

    def move(self, place: Place) -> None:
        self.tool("mousemove", *place)

    def click(self, place: Place) -> None:
        self.effort.point()
        self.move(place)
        self.tool("click", 1)

    def double_click(self, place: Place) -> None:
        self.effort.point(buttons=4)
        self.move(place)
        self.tool("click", "--repeat", 2, "--delay", 60, 1)

    def drag(self, start: Place, end: Place) -> None:
        """Press, move in steps as a hand does, and let go."""
        self.effort.point(places=2)
        self.move(start)
        self.tool("mousedown", 1)
        for part in range(1, 9):
            x, y = (round(a + (b - a) * part / 8) for a, b in zip(start, end, strict=True))
            self.tool("mousemove", x, y)
            time.sleep(0.03)
        self.tool("mousemove", end[0] + 1, end[1])
        time.sleep(0.3)

    def drop(self) -> None:
        self.tool("mouseup", 1)

    def keys(self, *keys: str) -> None:
        """Shortcuts; each with its modifiers is an action."""
        for key in keys:
            self.effort.type(len(key.split("+")))
        self.tool("key", *keys)

    def write(self, text: str) -> None:
        self.effort.type(len(text))
        self.tool("type", "--delay", 5, text)

    def wait(self, until: Callable[[], bool], what: str) -> None:
        end = time.time() + PATIENCE
        while not self.main.ask(until):
            if time.time() > end:
                raise TimeoutError(f"waited in vain for {what}")
            time.sleep(0.03)

    def look(self, name: str) -> None:
        """A screenshot of the whole screen."""
        subprocess.run(["import", "-window", "root", self.folder / f"{name}.png"], check=False)

    # ---- where things are

    def centre(self, find: Callable[[], QWidget]) -> Place:
        def place() -> Place:
            widget = find()
            point = widget.mapToGlobal(widget.rect().center())
            return point.x(), point.y()

        return self.main.ask(place)

    def tile(self, label: str) -> Place:
        palette = self.window.palette_panel
        return self.centre(lambda: next(t for t in palette.tiles if t.tile.label == label))

    def insertion(self, index: int) -> Place:
        canvas = self.window.canvas

        def place() -> Place:
            point = canvas.viewport().mapToGlobal(canvas.insertion_point(index))
            return point.x(), point.y()

        return self.main.ask(place)

    def card(self, index: int) -> Place:
        canvas = self.window.canvas

        def place() -> Place:
            inside = canvas.mapFromScene(canvas.card(index).scene_center()) + QPoint(0, -60)
            point = canvas.viewport().mapToGlobal(inside)
            return point.x(), point.y()

        return self.main.ask(place)

    def chip(self) -> Place:
        """The first repair that the bubble on the canvas offers."""
        canvas = self.window.canvas

        def place() -> Place:
            chip = canvas.pipeline.bubble.chips[0]
            centre = chip.mapToScene(chip.boundingRect().center())
            point = canvas.viewport().mapToGlobal(canvas.mapFromScene(centre))
            return point.x(), point.y()

        return self.main.ask(place)

    def picture(self, index: int) -> bytes:
        """The card at `index` as it is drawn now."""
        canvas = self.window.canvas

        def grab() -> bytes:
            card = canvas.card(index)
            room = canvas.mapFromScene(card.mapRectToScene(card.boundingRect())).boundingRect()
            image = canvas.viewport().grab(room).toImage()
            return bytes(image.constBits())

        return self.main.ask(grab)

    def button(self, action: str) -> Place:
        bar = self.window.toolbar
        return self.centre(lambda: bar.widgetForAction(self.window.actions_by_name[action]))

    def menu_entry(self, name: str) -> Place:
        def place() -> Place | None:
            menu = QApplication.activePopupWidget()
            if not isinstance(menu, QMenu):
                return None
            for action in menu.actions():
                if action.objectName() == name:
                    point = menu.mapToGlobal(menu.actionGeometry(action).center())
                    return point.x(), point.y()
            return None

        self.wait(lambda: place() is not None, f"the menu with {name}")
        return self.main.ask(place)

    # ---- what a person does

    def insert(self, label: str, index: int) -> None:
        """Drag a tile from the palette into the row."""
        session = self.window.session
        count = self.main.ask(lambda: len(session.network))
        self.drag(self.tile(label), self.insertion(index))
        self.drop()
        self.wait(lambda: len(session.network) == count + 1, f"{label} to be inserted")

    def form(self) -> SettingsForm:
        """The settings in the inspector, which follows the selection when it is asked."""
        form = self.window.inspector.form
        assert form is not None
        return form

    def shift(self, name: str, steps: int) -> None:
        """Change a number of the inspector by dragging its label."""

        def label() -> QWidget:
            return self.form().labels[name].words

        x, y = self.centre(label)
        beyond = TRAVEL // 2 if steps > 0 else -(TRAVEL // 2)  # a pixel less is one step less
        self.drag((x, y), (x + steps * TRAVEL + beyond, y))
        self.drop()

    def set(self, name: str, value: object) -> None:
        """Type a value into a field of the inspector."""
        inspector = self.window.inspector

        def field() -> QWidget:
            editor = inspector.findChild(QWidget, f"setting_{name}")
            return editor if isinstance(editor, QLineEdit) else editor.findChild(QLineEdit)

        self.click(self.centre(field))
        self.keys("ctrl+a")
        self.write(str(value))
        self.keys("Return")

    def choose_first(self, name: str) -> None:
        """Choose the first option of a list in the inspector."""

        def field() -> QComboBox:
            return self.form().editors[name].findChild(QComboBox)

        def option() -> Place:
            view = field().view()
            rect = view.visualRect(view.model().index(0, 0))
            point = view.viewport().mapToGlobal(rect.center())
            return point.x(), point.y()

        self.click(self.centre(field))
        self.wait(lambda: QApplication.activePopupWidget() is not None, "the list")
        time.sleep(0.3)  # Qt takes no click for a moment, lest it belong to the opening
        self.click(self.main.ask(option))
        self.wait(lambda: QApplication.activePopupWidget() is None, "the list to close")

    def answer_file_dialog(self, path: Path) -> None:
        def is_open() -> bool:
            return isinstance(QApplication.activeModalWidget(), QFileDialog)

        def name_file() -> None:
            """Without the keyboard: the dialog's own suggestions would answer the Return key."""
            dialog = QApplication.activeModalWidget()
            dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))

        def accept_place() -> Place:
            dialog = QApplication.activeModalWidget()
            box = dialog.findChild(QDialogButtonBox)
            role = QDialogButtonBox.ButtonRole.AcceptRole
            button = next(b for b in box.buttons() if box.buttonRole(b) == role)
            point = button.mapToGlobal(button.rect().center())
            return point.x(), point.y()

        self.wait(is_open, "the file dialog")
        self.main.ask(name_file)
        time.sleep(0.3)
        self.click(self.main.ask(accept_place))
        self.wait(lambda: not is_open(), "the file dialog to close")
        self.main.ask(self.window.activateWindow)  # there may be no window manager to do it


def main(work_of: Callable[[Person], dict[str, Any]]) -> int:
    """Open the window, let the person do `work_of` in a thread, print what was seen."""
    folder = Path(sys.argv[1])
    app, window = ui.create(["cnnstudio"])
    app.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    window.themes.choose("light")
    window.move(0, 0)
    window.show()
    window.activateWindow()
    person = Person(window, MainThread(), folder)
    result: dict[str, Any] = {}

    def work() -> None:
        try:
            result.update(work_of(person))
        except Exception:  # noqa: BLE001 - printed for the test
            result["failure"] = traceback.format_exc()
            person.look("failure")
        person.main.ask(lambda: app.exit(0))

    thread = threading.Thread(target=work)
    thread.start()
    app.exec()
    thread.join()
    window.session.shut_down()
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(1 if "failure" in result else 0)
