"""Hands at the canvas of a real X server: ``python -m tests.ui.real_hands FOLDER``.

Drags that only a window system makes, held keys and the wheel. Needs an X display and xdotool;
prints what was seen as JSON.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from PySide6.QtCore import QPoint, QPointF

from tests.ui.person import Person, Place, main


def place_in_view(person: Person, point: QPoint) -> Place:
    """A point of the canvas's viewport on the screen."""
    found = person.main.ask(lambda: person.window.canvas.viewport().mapToGlobal(point))
    return found.x(), found.y()


def wire(person: Person, index: int) -> Place:
    """The middle of the wire into a place of the row."""
    return person.insertion(index)


def cancel_palette_drag(person: Person) -> dict[str, Any]:
    """Drag a tile over the row, press Escape, and let go."""
    session, pipeline = person.window.session, person.window.canvas.pipeline
    before = person.main.ask(lambda: session.network)
    person.drag(person.tile("Conv 2D"), person.insertion(2))
    person.wait(lambda: pipeline.slot.isVisible(), "the slot")
    person.keys("Escape")
    person.wait(lambda: not pipeline.slot.isVisible(), "the slot to close")
    person.drop()
    time.sleep(0.2)
    return {
        "escape_keeps_network": person.main.ask(lambda: session.network is before),
        "escape_keeps_history": person.main.ask(lambda: len(session.history.steps)) == 1,
    }


def drop_on_wire(person: Person) -> dict[str, Any]:
    """Drag a tile onto the wire between two rows."""
    window = person.window
    session, canvas = window.session, window.canvas
    columns = person.main.ask(lambda: canvas.pipeline.grid.columns)

    def lane() -> Place:
        corner = canvas.card(1).scene_rect().bottomLeft() + QPointF(60, 14)
        point = canvas.viewport().mapToGlobal(canvas.mapFromScene(corner))
        return point.x(), point.y()

    count = person.main.ask(lambda: len(session.network))
    person.drag(person.tile("Max pool"), person.main.ask(lane))
    person.drop()
    person.wait(lambda: len(session.network) == count + 1, "the drop on the wire")
    dropped = person.main.ask(lambda: type(session.network.blocks[columns]).__name__)
    person.keys("ctrl+z")
    person.wait(lambda: len(session.network) == count, "undo")
    return {"wire_drop": dropped}


def zoom_and_pan(person: Person) -> dict[str, Any]:
    """Turn the wheel with Ctrl held, then shift the view with Space held."""
    canvas = person.window.canvas
    point = QPoint(700, 60)
    person.move(place_in_view(person, point))
    scene = person.main.ask(lambda: canvas.mapToScene(point))
    person.tool("keydown", "ctrl")
    for _ in range(3):
        person.tool("click", 4)
    person.tool("keyup", "ctrl")
    person.wait(lambda: canvas.zoom > 1.6, "the zoom")

    def moved() -> float:
        step = canvas.viewportTransform().map(scene) - QPointF(point)
        return max(abs(step.x()), abs(step.y()))

    seen = {"zoom": person.main.ask(lambda: canvas.zoom), "off": person.main.ask(moved)}
    before = person.main.ask(lambda: canvas.lens.corner)
    person.tool("keydown", "space")
    person.drag(place_in_view(person, QPoint(500, 300)), place_in_view(person, QPoint(420, 250)))
    person.drop()
    person.tool("keyup", "space")
    after = person.main.ask(lambda: canvas.lens.corner)
    seen["panned"] = ((after - before).x(), (after - before).y())
    seen["selection"] = person.main.ask(lambda: list(person.window.session.selection))
    person.keys("ctrl+1")
    person.wait(lambda: canvas.zoom == 1, "100 %")
    return seen


def copy_with_ctrl(person: Person) -> dict[str, Any]:
    """Hold Ctrl and drag a card to another place."""
    session = person.window.session
    before = person.main.ask(lambda: session.network)
    person.main.ask(lambda: person.window.canvas.reveal(0))
    person.tool("keydown", "ctrl")
    person.drag(person.card(1), person.insertion(3))
    person.drop()
    person.tool("keyup", "ctrl")
    person.wait(lambda: len(session.network) == len(before) + 1, "the copy")
    same = person.main.ask(lambda: session.network.blocks[3] == before.blocks[1])
    person.keys("ctrl+z")
    person.wait(lambda: session.network == before, "undo")
    return {"copied": same}


def add_by_double_click(person: Person) -> dict[str, Any]:
    """Double-click on a wire, then choose with the mouse."""
    window = person.window
    session, quick = window.session, window.canvas.quick_add
    count = person.main.ask(lambda: len(session.network))
    person.main.ask(lambda: window.canvas.reveal(1))
    person.move(wire(person, 2))
    person.tool("click", "--repeat", 2, "--delay", 60, 1)
    person.wait(lambda: quick.is_open, "the list")

    def row() -> Place:
        rect = quick.view.visualRect(quick.view.model().index(1, 0))
        point = quick.view.viewport().mapToGlobal(rect.center())
        return point.x(), point.y()

    time.sleep(0.5)  # the time in which two clicks are one
    person.click(person.main.ask(row))
    person.wait(lambda: len(session.network) == count + 1, "the block")
    return {"double_click": person.main.ask(lambda: type(session.network.blocks[2]).__name__)}


def run(person: Person) -> dict[str, Any]:
    """Everything; what was seen."""
    person.wait(lambda: person.window.isActiveWindow(), "the window")
    person.wait(lambda: person.window.session.dataset is not None, "the pictures")
    seen: dict[str, Any] = {}
    for part in (
        cancel_palette_drag,
        drop_on_wire,
        zoom_and_pan,
        copy_with_ctrl,
        add_by_double_click,
    ):
        seen |= part(person)
    return seen


if __name__ == "__main__":
    sys.exit(main(run))
