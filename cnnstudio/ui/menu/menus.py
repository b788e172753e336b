"""The menus, made from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.ui.menu.action_set import ActionSet
from cnnstudio.ui.menu.actions import FILLED_MENUS, MENUS
from cnnstudio.ui.menu.command import Command, Source


class Menus:
    """The main menu with the menus in it, `by_path` such as "File/Export as".

    A menu with a source in `sources` is filled anew each time before it opens, above the actions
    of the table.
    """

    def __init__(self, window: QWidget, actions: ActionSet, sources: Mapping[str, Source]) -> None:
        self.main = QMenu(window)
        self.by_path = {"": self.main}
        self._sections: dict[str, str] = {}
        for title in MENUS:
            self._menu(title)
        for spec in actions.specs.values():
            if spec.menu:
                self._add(spec.menu, spec.section).addAction(actions.by_name[spec.name])
            for path in FILLED_MENUS.get(spec.name, ()):
                self._menu(path)
        for path, source in sources.items():
            menu = self._menu(path)
            menu.aboutToShow.connect(partial(refill, menu, source))

    def _add(self, path: str, section: str) -> QMenu:
        """The menu at `path`, with a line at its end where a new section begins."""
        menu = self._menu(path)
        if menu.actions() and self._sections.get(path, section) != section:
            menu.addSeparator()
        self._sections[path] = section
        return menu

    def _menu(self, path: str) -> QMenu:
        if path not in self.by_path:
            parent, _, title = path.rpartition("/")
            menu = self._menu(parent).addMenu(title)
            menu.setToolTipsVisible(True)
            self.by_path[path] = menu
        return self.by_path[path]


def refill(menu: QMenu, source: Source) -> None:
    """Put the commands of `source` at the top of `menu`, in place of those put there before."""
    for action in [a for a in menu.actions() if a.property("fromSource")]:
        menu.removeAction(action)
        action.deleteLater()
    fixed = menu.actions()
    before = fixed[0] if fixed else None
    commands = list(source())
    if not commands and not fixed:
        commands = [Command("Nothing yet", lambda: None, refusal="There is nothing here yet.")]
    for command in commands:
        action = command.action(menu)
        action.setProperty("fromSource", True)
        menu.insertAction(before, action) if before else menu.addAction(action)
