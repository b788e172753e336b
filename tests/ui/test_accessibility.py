"""Everything that takes the keyboard has a name for a screen reader, whatever is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.blocks import BLOCK_TYPES, Input
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow


def takers(window: QWidget) -> Iterator[QWidget]:
    """The visible widgets that take the keyboard; one that hands it on is not asked."""
    for widget in window.findChildren(QWidget):
        if widget.focusProxy() is not None:
            continue
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            yield widget


def heard(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def described(widget: QWidget) -> str:
    owners = []
    parent = widget.parentWidget()
    while parent is not None and len(owners) < 3:
        owners.append(f"{type(parent).__name__} {parent.objectName()}".strip())
        parent = parent.parentWidget()
    return f"{type(widget).__name__} {widget.objectName()} in {' in '.join(owners)}"


def nameless(window: QWidget) -> list[str]:
    return [described(widget) for widget in takers(window) if not heard(widget).strip()]


def test_the_walk_sees_the_window(window: MainWindow) -> None:
    found = {widget.objectName() for widget in takers(window)}
    assert {"canvas", "templates", "paper"} <= found
    assert len(list(takers(window))) > 20
    window.panels.go_to("outline")
    assert window.outline in takers(window)
    assert nameless(window) == []


BLOCKS = [tile.block for group in PALETTE for tile in group.tiles]


@pytest.mark.parametrize("tab", [tab.name for tab in TABS])
def test_every_tab_has_names(window: MainWindow, tab: str) -> None:
    window.session.select((1,))
    window.panels.show_tab(tab)
    QApplication.processEvents()
    assert nameless(window) == []


def test_every_form_of_the_inspector_has_names(window: MainWindow) -> None:
    """The recipe, INPUT, every block type, several blocks, a block that does not fit."""
    session = window.session
    assert {type(block) for block in BLOCKS} | {Input} == set(BLOCK_TYPES) | {Input}
    states = [(), (0,), (1,), (1, 3), (1, 2)]
    found = {}
    for places in states:
        session.select(places)
        QApplication.processEvents()
        found[str(places)] = nameless(window)
    for block in BLOCKS:
        session.insert(2, block)
        QApplication.processEvents()
        found[block.title] = nameless(window)
        session.undo()
    session.replace(3, session.network.blocks[3].with_values(stride=2), "Break")
    session.select((3,))
    QApplication.processEvents()
    found["misfit"] = nameless(window)
    assert {state: names for state, names in found.items() if names} == {}


def test_overlays_have_names(window: MainWindow) -> None:
    for name in ("commands", "shortcuts", "quick_add", "new"):
        window.actions_by_name[name].trigger()
        QApplication.processEvents()
        assert nameless(window) == [], name
        for overlay in (window.command_list, window.shortcut_sheet, window.gallery):
            overlay.close_and_return()
        window.canvas.quick_add.dismiss()
    window.gallery.finish_reading()


def test_the_cards_are_told_by_the_canvas(window: MainWindow) -> None:
    """Graphics items do not exist for a screen reader: the canvas names what is selected."""
    window.session.select((1,))
    assert "CONV 1" in window.canvas.accessibleDescription()
    window.session.select(())
    assert "CONV 1" not in window.canvas.accessibleDescription()
