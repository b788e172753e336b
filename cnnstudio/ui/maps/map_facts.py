"""The column beside maps and filters: how values are scaled, gradients or not, and their spread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.choice_fields import Segmented
from cnnstudio.ui.parts.spread import Spread, Values
from cnnstudio.ui.theme import ThemeManager

WIDTH = 188

GRADIENTS = "Gradients"


class MapFacts(QWidget):
    """A switch between own and shared scales, one for gradients, and the histogram."""

    changed = Signal()

    def __init__(self, themes: ThemeManager, *, scales: bool = True) -> None:
        super().__init__()
        self.scale = Segmented({"own": "Own", "shared": "Shared"}, themes)
        self.scale.set_value("own")
        for word, tip in (
            ("own", "Each map in colours up to its own largest value"),
            ("shared", "All maps in the same colours, up to the largest value of all"),
        ):
            self.scale.buttons[word].setToolTip(tip)
            self.scale.buttons[word].setAccessibleName(f"{word} scale")
        self._scales = scales
        self.gradients = PushButton(themes, GRADIENTS)
        self.gradients.setCheckable(True)
        self.gradients.setToolTip(
            "Show beside them how the loss of the probe image depends on them"
        )
        self.gradients.setAccessibleName(GRADIENTS)
        self.spread = Spread(themes)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.scale)
        line.addStretch(1)
        line.addWidget(self.gradients)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.spread, 1)
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.scale.chosen.connect(lambda _word, _merge: self.changed.emit())
        self.gradients.toggled.connect(lambda _on: self.changed.emit())

    @property
    def is_shared(self) -> bool:
        """Whether all maps have one scale."""
        return self.scale.value() == "shared"

    def show_values(self, values: Values | None, *, scalable: bool = True) -> None:
        """Show how some values are spread; `scalable` where there are maps that can be scaled."""
        self.scale.setVisible(self._scales and scalable)
        self.spread.show_values(values)
