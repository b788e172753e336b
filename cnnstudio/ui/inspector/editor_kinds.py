"""Which editor each kind of setting gets."""

from __future__ import annotations

from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import (
    Choice,
    Fraction,
    Pair,
    Setting,
    Switch,
    Table,
    WholeNumber,
)
from cnnstudio.ui.inspector.editors import ChoiceEditor, Editor, SwitchEditor
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.pair_editor import PairEditor
from cnnstudio.ui.inspector.rows_editor import BranchesEditor, RowEditor
from cnnstudio.ui.inspector.table_editor import TableEditor
from cnnstudio.ui.theme import ThemeManager


def make_editor(setting: Setting, name: str, themes: ThemeManager) -> Editor:
    """The editor for `setting`; a kind of setting without one is a TypeError."""
    match setting:
        case WholeNumber() | Fraction():
            return NumberEditor(name, setting, themes)
        case Choice():
            return ChoiceEditor(name, setting, themes)
        case Switch():
            return SwitchEditor(name, setting, themes)
        case Pair():
            return PairEditor(name, setting, themes)
        case Table():
            return TableEditor(name, setting, themes)
        case Row():
            return RowEditor(name, setting, themes)
        case Rows():
            return BranchesEditor(name, setting, themes)
    raise TypeError(f"no editor for a setting of kind {type(setting).__name__}")
