"""The canvas's menus: on cards, on a connector, and on the empty ground."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from cnnstudio.blocks import Block
from cnnstudio.explain.cells import Cell
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.document.clipboard import Clipboard
from cnnstudio.ui.document.diagram import fill_figure_menu
from cnnstudio.ui.document.insertion import place_after_selection, put
from cnnstudio.ui.icons import icon
from cnnstudio.ui.menu.actions import ACTIONS
from cnnstudio.ui.palette.block_menu import fill_block_menu
from cnnstudio.ui.parts.flow import MOST_REPAIRS
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.parts.spread import number
from cnnstudio.ui.typography import pretty

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_CORNER = QPoint(24, 24)
"""Where the menu of the ground opens by key."""
_SPECS = {spec.name: spec for spec in ACTIONS}


class Menus:
    """Makes the menus of one canvas; words, keys and icons are those of the window's actions."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._session = canvas.session
        self._clipboard = Clipboard(canvas.session)

    def at(self, point: QPoint) -> QMenu:
        """The menu of what is at `point` of the viewport; a card there is selected first."""
        canvas, session = self._canvas, self._session
        card, item = canvas.pipeline.plate_at(canvas.mapToScene(point)), canvas.itemAt(point)
        if card is not None:
            if card.path not in session.selected_paths:
                session.select_path(card.path)
            menu = self.on_cards()
            self._add_why(menu, card, point)
            return menu
        if isinstance(item, Connector):
            return self.on_connector(item.path)
        return self.on_ground(canvas.place_near(point))

    def pop_up_by_key(self) -> None:
        """Open the menu of the selected cards beside the last of them, or of the ground."""
        canvas = self._canvas
        if cards := canvas.pipeline.selected_cards():
            menu, point = self.on_cards(), canvas.mapFromScene(cards[-1].scene_center())
        else:
            menu, point = self.on_ground((len(self._session.network),)), _CORNER
        menu.popup(canvas.viewport().mapToGlobal(point))

    def on_cards(self) -> QMenu:
        """What can be done with the selected cards; repairs first where one does not fit."""
        menu = self._menu()
        self._add_repairs(menu)
        self._add_insertion(menu, place_after_selection(self._session), "after")
        menu.addSeparator()
        for name, run, text in (
            ("cut", self._clipboard.cut, ""),
            ("copy", self._clipboard.copy, ""),
            ("copy_text", self._clipboard.copy_text, ""),
            ("paste", self._clipboard.paste, "Paste after"),
            ("duplicate", self._clipboard.duplicate, ""),
            ("delete", self._session.remove_selected, ""),
        ):
            self._add(menu, name, run, text)
        menu.addSeparator()
        self._add(menu, "select_all", self._session.select_all)
        self._add_saving(menu)
        return menu

    def on_connector(self, place: Path) -> QMenu:
        """What can be put at `place`."""
        menu = self._menu()
        self._add_insertion(menu, place, "here")
        menu.addSeparator()
        self._add(menu, "paste", partial(self._clipboard.paste, place), "Paste here")
        return menu

    def on_ground(self, place: Path) -> QMenu:
        """What can be put at `place`, and what can be done with the whole network."""
        menu = self.on_connector(place)
        menu.addSeparator()
        self._add(menu, "select_all", self._session.select_all)
        copy = partial(self._clipboard.copy_text, whole=True)
        self._add(menu, "copy_text", copy, "Copy network as text")
        menu.addSeparator()
        self._add(menu, "fit", self._canvas.fit)
        self._add(menu, "actual_size", self._canvas.actual_size)
        self._add_saving(menu)
        return menu

    # ---- entries

    def _menu(self) -> QMenu:
        menu = passing_menu(self._canvas)
        menu.setToolTipsVisible(True)
        return menu

    def _add(self, menu: QMenu, name: str, run: Callable[[], object], text: str = "") -> QAction:
        """An entry like the action `name` of the window, which tells why it is off."""
        spec, theme = _SPECS[name], self._canvas.themes.theme
        action = menu.addAction(text or spec.text)
        if spec.icon:
            action.setIcon(icon(spec.icon, theme.color("text2"), disabled=theme.color("disabled")))
        if spec.keys:
            action.setShortcut(QKeySequence(spec.keys[0]))
            action.setShortcutVisibleInContextMenu(True)
        refusal = spec.refusal(self._session)
        action.setEnabled(refusal is None)
        action.setToolTip(refusal or pretty(spec.help))
        action.triggered.connect(lambda _checked=False: run())
        return action

    def _add_repairs(self, menu: QMenu) -> None:
        session = self._session
        chosen = [session.report.blocks[index] for index in session.selection]
        found = [p.repairs for entry in chosen for p in entry.problems if p.repairs]
        if session.locked or not found:
            return
        for repair in (each for repairs in found for each in repairs[:MOST_REPAIRS]):
            action = menu.addAction(f"Repair: {pretty(str(repair))}")
            action.triggered.connect(lambda _checked=False, repair=repair: session.repair(repair))
        self._add(menu, "repairs", partial(session.ask_repairs, found[0][0].place))
        menu.addSeparator()

    def _add_insertion(self, menu: QMenu, place: Path, where: str) -> None:
        """The quick-add list, and the palette as a menu."""
        self._add(
            menu, "quick_add", partial(self._canvas.ask_block, place), f"Add a block {where}…"
        )
        blocks = menu.addMenu(f"Insert {where}")
        blocks.setEnabled(not self._session.locked)
        fill_block_menu(blocks, self._canvas.themes.theme, partial(self._insert, place))

    def _add_why(self, menu: QMenu, card: Plate, point: QPoint) -> None:
        """Ask about the value at `point` of the viewport, if a card shows one there."""
        canvas = self._canvas
        found = None
        if isinstance(card, Card) and self._session.report.ok:
            found = card.value_at(card.mapFromScene(canvas.mapToScene(point)))
        if found is None:
            return
        place, value = found
        cell, first = Cell(card.path, place), menu.actions()[0]
        action = QAction(f"Why is this value {number(value)}?", menu)
        action.triggered.connect(lambda _checked=False: canvas.asked.emit(cell))
        menu.insertAction(first, action)
        menu.insertSeparator(first)

    def _add_saving(self, menu: QMenu) -> None:
        menu.addSeparator()
        saving = menu.addMenu("Save the network's drawing")
        fill_figure_menu(saving, self._session, self._canvas.window())

    def _insert(self, place: Path, block: Block) -> None:
        put(self._session, place, (block,))
