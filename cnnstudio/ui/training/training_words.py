"""What Train will do, in words, and the way to change it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.network import Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.setting_words import number_words
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager


class EmptyState(QWidget):
    """What Train will do, in words, and the way to change it."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session = session
        self.title = label("name", "Not trained yet")
        self.words = label("caption", wrap=True)
        self.words.setMaximumWidth(600)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.change = Chip("Change the recipe", themes)
        self.change.setToolTip("Show the training recipe in the inspector")
        self.change.clicked.connect(lambda: session.select(()))
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.words, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.change, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def refresh(self) -> None:
        """Describe the present recipe, or why training cannot start."""
        refusal = self._session.train_refusal
        words = recipe_words(self._session)
        self.words.setText(f"{refusal}\n{words}" if refusal else words)
        self.change.setEnabled(not self._session.locked)


def recipe_words(session: Session) -> str:
    """What Train will do."""
    recipe, data = session.recipe, session.dataset
    times = "once" if recipe.epochs == 1 else f"{recipe.epochs:,} times"
    kept = min(recipe.validation, len(data.train)) if data else recipe.validation
    images = "the pictures"
    if data is not None:
        images = f"{len(data.train) - kept:,} pictures of {data.name.upper()}"
    words = (
        f"Train goes {times} through {images} with {method_words(recipe)}, "
        f"{recipe.batch_size:,} at a step, learning rate {number_words(recipe.learning_rate)}."
    )
    words += f" {kept:,} more are kept aside to measure with." if kept else ""
    if recipe.patience and kept:
        epochs = "epoch" if recipe.patience == 1 else f"{recipe.patience:,} epochs"
        words += f" It stops after the first {epochs} without a better accuracy on them."
    return words


def method_words(recipe: Recipe) -> str:
    """The optimizer's name."""
    options = Recipe.declarations()["optimizer"].options  # type: ignore[attr-defined]
    return str(options[recipe.optimizer])


def epoch_words(position: float) -> str:
    """Of which weights something is: of those at a `position` in epochs."""
    whole = position == round(position)
    return f"after epoch {position:,.0f}" if whole else f"at epoch {position:,.2f}"
