"""The form of the training recipe: its settings in groups, without those that do nothing now."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel

from cnnstudio.blocks import Shape
from cnnstudio.engine import changes
from cnnstudio.network import Recipe
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager

GROUPS = {
    "The run": ("epochs", "batch_size", "validation", "patience", "seed"),
    "Optimizer": ("optimizer", "learning_rate", "momentum", "weight_decay", "clip"),
    "Schedule": ("schedule", "warm_up", "step_epochs", "step_factor"),
    "Regularisation": ("l1", "l2", "label_smoothing", "ema"),
    "Augmentation": ("shift", "rotation", "scaling", "elastic", "changed"),
}
"""The settings by what they are for, as they stand below each other."""

REASONS = {
    name: words for name in Recipe.declarations() if (words := changes.refusal(name)) is not None
}
"""Why a setting cannot be changed while a run goes on; the others can."""


class RecipeForm(SettingsForm):
    """A SettingsForm with headings; a setting of another optimizer or schedule is not shown.

    While a run goes on the settings stay open that may be changed between two steps.
    """

    def __init__(self, themes: ThemeManager) -> None:
        self.headings: dict[str, QLabel] = {}
        self._recipe = Recipe()
        super().__init__(Recipe, themes)

    def show_values(
        self, values: object, shape: Shape | None = None, *, fresh: bool = False
    ) -> None:
        """Show the values of a recipe; see SettingsForm."""
        assert isinstance(values, dict)
        self._recipe = Recipe(**values)
        super().show_values(values, shape, fresh=fresh)

    def lock(self, locked: bool) -> None:
        """Close what is fixed while a run goes on; the run is given no half-typed numbers."""
        self.set_locked(locked, REASONS)
        for editor in self.editors.values():
            if isinstance(editor, NumberEditor):
                editor.patient = locked

    def _arrange(self) -> None:
        grid = self._make_grid()
        for title, names in GROUPS.items():
            self._add_heading(grid, title)
            for name in names:
                self._add(grid, name)
        grid.addWidget(self.fold, grid.rowCount(), 0, 1, 2)
        self._show_rare()

    def _add_heading(self, grid: QGridLayout, title: str) -> None:
        heading = self.headings[title] = label("caption", title)
        heading.setContentsMargins(0, 8 if grid.count() else 0, 0, 0)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)

    def _show_rare(self) -> None:
        """Show what says something, below the fold or not, and the headings over it."""
        super()._show_rare()
        for title, names in GROUPS.items():
            for name in names:
                if not changes.of_use(name, self._recipe):
                    self._set_row_shown(name, False)
                elif name not in self.rare:
                    self._set_row_shown(name, True)
            shown = any(not self.editors[name].isHidden() for name in names)
            self.headings[title].setVisible(shown)
