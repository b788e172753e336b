"""The line above the curves that says by what other recipe they were made than the present one."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.network import Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.setting_words import value_words
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import Elided
from cnnstudio.ui.theme import ThemeManager


class RecipeRemark(QWidget):
    """Shown when the recipe was edited since the run that made the curves; takes it back."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session = session
        self.words = Elided()
        self.back = PushButton(themes, "Use it again")
        self.back.setAccessibleName("Use the recipe of the last run again")
        self.back.setToolTip("Train by the recipe of the last run again; Undo brings yours back")
        self.back.clicked.connect(session.take_run_recipe)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.back)
        self.hide()

    def refresh(self) -> None:
        """Say what differs, or be gone where nothing does."""
        session, used = self._session, self._session.run_recipe
        differs = used is not None and used != session.recipe and not session.locked
        if used is not None and differs:
            self.words.setText(differing_words(used, session.recipe))
        self.setVisible(differs)


def differing_words(used: Recipe, now: Recipe) -> str:
    """Such as: Last run: learning rate 0.01 (now 0.05), batch size 64 (now 128)."""
    parts = [
        f"{setting.label[:1].lower()}{setting.label[1:]} "
        f"{value_words(setting, getattr(used, name))} "
        f"(now {value_words(setting, getattr(now, name))})"
        for name, setting in Recipe.declarations().items()
        if getattr(used, name) != getattr(now, name)
    ]
    return f"Last run: {', '.join(parts)}"
