"""A form made from declarations: a label and an editor for each setting of a block or a recipe."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.blocks.settings import Declared
from cnnstudio.ui.document.edits import LOCKED
from cnnstudio.ui.inspector.editors import Editor, SwitchEditor
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.setting_label import COLUMN, DragWords, SettingLabel
from cnnstudio.ui.inspector.setting_words import tooltip, value_words
from cnnstudio.ui.parts.buttons import FoldButton
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

MOST_LISTED = 6
"""The values of so many blocks are listed in a tooltip."""

_RESETS = tuple(
    QKeyCombination(Qt.KeyboardModifier.AltModifier, key)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
)
"""The second key is for keyboards that have only that one."""

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
        self.labels: dict[str, SettingLabel] = {}
        self._locked = False
        self._reasons: Mapping[str, str] = {}
        settings = declared.declarations()
        self._defaults = {field.name: field.default for field in dataclasses.fields(declared)}
        self.rare = [name for name, setting in settings.items() if setting.rare]
        made = {name: self._make(name, themes) for name in settings if name not in self.rare}
        self.fold = FoldButton("More settings", themes)
        self.fold.toggled.connect(self._show_rare)
        made |= {name: self._make(name, themes) for name in self.rare}
        self.editors: dict[str, Editor] = {name: made[name] for name in settings}
        self._arrange()

    def _make(self, name: str, themes: ThemeManager) -> Editor:
        setting = self.declared.declarations()[name]
        from cnnstudio.ui.inspector.editor_kinds import make_editor  # some of them hold forms

        editor = make_editor(setting, name, themes)
        editor.set_default(self._defaults[name])
        editor.edited.connect(lambda value, merge: self._tell(name, value, merge))
        editor.pointed.connect(lambda on: self.pointed.emit(name if on else ""))
        self.labels[name] = self._label(name, editor, themes)
        return editor

    def _label(self, name: str, editor: Editor, themes: ThemeManager) -> SettingLabel:
        setting = editor.setting
        numeric = isinstance(editor, NumberEditor)
        words = SettingLabel(setting.label, themes, draggable=numeric)
        words.words.setToolTip(tooltip(setting, self._defaults[name]))
        words.words.setBuddy(editor)
        words.mark.clicked.connect(editor.reset)
        if isinstance(words.words, DragWords) and isinstance(editor, NumberEditor):
            words.words.dragged.connect(lambda steps, again: self._drag(name, steps, again))
            words.words.clicked.connect(editor.setFocus)
        return words

    def _drag(self, name: str, steps: int, again: bool) -> None:
        editor = self.editors[name]
        if isinstance(editor, NumberEditor) and not self.is_locked(name):
            editor.drag(steps, again)

    def _tell(self, name: str, value: object, merge: bool) -> None:
        self.edited.emit(name, value, merge)
        self._show_changed(name)

    def _show_changed(self, name: str) -> None:
        """Show whether a setting stands at another value than its default."""
        editor = self.editors[name]
        changed = editor.changed and not self.is_locked(name)
        words = value_words(editor.setting, editor.default) if changed else ""
        self.labels[name].show_changed(changed, words)

    def _make_grid(self) -> QGridLayout:
        """A column of labels and one of editors."""
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABELS)
        grid.setColumnStretch(1, 1)
        return grid

    def _arrange(self) -> None:
        grid = self._make_grid()
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
        wide = self.labels[name].sizeHint().width() > COLUMN
        if isinstance(editor, SwitchEditor) and wide:
            grid.addLayout(_beside(self.labels[name], editor), row, 0, 1, 2)
        elif editor.WIDE:
            grid.addWidget(self.labels[name], row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(editor, row + 1, 0, 1, 2)
        else:
            grid.addWidget(self.labels[name], row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(editor, row, 1)

    def _show_rare(self) -> None:
        """Show the settings below the fold, or only those that say something."""
        for name in self.editors:
            self._show_changed(name)
        for name in self.rare:
            editor = self.editors[name]
            kept = editor.value() != self._defaults[name] or _has_focus(editor)
            self._set_row_shown(name, self.fold.isChecked() or kept)

    def _set_row_shown(self, name: str, shown: bool) -> None:
        self.editors[name].setVisible(shown)
        self.labels[name].setVisible(shown)

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

    def show_several(
        self, blocks: Sequence[tuple[str, Mapping[str, object]]], *, fresh: bool = False
    ) -> None:
        """Show what several blocks, each with its name and values, have in common.

        Where they differ the editor says so, and its tooltip lists the values.
        """
        for name, editor in self.editors.items():
            if fresh:
                editor.forget()
            values = [each[name] for _, each in blocks]
            if all(value == values[0] for value in values):
                editor.show_input(None)
                editor.set_value(values[0])
            else:
                editor.show_mixed(values, _listed(editor, [block for block, _ in blocks], values))
        self._show_rare()

    def drafts(self) -> dict[str, str]:
        """The texts that were refused and still stand in their fields, by setting."""
        drafts = {name: editor.draft() for name, editor in self.editors.items()}
        return {name: draft for name, draft in drafts.items() if draft}

    def restore(self, drafts: Mapping[str, str]) -> None:
        """Put texts back that were refused before, with their sentences."""
        for name, draft in drafts.items():
            self.editors[name].restore(draft)
            self.reveal(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Delete puts the default of the setting back that has the keyboard."""
        chosen = next((each for each in self.editors.values() if _has_focus(each)), None)
        if event.keyCombination() in _RESETS and chosen is not None:
            if chosen.changed and not self._locked:
                chosen.reset()
        else:
            super().keyPressEvent(event)

    def mark(self, name: str) -> None:
        """Stress the editor of the setting `name`; an empty name stresses none."""
        for each, editor in self.editors.items():
            editor.set_marked(each == name)

    def set_locked(self, locked: bool, reasons: Mapping[str, str] | None = None) -> None:
        """Take no input while `locked`; with `reasons` only those settings, by their name.

        The reason stands in the tooltip of the setting.
        """
        self._locked = locked
        self._reasons = dict.fromkeys(self.editors, LOCKED) if reasons is None else reasons
        for name, editor in self.editors.items():
            closed = self.is_locked(name)
            editor.set_locked(closed)
            self.labels[name].set_locked(closed)
            words = tooltip(editor.setting, self._defaults[name])
            reason = f"{pretty(self._reasons[name])}\n\n" if closed else ""
            self.labels[name].words.setToolTip(f"{reason}{words}")
            self._show_changed(name)

    def is_locked(self, name: str) -> bool:
        """Whether the setting `name` takes no input now."""
        return self._locked and name in self._reasons


def _beside(words: SettingLabel, editor: Editor) -> QHBoxLayout:
    """A label and a switch in one line, where long words do not push the other editors aside."""
    words.setMinimumWidth(LABELS)
    line = QHBoxLayout()
    line.setSpacing(GAP)
    line.addWidget(words)
    line.addWidget(editor, 1)
    return line


def _listed(editor: Editor, names: Sequence[str], values: Sequence[object]) -> str:
    """The values of a few blocks: "CONV 1: 6 · CONV 2: 16"."""
    words = [
        f"{name}: {value_words(editor.setting, value)}"
        for name, value in zip(names, values, strict=True)
    ]
    more = [f"{len(words) - MOST_LISTED} more"] if len(words) > MOST_LISTED else []
    return " · ".join([*words[:MOST_LISTED], *more])


def _has_focus(editor: Editor) -> bool:
    focused = editor.focusWidget() if editor.isVisible() else None
    return focused is not None and focused.hasFocus()
