"""Parts of the inspector: its header, and the totals of the network."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.network import Report
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.inspector.facts import BYTES, Notes, memory_words
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import Fact, GlyphTile, label
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

LOCK = 14
"""Width and height of the lock, in pixels."""


class Header(QWidget):
    """Glyph tile, name, a line below, the way back from an inner block, the lock while training."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.back = PushButton(themes, icon_name="chevron-left")
        self.back.hide()
        self.tile = GlyphTile(32, themes)
        self.name = label("name", wrap=True)
        self.line = label("caption", wrap=True)
        self._lock_words = label("caption", "training")
        self._lock_icon = QLabel()
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addLayout(self._make_caption())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addWidget(self.tile)
        row.addSpacing(8)
        row.addLayout(words, 1)

    def _make_caption(self) -> QHBoxLayout:
        """The line and the lock, whose room is kept: nothing below moves when training begins."""
        caption = QHBoxLayout()
        caption.setSpacing(4)
        caption.addWidget(self.line, 1)
        for part in (self._lock_words, self._lock_icon):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
            part.hide()
            caption.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self._lock_icon.setFixedSize(LOCK, LOCK)
        return caption

    def show_words(self, name: str, line: str) -> None:
        """Show the name and the line below it."""
        self.name.setText(name)
        self.line.setText(line)

    def show_way_back(self, name: str) -> None:
        """Offer the way to the block called `name`, which holds this one; an empty name none."""
        words = f"Back to {name}"
        self.back.setVisible(bool(name))
        self.back.setToolTip(words)
        self.back.setAccessibleName(words)

    def set_locked(self, locked: bool) -> None:
        """Show the lock or not."""
        tone = self._themes.theme.color("text2")
        self._lock_icon.setPixmap(pixmap("lock", tone, LOCK, self.devicePixelRatioF()))
        self._lock_words.setVisible(locked)
        self._lock_icon.setVisible(locked)


class NetworkFacts(QWidget):
    """The totals of the network, or of the selected blocks."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.output = Fact("Output")
        self.parameters = Fact("Parameters")
        self.cost = Fact("Multiply-adds")
        self.memory = Fact("Memory")
        self.weights = Fact("Weights")
        self.notes = Notes(themes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for fact in (self.output, self.parameters, self.cost, self.memory, self.weights):
            column.addWidget(fact)
        column.addSpacing(4)
        column.addWidget(self.notes)

    def show_network(self, report: Report) -> None:
        """Show the totals of what is known."""
        shape = report.output_shape
        known = "" if report.ok else "known so far"
        unit = "values" if shape and shape.is_flat else ""
        self.output.show_value(pretty(str(shape)) if shape else "?", unit)
        self.parameters.show_value(f"{report.parameters:,}", known)
        self.cost.show_value(f"{report.multiply_adds:,}", known or "per image")
        memory = memory_words(BYTES * report.activations)
        tip = f"{report.activations:,} values, those of the input included, in float32"
        self.memory.show_value(memory, "per image", tip)
        tip = "The parameters in float32, as a file holds them"
        self.weights.show_value(memory_words(BYTES * report.parameters), "", tip)
        errors = [p for _, p in report.problems if p.severity == "error"]
        self.notes.show_problems(errors)
