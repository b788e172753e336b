"""With the mouse at a real X server: ``python -m tests.ui.real_mouse FOLDER [choose | drag]``.

Builds the lecture's network from nothing, without a key: by choosing what is offered, or by
dragging tiles and labels. Then, unless told one way, makes the network misfit and repairs it,
trains, saves, reopens and exports. Needs an X display and xdotool; prints what was seen as JSON.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.blocks import Block
from cnnstudio.network import text_form
from cnnstudio.ui.canvas.quick_add import MOST_ROWS
from tests.ui.conftest import LECTURE
from tests.ui.person import Person, Place, main


def begin_empty(person: Person) -> None:
    """A new empty network, from the gallery."""
    session = person.window.session
    person.effort.think()
    person.click(person.centre(lambda: person.window.toolbar.new_button))
    person.wait(lambda: person.window.gallery.is_open, "the gallery")
    person.double_click(person.centre(lambda: person.window.findChild(QWidget, "gallery_empty")))
    person.wait(lambda: len(session.network) == 1, "the empty network")
    person.wait(lambda: not person.window.gallery.is_open, "the gallery to close")


def first_place(person: Person) -> Place:
    """Where the first block goes."""
    canvas = person.window.canvas

    def place() -> Place:
        inside = canvas.mapFromScene(canvas.pipeline.grid.rect(1).center())
        point = canvas.viewport().mapToGlobal(inside)
        return point.x(), point.y()

    return person.main.ask(place)


def ground(person: Person) -> Place:
    """A corner of the canvas where there is nothing."""
    viewport = person.window.canvas.viewport()

    def place() -> Place:
        point = viewport.mapToGlobal(viewport.rect().bottomLeft() + QPoint(6, -6))
        return point.x(), point.y()

    return person.main.ask(place)


def choose(person: Person, block: Block) -> None:
    """Click on the row of the quick-add list that inserts `block`."""
    quick, session = person.window.canvas.quick_add, person.window.session

    def row() -> Place:
        number = next(n for n, entry in enumerate(quick.entries) if entry.blocks == (block,))
        assert number < MOST_ROWS, f"{block.summary()} is not seen without scrolling"
        rect = quick.view.visualRect(quick.view.model().index(number, 0))
        point = quick.view.viewport().mapToGlobal(rect.center())
        return point.x(), point.y()

    before = person.main.ask(lambda: session.network)
    person.effort.think()
    person.click(person.main.ask(row))
    person.wait(lambda: session.network != before, f"{block.summary()} to be inserted")


def build_by_choosing(person: Person) -> None:
    """The lecture's network from what the quick-add list offers."""
    quick = person.window.canvas.quick_add
    begin_empty(person)
    person.click(first_place(person))
    person.wait(lambda: quick.is_open, "the list")
    time.sleep(QApplication.doubleClickInterval() / 1000)  # a person is not quicker
    person.click(person.centre(lambda: quick.keep))
    person.wait(quick.keep.isChecked, "the list to stay open")
    for number, block in enumerate(LECTURE.blocks):
        choose(person, block)
        if number == 3:
            person.look("choosing")
    person.click(ground(person))
    person.wait(lambda: not quick.is_open, "the list to close")


def build_by_dragging(person: Person) -> None:
    """The lecture's network from the palette; its numbers by dragging their labels."""
    begin_empty(person)
    person.click(person.card(0))
    person.shift("pad", 2)
    for index, filters in ((1, -2), (3, 8)):
        person.effort.think()
        person.insert("Conv 2D", index)
        person.shift("filters", filters)
        person.shift("kernel", 2)
        person.shift("padding", -1)
        person.effort.think()
        person.insert("Max pool", index + 1)
    for index, units in ((5, 20), (6, 0), (7, -90)):
        person.effort.think()
        person.insert("Fully connected", index)
        if units:
            person.shift("units", units)
    person.choose_first("activation")


def built(person: Person, way: str) -> dict[str, Any]:
    """What there is now, and what it took."""
    session, effort = person.window.session, person.effort
    person.look(f"built-{way}")
    return {
        "text": person.main.ask(lambda: text_form.write(session.network)),
        "fits": person.main.ask(lambda: session.report.ok),
        "actions": effort.actions,
        "seconds": round(effort.seconds, 1),
    }


def misfit_and_repair(person: Person) -> dict[str, Any]:
    """Make CONV 2 not fit, and repair it with one click on the canvas."""
    session, canvas = person.window.session, person.window.canvas
    person.main.ask(lambda: canvas.reveal(3))
    person.click(person.card(3))
    person.wait(lambda: session.selection == (3,), "CONV 2 to be selected")
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


def train_save_and_export(person: Person) -> dict[str, Any]:
    """Train for a moment, save, reopen and export."""
    session, window = person.window.session, person.window
    seen: dict[str, Any] = {}
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


def run(person: Person) -> dict[str, Any]:
    """Everything, in order; returns what was seen."""
    way = sys.argv[2] if len(sys.argv) > 2 else ""
    person.wait(lambda: person.window.session.dataset is not None, "the pictures")
    person.wait(lambda: person.window.isActiveWindow(), "the window")
    (build_by_dragging if way == "drag" else build_by_choosing)(person)
    seen = built(person, way or "choose")
    if not way:
        seen |= misfit_and_repair(person)
        seen |= train_save_and_export(person)
    return seen


if __name__ == "__main__":
    sys.exit(main(run))
