"""A person at the window, with real mouse and key events: ``python -m tests.ui.real_mouse FOLDER``.

Needs an X display and xdotool. Builds the lecture's network from nothing, makes it misfit and
repairs it, trains, saves, reopens and exports, and prints what was seen as JSON.
"""

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


class Person:
    """Moves the mouse and types, through the X server."""

    def __init__(self, window: MainWindow, main: MainThread, folder: Path) -> None:
        self.window, self.main, self.folder = window, main, folder
        self.actions = 0

    def tool(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=PATIENCE)

    def move(self, place: Place) -> None:
        self.tool("mousemove", *place)

    def click(self, place: Place) -> None:
        self.actions += 1
        self.move(place)
        self.tool("click", 1)

    def drag(self, start: Place, end: Place) -> None:
        """Press, move in steps as a hand does, and let go."""
        self.actions += 1
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
        self.tool("key", *keys)

    def write(self, text: str) -> None:
        self.actions += 1
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

        def field() -> QWidget:
            editor = self.window.inspector.findChild(QWidget, f"setting_{name}")
            return editor if isinstance(editor, QComboBox) else editor.findChild(QComboBox)

        self.click(self.centre(field))
        self.wait(lambda: QApplication.activePopupWidget() is not None, "the list")
        self.keys("Home", "Return")
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


def build(person: Person) -> None:
    """The lecture's network from nothing, by mouse."""
    session = person.window.session
    person.click(person.centre(lambda: person.window.toolbar.new_button))
    person.wait(lambda: person.window.gallery.is_open, "the gallery")
    empty = person.centre(lambda: person.window.findChild(QWidget, "gallery_empty"))
    person.click(empty)
    person.click(empty)
    person.wait(lambda: len(session.network) == 1, "the empty network")
    person.click(person.card(0))
    person.set("pad", 2)
    for index, filters in ((1, 6), (3, 16)):
        person.insert("Conv 2D", index)
        person.set("filters", filters)
        person.set("kernel", 5)
        person.set("padding", 0)
        person.insert("Max pool", index + 1)
    for index, units in ((5, 120), (6, 100), (7, 10)):
        person.insert("Fully connected", index)
        person.set("units", units)
    person.choose_first("activation")


def misfit_and_repair(person: Person) -> dict[str, Any]:
    """Make CONV 2 not fit, and repair it with one click on the canvas."""
    session = person.window.session
    person.click(person.card(3))
    person.set("stride", 2)
    person.wait(lambda: not session.report.ok, "the misfit")
    message = person.main.ask(lambda: session.report.problems[0][1].message)
    person.look("misfit")
    person.click(person.chip())
    person.wait(lambda: session.report.ok, "the repair")
    repaired = person.main.ask(lambda: session.report.blocks[3].block)
    person.keys("ctrl+z", "ctrl+z")
    person.wait(lambda: session.report.ok, "undo")
    return {"misfit": message, "repaired": repaired.summary()}


def run(person: Person) -> dict[str, Any]:
    """Everything, in order; returns what was seen."""
    session, window = person.window.session, person.window
    person.wait(lambda: session.dataset is not None, "the pictures")
    build(person)
    person.look("built")
    seen: dict[str, Any] = {"actions_to_build": person.actions}
    seen["parameters"] = person.main.ask(lambda: session.report.parameters)
    seen["last"] = person.main.ask(lambda: session.network.blocks[-1].summary())
    seen["fits"] = person.main.ask(lambda: session.report.ok)
    seen |= misfit_and_repair(person)
    before = person.picture(3)
    person.click(person.button("train"))
    person.wait(lambda: len(session.curve) > 60, "sixty steps")
    person.look("training")
    seen["maps_moved"] = before != person.picture(3)
    person.click(person.button("stop"))
    person.wait(lambda: session.training == "idle", "the run to stop")
    weights = person.main.ask(lambda: session.model.vector.tobytes())
    person.keys("ctrl+s")
    person.answer_file_dialog(person.folder / "mine.cnn")
    person.wait(lambda: not session.modified, "the project to be saved")
    person.keys("ctrl+o")
    person.answer_file_dialog(person.folder / "mine.cnn")
    person.wait(lambda: session.progress is None and session.trained, "the project to be opened")
    seen["reopened_same"] = weights == person.main.ask(lambda: session.model.vector.tobytes())
    person.keys("ctrl+e")
    person.answer_file_dialog(person.folder / "mine.onnx")
    notice = window.messages
    person.wait(lambda: notice.notice.severity in ("done", "error"), "the export")
    seen["export"] = person.main.ask(lambda: notice.notice.sentence)
    person.look("exported")
    return seen


def main(work_of: Callable[[Person], dict[str, Any]] = run) -> int:
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


if __name__ == "__main__":
    sys.exit(main())
