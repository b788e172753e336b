"""A form made from declarations: a label and an editor for each setting of a block or a recipe."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.blocks.settings import Declared
from cnnstudio.ui.buttons import FoldButton
from cnnstudio.ui.editors import Editor, make_editor, tooltip
from cnnstudio.ui.fields import HEIGHT
from cnnstudio.ui.labels import label
from cnnstudio.ui.theme import ThemeManager

LABELS, GAP = 82, 6
"""Width of the column of labels, and the gap behind it, in pixels."""


class SettingsForm(QWidget):
    """Label and editor for each setting of `declared`, in the order of its declarations.

    Settings that are seldom changed come last, below a fold; while it is closed only those are
    shown that stand at another value than their default. The editors' object names are
    ``setting_`` and the setting's name; in a form inside another one `prefix` stands between.

    `edited` carries the setting's name, its new value, and whether it merges with the last one;
    `pointed` the name of the setting under the pointer, or nothing.
    """

    edited = Signal(str, object, bool)
    pointed = Signal(str)

    def __init__(self, declared: type[Declared], themes: ThemeManager, prefix: str = "") -> None:
        super().__init__()
        self.declared = declared
        self.prefix = prefix
        self._labels: dict[str, QLabel] = {}
        settings = declared.declarations()
        self.rare = [name for name, setting in settings.items() if setting.rare]
        made = {name: self._make(name, themes) for name in settings if name not in self.rare}
        self.fold = FoldButton("More settings", themes)
        self.fold.toggled.connect(self._show_rare)
        made |= {name: self._make(name, themes) for name in self.rare}
        self.editors: dict[str, Editor] = {name: made[name] for name in settings}
        self._arrange()

    def _make(self, name: str, themes: ThemeManager) -> Editor:
        setting = self.declared.declarations()[name]
        editor = make_editor(setting, name, themes)
        editor.edited.connect(lambda value, merge: self.edited.emit(name, value, merge))
        editor.pointed.connect(lambda on: self.pointed.emit(name if on else ""))
        words = self._labels[name] = label("label", setting.label)
        words.setFixedHeight(HEIGHT)
        words.setToolTip(tooltip(setting))
        words.setBuddy(editor)
        return editor

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABELS)
        grid.setColumnStretch(1, 1)
        common = [name for name in self.editors if name not in self.rare]
        for name in common:
            self._add(grid, name)
        grid.addWidget(self.fold, grid.rowCount(), 0, 1, 2)
        for name in self.rare:
            self._add(grid, name)
        self.fold.setVisible(bool(self.rare))
        self._show_rare()

    def _add(self, grid: QGridLayout, name: str) -> None:
        """One more row; an editor that needs the whole width stands below its label."""
        row, editor = grid.rowCount(), self.editors[name]
        grid.addWidget(self._labels[name], row, 0, Qt.AlignmentFlag.AlignTop)
        if editor.WIDE:
            grid.addWidget(editor, row + 1, 0, 1, 2)
        else:
            grid.addWidget(editor, row, 1)

    def _show_rare(self) -> None:
        """Show the settings below the fold, or only those that say something."""
        defaults = {field.name: field.default for field in dataclasses.fields(self.declared)}
        for name in self.rare:
            editor = self.editors[name]
            kept = editor.value() != defaults[name] or _has_focus(editor)
            shown = self.fold.isChecked() or kept
            editor.setVisible(shown)
            self._labels[name].setVisible(shown)

    def reveal(self, name: str) -> None:
        """Make sure that the editor of the setting `name` can be seen."""
        if name in self.rare:
            self.fold.setChecked(True)

    def set_shown(self, shown: bool) -> None:
        """Show or hide the form; only the editors of a shown form carry their names."""
        for name, editor in self.editors.items():
            editor.setObjectName(f"setting_{self.prefix}{name}" if shown else "")
        self.setVisible(shown)

    def show_values(
        self, values: Mapping[str, object], shape: Shape | None = None, *, fresh: bool = False
    ) -> None:
        """Show `values`; `fresh` for another block, so that nothing typed before stays.

        `shape` is the size of what goes into the block, where it is known.
        """
        for name, editor in self.editors.items():
            if fresh:
                editor.forget()
            editor.show_input(shape)
            editor.set_value(values[name])
        self._show_rare()

    def show_mixed(self, name: str) -> None:
        """Show that the blocks of the selection differ in the setting `name`."""
        self.editors[name].show_mixed()
        self._show_rare()

    def mark(self, name: str) -> None:
        """Stress the editor of the setting `name`; an empty name stresses none."""
        for each, editor in self.editors.items():
            editor.set_marked(each == name)

    def set_locked(self, locked: bool) -> None:
        """Take no input while `locked`."""
        for editor in self.editors.values():
            editor.set_locked(locked)


def _has_focus(editor: Editor) -> bool:
    focused = editor.focusWidget() if editor.isVisible() else None
    return focused is not None and focused.hasFocus()
