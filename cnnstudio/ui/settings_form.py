"""A form made from declarations: a label and an editor for each setting of a block or a recipe."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from cnnstudio.blocks.settings import Declared
from cnnstudio.ui.editors import Editor, make_editor, tooltip
from cnnstudio.ui.fields import HEIGHT
from cnnstudio.ui.labels import label
from cnnstudio.ui.theme import ThemeManager

LABELS = 88
"""Width of the column of labels, in pixels."""


class SettingsForm(QWidget):
    """Label and editor for each setting of `declared`, in the order of its declarations.

    `edited` carries the setting's name, its new value, and whether it merges with the last one;
    `pointed` the name of the setting under the pointer, or nothing.
    """

    edited = Signal(str, object, bool)
    pointed = Signal(str)

    def __init__(self, declared: type[Declared], themes: ThemeManager) -> None:
        super().__init__()
        self.declared = declared
        self.editors: dict[str, Editor] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABELS)
        grid.setColumnStretch(1, 1)
        for row, (name, setting) in enumerate(declared.declarations().items()):
            editor = self.editors[name] = make_editor(setting, name, themes)
            editor.edited.connect(
                lambda value, merge, name=name: self.edited.emit(name, value, merge)
            )
            editor.pointed.connect(lambda on, name=name: self.pointed.emit(name if on else ""))
            words = label("label", setting.label)
            words.setFixedHeight(HEIGHT)
            words.setToolTip(tooltip(setting))
            words.setBuddy(editor)
            grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(editor, row, 1)

    def set_shown(self, shown: bool) -> None:
        """Show or hide the form; only the editors of a shown form carry their names."""
        for name, editor in self.editors.items():
            editor.setObjectName(f"setting_{name}" if shown else "")
        self.setVisible(shown)

    def show_values(self, values: Mapping[str, object], *, fresh: bool = False) -> None:
        """Show `values`; `fresh` for another block, so that nothing typed before stays."""
        for name, editor in self.editors.items():
            if fresh:
                editor.forget()
            editor.set_value(values[name])

    def show_mixed(self, name: str) -> None:
        """Show that the blocks of the selection differ in the setting `name`."""
        self.editors[name].show_mixed()

    def mark(self, name: str) -> None:
        """Stress the editor of the setting `name`; an empty name stresses none."""
        for each, editor in self.editors.items():
            editor.set_marked(each == name)

    def set_locked(self, locked: bool) -> None:
        """Take no input while `locked`."""
        for editor in self.editors.values():
            editor.set_locked(locked)
