"""The canvas's menus: what can be done with cards, and which blocks can be inserted at a wire."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.blocks import Block
from cnnstudio.ui.block_menu import fill_block_menu
from cnnstudio.ui.clipboard import Clipboard
from cnnstudio.ui.icons import icon
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.typography import pretty

Standard = QKeySequence.StandardKey


def card_menu(session: Session, clipboard: Clipboard, theme: Theme, parent: QWidget) -> QMenu:
    """What can be done with the selected cards; repairs first where one does not fit."""
    menu = QMenu(parent)
    _add_repairs(menu, session)
    movable = not session.locked and any(index > 0 for index in session.selection)
    tone, off = theme.color("text2"), theme.color("disabled")
    for name, words, key, act, enabled in (
        ("duplicate", "Duplicate", QKeySequence("Ctrl+D"), clipboard.duplicate, movable),
        ("cut", "Cut", QKeySequence(Standard.Cut), clipboard.cut, movable),
        ("copy", "Copy", QKeySequence(Standard.Copy), clipboard.copy, bool(session.selection)),
        ("paste", "Paste after", QKeySequence(Standard.Paste), clipboard.paste, not session.locked),
        (
            "delete",
            "Delete",
            QKeySequence(Standard.Delete),
            lambda: session.remove(session.selection),
            movable,
        ),
    ):
        action = menu.addAction(icon(name, tone, disabled=off), words)
        action.setShortcut(key)
        action.setEnabled(enabled)
        action.triggered.connect(lambda _checked=False, act=act: act())
    return menu


def _add_repairs(menu: QMenu, session: Session) -> None:
    chosen = [session.report.blocks[index] for index in session.selection]
    repairs = [r for entry in chosen for problem in entry.problems for r in problem.repairs]
    if session.locked or not repairs:
        return
    for repair in repairs:
        action = menu.addAction(f"Repair: {pretty(str(repair))}")
        action.triggered.connect(lambda _checked=False, repair=repair: session.repair(repair))
    menu.addSeparator()


def insertion_menu(theme: Theme, insert: Callable[[Block], None], parent: QWidget) -> QMenu:
    """The blocks of the palette; `insert` is called with the one that is chosen."""
    menu = QMenu(parent)
    fill_block_menu(menu, theme, insert)
    return menu
